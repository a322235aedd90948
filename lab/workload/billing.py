# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The rows of the billing system, table by table, parents first: a function of seed and number of rows alone.

Every line is one row as LOAD DATA reads it: columns in the order of ``examples/billing/schema.sql``, tabs between them, ``\\N`` for
NULL, backslash escapes. Each table ends with rows at the edges of its number types.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, chain, cycle, islice
from random import Random

from lab.workload.population import MAX_UINT16, MAX_UINT32, MAX_UINT64, TABLES, Population, populate
from lab.workload.values import NULL, addresses, amounts, decimal, first_names, fractions, iso_date, last_names, texts, times

BLOCK = 4_096  # rows that are made and handed over together
POOL = 4_096  # values to pick from, at most
TEXTS = 512  # few, so that each of the awkward ones comes up often
FIRST_DAY = 19_358  # 2023-01-01; the charges and bills of three years follow
DAYS = 1_096

_LANGUAGES = ("en", "de", "fr", "es", "it", "pl", "uk", "ar", "he", "hi", "ja", "zh", "ko", "th")
_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "PLN", "JPY", "INR", "KWD")
_CYCLES = (1, 4, 7, 10, 13, 16, 19, 22, 25, 28)

# Codes from very frequent to rare; some differ only in case, which a binary collation and DynamoDB both keep apart.
_FEATURES = (
    "VOICE1",
    "DATA01",
    "SMS001",
    "ROAM01",
    "voice1",
    "Data01",
    "INTL01",
    "VMAIL1",
    "LATE01",
    "CREDIT",
    "EQUIP1",
    "TAX#01",
    "ÉTÉ 01",
    "免费通话01",
    "A",
    "~~~~~~",
)


@dataclass(frozen=True, slots=True)
class BillingRows:
    """The rows of all tables, to be made one table after the other."""

    population: Population
    seed: int

    @classmethod
    def of(cls, rows: int, seed: int) -> BillingRows:
        return cls(populate(rows, seed), seed)

    @property
    def rows(self) -> dict[str, int]:
        return self.population.rows

    def blocks(self, table: str) -> Iterator[bytes]:
        return table_blocks(table, self.population, self.seed)


def table_blocks(table: str, population: Population, seed: int) -> Iterator[bytes]:
    """The rows of one table as blocks of whole lines, UTF-8."""
    random = Random(f"{table}:{seed}")  # noqa: S311 - the same seed must give the same data
    lines = _MAKERS[table](random, population, min(POOL, max(TEXTS, population.rows[table])))
    while block := list(islice(lines, BLOCK)):
        yield "".join(block).encode()


def all_blocks(rows: int, seed: int) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Every table with its blocks, parents before children."""
    population = populate(rows, seed)
    for table in TABLES:
        yield table, table_blocks(table, population, seed)


def _moments(random: Random, size: int) -> list[str]:
    """DATETIME(6) values of the three years, in no order."""
    return [
        f"{iso_date(FIRST_DAY + random.randrange(DAYS))} {time}{fraction}"
        for time, fraction in zip(times(random, size), fractions(random, size), strict=True)
    ]


def _created_updated(random: Random, size: int) -> list[str]:
    """Creation and update moments as two fields; most rows were never updated."""
    created = sorted(_moments(random, 2 * size))
    return [f"{first}\t{later if random.random() < 0.3 else NULL}\n" for first, later in zip(created[:size], created[size:], strict=True)]


def _picks(random: Random, *pools: list[str]) -> Iterator[tuple[str, ...]]:
    """Endless tuples with one value of each pool."""
    return zip(*(_deal(random, pool) for pool in pools), strict=True)


def _deal(random: Random, pool: list[str]) -> Iterator[str]:
    """Every value of the pool once, so that none is missing, then any."""
    yield from random.sample(pool, len(pool))
    while True:
        yield from random.choices(pool, k=BLOCK)


def _accounts(random: Random, population: Population, size: int) -> Iterator[str]:
    kinds = [f"{kind}\t{sub}\t{status}" for kind in "IIIBBG" for sub in ("R", "SOHO", "CORP", "GOV") for status in "OOOOOOSCN"]
    dates = [
        f"{iso_date(FIRST_DAY - random.randrange(9_000))}\t{random.choice(('A', 'B', 'C', 'D', NULL))}\t{random.choice(_CURRENCIES)}"
        for _ in range(size)
    ]
    balances = amounts(random, size, 2, typical=40, negative=0.15)
    notes = texts(random, TEXTS, 500, null=0.6, words=30)
    edges = {0: "-9999999999.99", 1: "0.00", MAX_UINT32: "9999999999.99"}
    picks = _picks(random, kinds, dates, balances, notes, _created_updated(random, size))
    for ban, (kind, start, balance, note, moments) in zip(population.accounts, picks, strict=False):
        yield f"{ban}\t{kind}\t{start}\t{edges.get(ban, balance)}\t{note}\t{moments}"


def _customers(random: Random, population: Population, size: int) -> Iterator[str]:
    first, last, places = first_names(random, size), last_names(random, size), addresses(random, size)
    births = [
        *[NULL] * (size // 8),
        "1000-01-01",
        "1900-02-28",
        "2000-02-29",
        *(iso_date(random.randrange(-12_000, 14_000)) for _ in range(size)),
    ]
    hosts = ("example.com", "example.org", "bücher.example", "例え.example")
    boxes = ("a.b", "o'neil", "x+tag", '"q q"', "δοκιμή")
    mails = [f"{random.choice(boxes)}{random.randrange(10**6)}@{random.choice(hosts)}" for _ in range(size)]
    mails += [NULL] * (size // 8) + [""] * (size // 20)
    phones = [*[NULL] * (size // 10), *[""] * (size // 20), *(f"+{random.randrange(1, 99)} {random.randrange(10**9)}" for _ in range(size))]
    tongues = list(_LANGUAGES)
    last_number = len(population.accounts) - 1
    picks = _picks(random, first, last, mails, births, tongues, phones, places, _created_updated(random, size))
    for number, (ban, (given, family, mail, birth, tongue, phone, place, moments)) in enumerate(
        zip(population.accounts, picks, strict=False)
    ):
        customer = MAX_UINT32 if number == last_number else 7 * number
        yield f"{ban}\t{customer}\t{given}\t{family}\t{mail}\t{birth}\t{tongue}\t{phone}\t{place}\t{moments}"


def _subscribers(random: Random, population: Population, size: int) -> Iterator[str]:
    kinds = [f"{status}\t{product}" for status in "AAAAAASCR" for product in ("GSM", "GSM", "GSM", "FIXED", "IPTV", "IOT")]
    starts = [moment[:19] for moment in _moments(random, size)]
    sims = [
        *[NULL] * (size // 10),
        *[""] * (size // 20),
        *(f"89{random.randrange(10**18):018d}{random.choice(('', 'F'))}" for _ in range(size)),
    ]
    names = texts(random, TEXTS, 60, null=0.5)
    roaming = ["0", "0", "0", "1"]
    edges = {1: "-128", MAX_UINT64: "127"}  # TINYINT(1) holds these too
    picks = _picks(random, kinds, starts, sims, names, roaming, _created_updated(random, size))
    for number, ban, (kind, start, sim, name, roams, moments) in zip(population.subscribers, population.owners, picks, strict=False):
        yield f"{number}\t{ban}\t{kind}\t{start}\t{sim}\t{name}\t{edges.get(number, roams)}\t{moments}"


def _agreements(random: Random, population: Population, size: int) -> Iterator[str]:
    """Services of subscribers: everybody may have one of each kind, the codes are handed out from a different start for each."""
    codes = [f"SOC{number:06d}" for number in range(40)] + ["soc000001", "SOC#00001", "ÄÖÜ ßé", "a", "套餐000001"]
    rates = amounts(random, size, 4, typical=12, negative=0.03)
    spans = [
        f"{iso_date(day)}\t{random.choice((NULL, NULL, iso_date(day + random.randrange(30, 900)), '9999-12-31'))}"
        for day in _days(random, size)
    ]
    picks = _picks(random, spans, rates, _created_updated(random, size))
    edges = {0: "-999999.9999", 1: "999999.9999"}
    serial = 0
    for number, ban, count in _share_out(random, population, len(codes)):
        start = random.randrange(len(codes))
        for nth, (span, rate, moments) in zip(range(count), picks, strict=False):
            soc = codes[(start + nth) % len(codes)]
            yield f"{number}\t{soc}\t{ban}\t{serial or MAX_UINT32}\t{span}\t{edges.get(serial, rate)}\t{moments}"
            serial += 1


def _share_out(random: Random, population: Population, limit: int) -> Iterator[tuple[int, int, int]]:
    """Subscriber, owner and number of services; the numbers add up to the rows of the table."""
    wanted = population.rows["service_agreement"]
    counts = [1] * len(population.subscribers)
    for chosen in random.choices(range(len(counts)), k=wanted - len(counts)):
        free = chosen
        while counts[free] == limit:
            free = (free + 1) % len(counts)
        counts[free] += 1
    return zip(population.subscribers, population.owners, counts, strict=True)


def _days(random: Random, size: int) -> Iterator[int]:
    return (FIRST_DAY + random.randrange(DAYS) for _ in range(size))


def _bills(random: Random, population: Population, size: int) -> Iterator[str]:
    """Monthly bills, an account's in a row, each account in one cycle; accounts that came later have fewer."""
    totals = amounts(random, size, 2, typical=60, negative=0.04)
    states = [*["paid"] * 14, *["open"] * 3, *["overdue"] * 2, "written-off"]
    created = _created_updated(random, size)
    wanted, accounts = population.rows["bill"], population.accounts
    counts = [wanted // len(accounts) + (place < wanted % len(accounts)) for place in range(len(accounts))]
    for left in range(0, len(counts) - 1, 2):  # move bills from one neighbour to the other, the sum stays
        moved = random.randrange(min(counts[left], counts[left + 1]))
        counts[left], counts[left + 1] = counts[left] + moved, counts[left + 1] - moved
    months = [[_month(cycle_day, month) for month in range(36)] for cycle_day in _CYCLES]
    picks = _picks(random, totals, states, created)
    edge = {0: "-9999999999.99", MAX_UINT32: "9999999999.99"}
    for ban, count in zip(accounts, counts, strict=True):
        turn = random.randrange(len(_CYCLES))
        cycle_code = MAX_UINT16 if ban == MAX_UINT32 else _CYCLES[turn]
        for nth, (total, state, moments) in zip(range(count), picks, strict=False):
            number = MAX_UINT32 if ban == MAX_UINT32 and nth == count - 1 else nth + 1
            yield f"{ban}\t{number}\t{cycle_code}\t{months[turn][(36 - count + nth) % 36]}\t{edge.get(ban, total)}\t{state}\t{moments}"


def _month(day: int, month: int) -> str:
    """Close date and due date of a cycle that closes on ``day`` of the month ``month`` of the three years."""
    year, month = 2023 + month // 12, month % 12 + 1
    return f"{year}-{month:02d}-{day:02d}\t{year + month // 12}-{month % 12 + 1:02d}-{day:02d}"


def _charges(random: Random, population: Population, size: int) -> Iterator[str]:
    """Charges day by day in the order of their numbers, as a billing system writes them; working days are busier."""
    pairs = [f"{ban}\t{number}" for number, ban in zip(population.subscribers, population.owners, strict=True)]
    clock, micros = times(random, size), fractions(random, size)
    picks = _picks(random, _prices(random, size), clock, texts(random, TEXTS, 200, null=0.25), micros)
    activities = cycle(
        step for turn in range(61) for step in ((1, 1), (0, 2), (0, 3))[: 3 if turn % 20 == 0 else 2 if turn % 5 == 0 else 1]
    )
    serial = 900_000_000_000
    for day, count in _busy_days(random, population.rows["charge"] - 2):
        today, later = iso_date(FIRST_DAY + day), iso_date(FIRST_DAY + day + random.randrange(1, 40))
        changed = [*[NULL] * 60, *(f"{later} {time}{micro}" for time, micro in zip(clock[:20], micros[:20], strict=True))]
        owners = random.choices(pairs, cum_weights=population.appetite, k=count)
        updates = random.choices(changed, k=count)
        for owner, update, (price, time, text, micro), (step, activity) in zip(owners, updates, picks, activities, strict=False):
            serial += step
            yield f"{serial}\t{activity}\t{owner}\t{price}\t{today} {time}\t{text}\t{today} {time}{micro}\t{update}\n"
    yield _edge_charge(0, 0, pairs[0], "-9999999999.9999", "2023-01-01 00:00:00")
    yield _edge_charge(MAX_UINT64, MAX_UINT32, pairs[-1], "9999999999.9999", "2025-12-31 23:59:59")


def _edge_charge(serial: int, activity: int, pair: str, amount: str, moment: str) -> str:
    return f"{serial}\t{activity}\t{pair}\t{_FEATURES[-1]}\t{amount}\t{amount}\t{moment}\t\t{moment}.999999\t{NULL}\n"


def _prices(random: Random, size: int) -> list[str]:
    """Feature code, amount and tax as three fields. A credit is negative; one row in eight has no tax."""
    weights = list(accumulate(1 / rank**1.3 for rank in range(1, len(_FEATURES) + 1)))
    features = random.choices(_FEATURES, cum_weights=weights, k=size)
    priced = amounts(random, size, 4, typical=2.5, negative=0.06)
    taxes = (NULL if random.random() < 0.125 else decimal(0.2 * float(price), 4) for price in priced)
    return ["\t".join(fields) for fields in zip(features, priced, taxes, strict=False)]


def _busy_days(random: Random, rows: int) -> Iterator[tuple[int, int]]:
    """The days of the three years and the charges of each, cut where a day has more than a block."""
    weights = list(accumulate(random.uniform(0.8, 1.2) * (0.5 if (FIRST_DAY + day + 3) % 7 >= 5 else 1.0) for day in range(DAYS)))
    ends = [rows * weight / weights[-1] for weight in weights]
    for day, (start, end) in enumerate(zip(chain([0.0], ends), ends, strict=False)):
        left = round(end) - round(start)
        while left > 0:
            yield day, min(left, BLOCK)
            left -= BLOCK


_MAKERS = {
    "billing_account": _accounts,
    "customer": _customers,
    "subscriber": _subscribers,
    "service_agreement": _agreements,
    "bill": _bills,
    "charge": _charges,
}
