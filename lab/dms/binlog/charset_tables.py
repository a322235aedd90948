# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Single-byte character sets of the server where Python has none or another: the codec to begin with, and what the server has instead.

As MariaDB 10.11 answers CONVERT(CONVERT(x'..' USING name) USING utf8mb4) for each byte; a question mark where it knows no character.
"""

CORRECTIONS: dict[str, tuple[str, dict[int, str]]] = {
    "armscii8": (
        "latin-1",
        {
            0xA1: "\u2741\xa7\u0589)(\xbb\xab\u2014.\u055d,-\u055f\u2026\u055c\u055b",
            0xB1: "\u055e\u0531\u0561\u0532\u0562\u0533\u0563\u0534\u0564\u0535\u0565\u0536\u0566\u0537\u0567\u0538",
            0xC1: "\u0568\u0539\u0569\u053a\u056a\u053b\u056b\u053c\u056c\u053d\u056d\u053e\u056e\u053f\u056f\u0540",
            0xD1: "\u0570\u0541\u0571\u0542\u0572\u0543\u0573\u0544\u0574\u0545\u0575\u0546\u0576\u0547\u0577\u0548",
            0xE1: "\u0578\u0549\u0579\u054a\u057a\u054b\u057b\u054c\u057c\u054d\u057d\u054e\u057e\u054f\u057f\u0550",
            0xF1: "\u0580\u0551\u0581\u0552\u0582\u0553\u0583\u0554\u0584\u0555\u0585\u0556\u0586\u2019'",
        },
    ),
    "cp1256": (
        "cp1256",
        {
            0x8A: "?",
            0x8F: "?",
            0x98: "?",
            0x9A: "?",
            0x9F: "?",
            0xAA: "?",
            0xC0: "?",
            0xFF: "?",
        },
    ),
    "cp866": (
        "cp866",
        {
            0xFC: "\u207f\xb2",
        },
    ),
    "dec8": (
        "latin-1",
        {
            0xA4: "?",
            0xA6: "?",
            0xA8: "\xa4",
            0xAC: "????",
            0xB4: "?",
            0xB8: "?",
            0xBE: "?",
            0xD0: "?",
            0xD7: "\u0152",
            0xDD: "\u0178?",
            0xF0: "?",
            0xF7: "\u0153",
            0xFD: "\xff??",
        },
    ),
    "geostd8": (
        "cp1252",
        {
            0x83: "?",
            0x88: "?",
            0x8A: "?",
            0x8C: "?",
            0x8E: "?",
            0x98: "???",
            0x9C: "?",
            0x9E: "??",
            0xC0: "\u10d0\u10d1\u10d2\u10d3\u10d4\u10d5\u10d6\u10f1\u10d7\u10d8\u10d9\u10da\u10db\u10dc\u10f2\u10dd",
            0xD0: "\u10de\u10df\u10e0\u10e1\u10e2\u10f3\u10e3\u10e4\u10e5\u10e6\u10e7\u10e8\u10e9\u10ea\u10eb\u10ec",
            0xE0: "\u10ed\u10ee\u10f4\u10ef\u10f0\u10f5??????????",
            0xF0: "?????????????\u2116??",
        },
    ),
    "greek": (
        "iso8859_7",
        {
            0xA1: "\u02bd\u02bc",
            0xA4: "??",
            0xAA: "?",
        },
    ),
    "hebrew": (
        "iso8859_8",
        {
            0xAF: "\u203e",
        },
    ),
    "hp8": (
        "hp_roman8",
        {},
    ),
    "keybcs2": (
        "cp437",
        {
            0x80: "\u010c",
            0x83: "\u010f",
            0x85: "\u010e\u0164\u010d\u011b\u011a\u0139\xcd\u013e\u013a",
            0x8F: "\xc1",
            0x91: "\u017e\u017d",
            0x95: "\xd3\u016f\xda\xfd",
            0x9B: "\u0160\u013d\xdd\u0158\u0165",
            0xA4: "\u0148\u0147\u016e\xd4\u0161\u0159\u0155\u0154",
        },
    ),
    "koi8u": (
        "koi8_u",
        {
            0x95: "\u2022",
        },
    ),
    "latin1": (
        "cp1252",
        {
            0x81: "\x81",
            0x8D: "\x8d",
            0x8F: "\x8f\x90",
            0x9D: "\x9d",
        },
    ),
    "swe7": (
        "ascii",
        {
            0x40: "\xc9",
            0x5B: "\xc4\xd6\xc5\xdc",
            0x60: "\xe9",
            0x7B: "\xe4\xf6\xe5\xfc?",
        },
    ),
    "tis620": (
        "tis620",
        {
            0xA0: "\ufffd",
            0xDB: "\ufffd\ufffd\ufffd\ufffd",
            0xFC: "\ufffd\ufffd\ufffd\ufffd",
        },
    ),
}
