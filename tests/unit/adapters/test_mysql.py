# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What needs no server: expressions, errors, and the schema as ``information_schema`` tells it."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymysql
import pytest
from landbridge.adapters.mysql import MySQLSource
from landbridge.adapters.mysql_errors import Lost, translate
from landbridge.adapters.mysql_schema import read_tables
from landbridge.adapters.mysql_text import quoted, staged_text
from landbridge.errors import Conflict, Denied, InvalidInput, LandbridgeError, NotFound, Retryable, Unreachable
from landbridge.model.schema import ForeignKey

from tests.fixtures.billing_tables import column
from tests.support.migration import site

SOURCE = site().source


@pytest.mark.parametrize(
    ("definition", "expression"),
    [
        ("a int", "`a`"),
        ("a varchar(10)", "`a`"),
        ("a datetime", "CAST(`a` AS DATETIME(6))"),
        ("a timestamp(3)", "CAST(`a` AS DATETIME(6))"),
        ("a varbinary(4)", "HEX(`a`)"),
        ("a bit(1)", "`a` + 0"),
        ("a bit(9)", "LPAD(HEX(`a` + 0), 4, '0')"),
        ("a json", "`a`"),
    ],
)
def test_the_server_says_values_as_they_are_staged(definition: str, expression: str) -> None:
    assert staged_text(column(definition)) == expression


def test_zeros_that_only_fill_are_left_out() -> None:
    assert staged_text(replace(column("a int unsigned"), column_type="int(10) unsigned zerofill")) == "`a` + 0"


def test_identifiers_cannot_break_out() -> None:
    assert quoted("a`; DROP TABLE b; --") == "`a``; DROP TABLE b; --`"


def connection_error(cause: BaseException) -> pymysql.err.OperationalError:
    error = pymysql.err.OperationalError(2003, "Can't connect")
    error.original_exception = cause  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (pymysql.err.OperationalError(1045, "Access denied"), Denied, "refused the login of reader"),
        (pymysql.err.OperationalError(1130, "Host '10.0.0.1' is not allowed"), Denied, "from this host"),
        (pymysql.err.OperationalError(3159, "insecure transport"), Denied, "without TLS"),
        (pymysql.err.OperationalError(1040, "Too many connections"), Retryable, "no connection left"),
        (pymysql.err.OperationalError(2026, "SSL is required"), Unreachable, "offers no TLS"),
        (pymysql.err.ProgrammingError(1146, "Table 'a.b' doesn't exist"), NotFound, "a.b"),
        (pymysql.err.OperationalError(1049, "Unknown database 'a'"), NotFound, "'a'"),
        (pymysql.err.OperationalError(1412, "Table definition has changed"), Conflict, "altered"),
        (pymysql.err.OperationalError(1205, "Lock wait timeout"), Retryable, "Lock wait"),
        (pymysql.err.OperationalError(2013, "Lost connection"), Lost, "Lost connection"),
        (pymysql.err.InterfaceError(0, ""), Lost, "InterfaceError"),
        (pymysql.err.InternalError("Packet sequence number wrong"), Lost, "sequence number"),
        (connection_error(ConnectionRefusedError(111, "Connection refused")), Unreachable, "Connection refused"),
        (connection_error(socket.gaierror(-2, "Name or service not known")), Unreachable, "cannot be resolved"),
        (connection_error(TimeoutError("timed out")), Unreachable, "did not answer"),
        (connection_error(ssl.SSLCertVerificationError(1, "bad certificate")), Unreachable, "certificate was not accepted"),
        (connection_error(ssl.SSLError(1, "UNSUPPORTED_PROTOCOL")), Unreachable, "TLS failed"),
    ],
)
def test_what_the_server_says_becomes_advice(error: Exception, kind: type[LandbridgeError], said: str) -> None:
    translated = translate(error, SOURCE)
    assert type(translated) is kind
    assert said in translated.message
    assert translated.remedy
    assert translated.place == "db.example:3306"


def test_a_missing_grant_comes_with_the_statement_that_gives_it() -> None:
    error = pymysql.err.OperationalError(1142, "SELECT command denied to user")
    translated = translate(error, SOURCE, table="shop.ow`ner", account="reader@10.%")
    assert isinstance(translated, Denied)
    assert "shop.ow`ner" in translated.message
    assert translated.remedy.endswith("GRANT SELECT ON `shop`.`ow``ner` TO 'reader'@'10.%';")


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_certificate_authority_that_cannot_be_read(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        MySQLSource(replace(SOURCE, tls_ca=str(file)), "s3cret").version()
    assert caught.value.place == str(file)


CREATE = """CREATE TABLE `thing` (
  `id` int(11) NOT NULL COMMENT 'CONSTRAINT `no` FOREIGN KEY (`id`) REFERENCES `x` (`id`)',
  CONSTRAINT `one` FOREIGN KEY (`b`, `odd``name`) REFERENCES `owner` (`x`, `y`) ON DELETE CASCADE,
  CONSTRAINT `two` FOREIGN KEY (`id`) REFERENCES `other`.`owner` (`id`) ON DELETE SET NULL ON UPDATE NO ACTION,
  CONSTRAINT `positive` CHECK (`id` > 0)
)"""


def answers(statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    if statement.startswith("SHOW CREATE TABLE"):
        if "denied" in statement:
            raise Denied("no")
        return [("thing", CREATE)]
    assert parameters == (("shop",),)
    if "STATISTICS" in statement:
        return [("shop", "thing", "b"), ("shop", "thing", "id")]
    number = ("10", "0", None)
    return [
        ("shop", "denied", "id", "int", "int", "NO", "1", None, *number, None, ""),
        ("shop", "thing", "id", "INT", "int(11)", "NO", "1", None, *number, None, "DEFAULT_GENERATED"),
        ("shop", "thing", "b", "varchar", "varchar(9)", "YES", "2", "9", None, None, None, "utf8mb4_bin", ""),
        ("shop", "thing", "c", "int", "int", "YES", "3", None, *number, None, "STORED GENERATED"),
        ("shop", "thing", "d", "datetime", "datetime(3)", "YES", "4", None, None, None, "3", None, "INVISIBLE"),
        ("shop", "thing", "e", "int", "int", "YES", "5", None, *number, None, "auto_increment, INVISIBLE"),
    ]


def test_the_schema_is_read_alike_from_both_kinds_of_server() -> None:
    denied, thing = read_tables(answers, ["shop"])
    assert denied.foreign_keys == ()
    assert thing.primary_key == ("b", "id")
    assert [(c.name, c.data_type, c.generated, c.invisible) for c in thing.columns] == [
        ("id", "int", False, False),
        ("b", "varchar", False, False),
        ("c", "int", True, False),
        ("d", "datetime", False, True),
        ("e", "int", False, True),
    ]
    assert [c.name for c in thing.staged_columns] == ["id", "b"]
    assert (thing.columns[1].length, thing.columns[1].nullable, thing.columns[3].fraction) == (9, True, 3)
    assert thing.foreign_keys == (
        ForeignKey(("b", "odd`name"), "shop", "owner", ("x", "y"), "CASCADE", "RESTRICT"),
        ForeignKey(("id",), "other", "owner", ("id",), "SET NULL", "NO ACTION"),
    )
