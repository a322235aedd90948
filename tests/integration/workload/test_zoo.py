# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The zoo in the lab's database: every value arrives, and the change script does what it says, twice the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pymysql.converters import encoders

from lab.workload.zoo.relation_changes import RelationChanges
from lab.workload.zoo.rows import NAMES, ZooRows
from lab.workload.zoo.tables import TABLES
from tests.support.lab import REPOSITORY, Lab
from tests.support.lab_migration import landbridge

ROWS, SEED = 2_000, 11
CHANGES = 120
# The text of these is the server's choice, or loses digits on the way.
NOT_COMPARED = ("document", "place", "real_number", "zero_date")


def command(lab: Lab, *words: str) -> dict[str, Any]:
    done = lab.run(*words, "--workload", "zoo")
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def generate(lab: Lab) -> dict[str, Any]:
    return command(lab, "generate", "--rows", str(ROWS), "--seed", str(SEED), "--json")


def change(lab: Lab, seed: int) -> dict[str, Any]:
    return command(lab, "change", "--transactions", str(CHANGES), "--seed", str(seed))


@pytest.fixture(scope="module")
def filled(lab: Lab) -> dict[str, Any]:
    return generate(lab)


@pytest.fixture
def cursor(lab: Lab) -> Iterator[Any]:
    with lab.connect("landbridge_reader", database="zoo", conv=encoders) as connection, connection.cursor() as cursor:
        yield cursor


def counts(lab: Lab) -> dict[str, int]:
    with lab.connect("landbridge_reader", database="zoo") as connection, connection.cursor() as cursor:
        found = {}
        for table in NAMES:
            cursor.execute(f"SELECT COUNT(*) FROM `{table}`")  # noqa: S608
            found[table] = cursor.fetchone()[0]
    return found


def digests(lab: Lab) -> dict[str, str]:
    """Of each table's rows in the order of their bytes."""
    with lab.connect("landbridge_reader", database="zoo", conv=encoders) as connection, connection.cursor() as cursor:
        found = {}
        for table in NAMES:
            cursor.execute(f"SELECT * FROM `{table}`")  # noqa: S608
            found[table] = hashlib.sha256("".join(sorted(map(repr, cursor.fetchall()))).encode()).hexdigest()
    return found


def test_every_table_has_the_rows_that_were_announced(lab: Lab, filled: dict[str, Any]) -> None:
    assert counts(lab) == filled["tables"] == dict(ZooRows.of(ROWS, SEED).rows)


@pytest.mark.parametrize("table", [table for table in TABLES if table.name not in NOT_COMPARED], ids=lambda table: table.name)
def test_texts_and_bytes_are_in_the_database_as_they_were_made(cursor: Any, filled: dict[str, Any], table: Any) -> None:
    """Columns that SQL takes as text, and bytes: numbers and times have a spelling of the server's own."""
    free = [column.name for column in table.columns if len({type(edge) for edge in column.edges if edge}) == 1]
    kinds = dict(_column_types(cursor, table.name))
    texts = [name for name in [part.name for part in table.key] + free if kinds[name].endswith(("char", "text", "enum", "set"))]
    binary = [name for name in table.forms if kinds[name].endswith(("binary", "blob"))]
    written = list(table.forms)
    lines = b"".join(ZooRows.of(ROWS, SEED).blocks(table.name)).decode().split("\n")[:-1]
    fields = [[None if field == r"\N" else _unescaped(field) for field in line.split("\t")] for line in lines]
    for name in texts + binary:
        cursor.execute(f"SELECT {f'HEX(`{name}`)' if name in binary else f'`{name}`'} FROM `{table.name}`")  # noqa: S608
        found = sorted((row[0] for row in cursor.fetchall()), key=str)
        assert found == sorted((row[written.index(name)] for row in fields), key=str), name


def _column_types(cursor: Any, table: str) -> Any:
    cursor.execute("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'zoo' AND table_name = %s", (table,))
    return cursor.fetchall()


def _unescaped(field: str) -> str:
    out, rest = [], iter(field)
    for character in rest:
        out.append({"t": "\t", "n": "\n", "r": "\r", "0": "\0"}.get(following := next(rest), following) if character == "\\" else character)
    return "".join(out)


@pytest.mark.parametrize(
    ("table", "column", "extremes"),
    [
        ("whole_number", "big", {"-9223372036854775808", "9223372036854775807"}),
        ("whole_number", "big_u", {"18446744073709551615"}),
        ("whole_number", "padded", {"00000000", "4294967295"}),
        ("whole_number", "born", {"0000", "1901", "2155"}),
        ("real_number", "widest", {f"{'9' * 35}.{'9' * 30}", f"-{'9' * 35}.{'9' * 30}"}),
        ("real_number", "any_double", {"1.7976931348623157e308", "-1.7976931348623157e308", "2.2250738585072014e-308"}),
        ("moment", "t0", {"-838:59:59", "838:59:59", "100:00:00"}),
        ("moment", "d6", {"9999-12-31 23:59:59.999999"}),
        ("moment", "s6", {"2038-01-19 03:14:07.999999", "1970-01-01 00:00:01.000000"}),
        ("zero_date", "day", {"0000-00-00", "2026-00-00"}),
        ("zero_date", "stamp", {"0000-00-00 00:00:00"}),
    ],
)
def test_the_extremes_are_there(cursor: Any, filled: dict[str, Any], table: str, column: str, extremes: set[str]) -> None:
    cursor.execute(f"SELECT DISTINCT `{column}` FROM `{table}`")  # noqa: S608
    assert extremes <= {row[0] for row in cursor.fetchall()}


def test_children_have_their_parents_in_another_spelling(cursor: Any, filled: dict[str, Any]) -> None:
    cursor.execute(
        "SELECT COUNT(*), SUM(CAST(c.code AS BINARY) <> CAST(k.code AS BINARY)) FROM folded_child c JOIN folded_key k USING (code)"
    )
    children, other_spelling = map(int, cursor.fetchone())
    assert 0 < other_spelling <= children
    cursor.execute("SELECT COUNT(*) FROM folded_child WHERE code IS NOT NULL")
    assert int(cursor.fetchone()[0]) == children


def test_the_contract_fits_the_schema(lab: Lab, filled: dict[str, Any], tmp_path: Path) -> None:
    document = yaml.safe_load(lab.site.read_text(encoding="utf-8"))
    document["migration"] = {"name": "zoo", "run": "r1", "contract": str(REPOSITORY / "examples" / "zoo" / "contract.yml")}
    document["source"]["password"] = {"file": str(lab.dir / "secrets" / "landbridge_reader")}
    document["source"]["tls"]["ca"] = document["replication"]["source"]["tls"]["ca"] = str(lab.dir / "tls" / "ca.pem")
    site = tmp_path / "site.yml"
    site.write_text(yaml.safe_dump(document), encoding="utf-8")
    done = landbridge(lab, "contract", "check", "--site", str(site))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 refused" in done.stdout


def test_the_change_script_does_the_same_on_the_same_data(lab: Lab) -> None:
    states, accounts = [], []
    for _ in range(2):
        generate(lab)
        before = counts(lab)
        account = change(lab, 3)
        accounts.append({name: value for name, value in account.items() if name != "seconds"})
        states.append(digests(lab))
        # The account explains every row that is there or is not.
        for table, rows in counts(lab).items():
            added = sum(account[cause].get(table, {}).get("insert", 0) for cause in ("rows", "triggers"))
            removed = sum(account[cause].get(table, {}).get("delete", 0) for cause in ("rows", "cascades"))
            assert rows == before[table] + added - removed, table
    assert states[0] == states[1]
    assert accounts[0] == accounts[1]
    assert change(lab, 4)["actions"] != accounts[0]["actions"]


def test_everything_that_can_happen_happens(lab: Lab) -> None:
    generate(lab)
    account = change(lab, 5)
    assert account["transactions"] == CHANGES == sum(account["actions"].values())
    assert account["committed"] + account["rolled_back"] == CHANGES
    related = RelationChanges(None, None).actions()  # type: ignore[arg-type]
    assert set(related) | {"big", "rollback", "savepoint", "unchanged", "null-and-back"} <= set(account["actions"])
    assert account["rolled_back"] > 0
    assert account["rows_in_vain"] > 0
    assert account["statements_without_change"] > 0
    assert {"care", "animal", "taxon", "folded_child"} >= set(account["cascades"]) >= {"care", "animal"}
    assert account["triggers"]["journal"]["insert"] > 0


def test_a_rate_is_kept(lab: Lab, filled: dict[str, Any]) -> None:
    account = command(lab, "change", "--transactions", "5", "--rate", "20")
    assert account["seconds"] >= 4 / 20


def test_the_billing_workload_changes_too(lab: Lab) -> None:
    assert lab.run("generate", "--rows", "1000", "--seed", "3").returncode == 0
    done = lab.run("change", "--transactions", "60", "--seed", "1")
    assert done.returncode == 0, done.stderr
    account = json.loads(done.stdout)
    assert account["rolled_back"] == account["actions"]["refused"]
    with lab.connect("landbridge_reader") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM charge WHERE charge_seq BETWEEN 1000000000000000 AND 2000000000000000")
        assert 0 < cursor.fetchone()[0] <= account["rows"]["charge"]["insert"]
        cursor.execute("SELECT COUNT(*) FROM bill WHERE sys_creation_date > '2026-01-02'")
        assert cursor.fetchone()[0] == account["rows"]["bill"]["insert"]


@pytest.mark.parametrize("words", [("--rate", "-1"), ("--rate", "nan"), ("--transactions", "-5"), ("--workload", "circus")])
def test_nonsense_is_refused(lab: Lab, words: tuple[str, str]) -> None:
    done = lab.run("change", *words)
    assert done.returncode == 2
    assert words[0] in done.stderr
