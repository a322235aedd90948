# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Dialects: what the files look like where AWS does not document it.

Each field of ``Dialect`` is one open question about the text that DMS writes for a MySQL source, and its values are the answers that are
plausible. A consumer of the files that copes with every dialect copes with DMS, whatever DMS turns out to do. Full load and change
capture follow the same dialect, so that a value has one text wherever it is written.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """One consistent set of answers."""

    name: str
    summary: str
    # BIT(1): "digit" 0 or 1, "word" false or true.
    boolean: str = "digit"
    # Binary values: "upper" or "lower" hexadecimal digits behind ``hex_prefix`` ("", "0x" or "\\x").
    hex_case: str = "upper"
    hex_prefix: str = ""
    # DATETIME, TIMESTAMP, TIME: "declared" writes six digits of a second where the type declares any and none otherwise, "six" always
    # writes six, "exact" as many digits as the type declares.
    fraction: str = "declared"
    # DATE, DATETIME, TIMESTAMP whose year, month and day are all zero: "text" as the server prints them, "null" as NULL.
    zero_date: str = "text"
    # FLOAT and DOUBLE: "server" as MySQL prints the double (1.5e20), "plain" never with an exponent, "scientific" always with one digit
    # before the point and an exponent of a sign and at least two digits (1.5E+20, 0E+00).
    real: str = "server"
    # FLOAT: "double" prints the double that it widens to, "single" what the server prints for a FLOAT: six significant digits, or the
    # decimals that FLOAT(m,d) declares.
    float_width: str = "double"
    # DECIMAL: "kept" trailing zeros as declared, "trimmed" without them, and without the point where nothing is left behind it.
    decimal_zeros: str = "kept"
    # An empty text: "bare" nothing between the delimiters, "quoted" a pair of quotes (with Rfc4180). Bytes of no length are never quoted.
    empty_string: str = "bare"
    # A carriage return in a text puts it in quotes, or does not.
    quote_carriage_return: bool = True
    # JSON of MySQL: "server" as the server prints it, "compact" without blanks behind commas and colons. MariaDB's JSON is a LONGTEXT and
    # is written as such.
    json: str = "server"
    # Added columns in rows that have no value for them (before images other than of updates, $AR_H_CHANGE_SEQ and
    # $AR_H_STREAM_POSITION of a full load): "empty" or "marker", the NULL marker.
    absent_added: str = "empty"
    # Before-image columns of updates: "always", or "changed" only where the value differs from the new one.
    before_image: str = "always"
    # Deletes: "full" all columns as they were, "key" the columns of the key and the NULL marker for the rest.
    deletes: str = "full"
    # Order of what rules add behind the source's columns: "rules" as the rules stand, "before-images-last".
    added_order: str = "rules"
    # Where TimestampColumnName stands in CDC_TXN files: "after-operation", or "after-schema".
    transaction_timestamp: str = "after-operation"
    # Names of per-table change files: nine ("milliseconds") or ten digits behind the dash.
    change_file_digits: int = 9
    # Generated columns: "written" in full load and changes, or "omitted".
    generated: str = "written"
    # Target table preparation other than DO_NOTHING: "purges" the table's files, or "keeps" them.
    preparation: str = "purges"
    # $AR_H_STREAM_POSITION: "file:position" or the "checkpoint" form.
    stream_position: str = "file:position"
    # $AR_H_CHANGE_SEQ after a resume: "continues" with the same numbers for the same changes, "restarts" the counter.
    sequence_after_resume: str = "continues"


GUIDE = Dialect("guide", "the user guide, and where it is silent the plainest reading of it")
DIALECTS = {
    dialect.name: dialect
    for dialect in (
        GUIDE,
        Dialect(
            "words",
            "true and false, lower-case hexadecimal with 0x, six digits of a second everywhere, zero dates as NULL",
            boolean="word",
            hex_case="lower",
            hex_prefix="0x",
            fraction="six",
            zero_date="null",
            empty_string="quoted",
            json="compact",
            absent_added="marker",
        ),
        Dialect(
            "sparse",
            "as little as possible: key-only deletes, before images only of what changed, trimmed decimals, single-width floats",
            hex_case="lower",
            fraction="exact",
            float_width="single",
            decimal_zeros="trimmed",
            quote_carriage_return=False,
            before_image="changed",
            deletes="key",
            generated="omitted",
            preparation="keeps",
        ),
        Dialect(
            "exponents",
            "numbers with exponents, PostgreSQL's prefix for bytes, other places and orders of what is added, a sequence that restarts",
            hex_prefix="\\x",
            real="scientific",
            added_order="before-images-last",
            transaction_timestamp="after-schema",
            change_file_digits=10,
            stream_position="checkpoint",
            sequence_after_resume="restarts",
        ),
        Dialect("plain", "floating-point numbers written out in full, whatever their size", real="plain"),
    )
}
