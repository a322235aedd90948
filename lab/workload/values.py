# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Pools of realistic and of awkward values, as text for LOAD DATA. A row picks from pools, which costs far less than making values."""

from __future__ import annotations

from datetime import date
from random import Random

NULL = r"\N"
_EPOCH = date(1970, 1, 1).toordinal()
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"})

# What breaks readers: words that mean nothing elsewhere, quotes, delimiters, line ends, templates, bidirectional and invisible text.
AWKWARD = (
    "", "NULL", "null", r"\N", "\\", r"\\", r"\n", r"C:\new\table", "'", '"', '""', '"quoted"', "it's",
    'say "hi", then go', ",", ",,,", ",\"", '",', ";", "\t", "a\tb", "\n", "one\ntwo", "one\r\ntwo", "\r", "one\rtwo",
    "\n\n", 'a,"b\nc",d', " ", " leading", "trailing ", "#", "BAN#1", "SUB##", "{ban}", "{{ 7 * 7 }}", "%s",
    "${HOME}", "$(id)", "`id`", "<script>alert(1)</script>", "&amp;", "'; DROP TABLE charge; --", "__DMS_NULL",
    "DMS_NULL__", "I,1,2", "None", "nan", "true", "-0", "1e400", "007", "0x1F", "2024-02-30", "\x01\x1f", "\x7f",
    "\u0085", "\u2028", "\u2029", "\ufeff", "\ufffd", "e\u0301", "\u00e9",
    "Z\u0351\u0302a\u0300\u0301l\u030dg\u0306o\u0308", "\u202etxet\u202c", "\u200b", "a\u00a0b", "\U0001f600",
    "\U0001f469\u200d\U0001f4bb", "\U0001f1ea\U0001f1ea", "\U0001d54f", "\U0002070e", "ﬀ", "İı", "ß", "Ωω", "ŉ",
)  # fmt: skip

FIRST_NAMES = (
    "Anna", "Bob", "Chloë", "Dagný", "Éric", "François", "Gül", "Håkon", "İpek", "Jörg", "Krzysztof", "Łucja",
    "María José", "Nuño", "Øyvind", "Þóra", "Renée", "Siân", "Tomáš", "Uğur", "Võ Nguyên", "Zoë", "Αλέξανδρος",
    "Ελένη", "Дмитрий", "Ольга", "Ганна", "Љубица", "დავით", "Արամ", "יעל", "أحمد", "فاطمة", "پروین", "आरव",
    "প্রিয়া", "தமிழ்", "తేజ", "ಅನನ್ಯ", "മീര", "සුනිල්", "สมชาย", "ສົມພອນ", "မြင့်", "បុប្ផា", "太郎", "さくら", "伟",
    "麗華", "지우", "ታደሰ", "Amélie", "Jose\u0301", "Bjo\u0308rn", "D'Arcy", "Nguyễn", "ʻIolani", "🦊 Fox",
    "Ana 👩‍🚀",
)  # fmt: skip

LAST_NAMES = (
    "O'Neil", "Müller-Lüdenscheidt", "Smith, Jr.", 'McDonald "Mac"', "d’Artagnan", "Nuñez y García",
    "Þorsteinsdóttir", "Škvorecký", "Wójcik", "Szőke", "Bălan", "Παπαδόπουλος", "Иванов", "Шевченко", "აბაშიძე",
    "Պետրոսյան", "כהן", "الحسن", "رضایی", "शर्मा", "চৌধুরী", "சுப்பிரமணியம்", "ราชสีห์", "ဦးသန့်", "田中", "王", "김",
    "Nakamura", "Ng", "van 't Hoff", "Ångström", "Çelik", "de la Cruz", "Null", "True", "Test\\User", "Smith;Jones",
    "Muster & Söhne GmbH", "Café “Zum Löwen”", "株式会社サンプル", "ООО «Ромашка»", "A|B Telecom", "50% Off Ltd",
    "Mu\u0308ller", "Ngo\u0302\u0303", "🚀 Rocket Labs", "Smith", "Jones", "Brown", "Lee", "Garcia", "Rossi",
    "Dubois",
)  # fmt: skip

_STREETS = (
    "Main St",
    "Rue de l'Église",
    "Königstraße",
    "Calle Nuñez",
    "ул. Ленина",
    "東京都千代田区",
    "شارع النيل",
    "Via Garibaldi",
    "Łąkowa",
    "O'Connell Street",
)
_CITIES = (
    "Springfield",
    "Paris",
    "Köln",
    "Córdoba",
    "Київ",
    "東京",
    "القاهرة",
    "Roma",
    "Łódź",
    "Dublin",
    "São Paulo",
    "Thành phố Hồ Chí Minh",
)
_WORDS = (
    "roaming",
    "call",
    "data",
    "1 GB",
    "SMS",
    "international",
    "voicemail",
    "credit",
    "refund",
    "late fee",
    "monthly",
    "pro-rata",
    "é",
    "día",
    "данные",
    "通話",
    "مكالمة",
    "📱",
)


def escaped(text: str) -> str:
    """``text`` as one field of a LOAD DATA file: tabs, line ends and backslashes escaped."""
    return text.translate(_ESCAPES)


def iso_date(day: int) -> str:
    """The date ``day`` days after 1970-01-01."""
    return date.fromordinal(_EPOCH + day).isoformat()


def times(random: Random, size: int) -> list[str]:
    """Times of day; office hours are busier than the night."""
    return [
        f"{hour:02d}:{random.randrange(60):02d}:{random.randrange(60):02d}"
        for hour in (int(random.triangular(0, 24, 15)) for _ in range(size))
    ]


def fractions(random: Random, size: int) -> list[str]:
    """Microseconds of a second with their point, the edges among them."""
    return [".000000", ".999999", ".000001", ".100000", *(f".{random.randrange(1_000_000):06d}" for _ in range(size - 4))]


def texts(random: Random, size: int, limit: int, *, null: float, words: int = 6) -> list[str]:
    """Free texts of at most ``limit`` characters: sentences, every awkward value that fits, NULL with the share ``null``."""
    nulls = round(size * null)
    edges = [text for text in AWKWARD if len(text) <= limit] + ["\U0001f4a1" * limit]
    sentences = (" ".join(random.choices(_WORDS, k=random.randint(1, words)))[:limit] for _ in range(size - nulls - len(edges)))
    pool = [NULL] * nulls + [escaped(text) for text in (*edges, *sentences)]
    random.shuffle(pool)
    return pool


def first_names(random: Random, size: int) -> list[str]:
    """Given names of many scripts, a few of them missing (a business has none), a few awkward. At most 60 characters."""
    named = [*random.choices(FIRST_NAMES, k=size - size // 8), *(text for text in AWKWARD if len(text) <= 60)]
    return [NULL] * (size // 8) + [escaped(name) for name in named]


def last_names(random: Random, size: int) -> list[str]:
    """Family and business names, double ones too. At most 120 characters, never empty."""
    double = (f"{random.choice(LAST_NAMES)}-{random.choice(LAST_NAMES)}" for _ in range(size // 10))
    return [escaped(name) for name in (*random.choices(LAST_NAMES, k=size), *double, "Ж" * 120)]


def addresses(random: Random, size: int) -> list[str]:
    """Postal addresses of one to three lines. At most 250 characters."""
    breaks = (", ", "\n", "\r\n", "; ")
    made = [
        f"{random.randrange(1, 400)} {street}{random.choice(breaks)}{city} {random.randrange(1000, 99999)}"
        for street, city in zip(random.choices(_STREETS, k=size), random.choices(_CITIES, k=size), strict=True)
    ]
    return [NULL] * (size // 10) + [escaped(text) for text in (*made, *(text for text in AWKWARD if len(text) <= 250))]


def amounts(random: Random, size: int, scale: int, *, typical: float, negative: float) -> list[str]:
    """Decimal numbers of ``scale`` places with a long tail around ``typical``; the share ``negative`` is below zero."""
    edges = [f"{edge}.{'0' * scale}" for edge in ("0", "1", "-1", "100")] + [f"{sign}0.{'0' * (scale - 1)}1" for sign in ("", "-")]
    made = (random.lognormvariate(0, 1.4) * typical * (-1 if random.random() < negative else 1) for _ in range(size))
    return edges + [decimal(number, scale) for number in made]


def decimal(number: float, scale: int) -> str:
    """``number`` with ``scale`` places; a DECIMAL knows no negative zero."""
    text = f"{number:.{scale}f}"
    return text.removeprefix("-") if not text.strip("-0.") else text
