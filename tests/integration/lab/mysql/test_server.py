# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The source as its users meet it: over TLS only, with the least privileges, with the binlog that change capture needs."""

from __future__ import annotations

import pymysql
import pytest

USERS = ["landbridge_dms", "landbridge_reader", "landbridge_app"]


@pytest.mark.parametrize("user", USERS)
def test_every_account_connects_over_tls_with_the_name_checked(lab, user):
    with lab.connect(user) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW STATUS LIKE 'Ssl_version'")
        assert cursor.fetchone()[1] in ("TLSv1.2", "TLSv1.3")


@pytest.mark.parametrize("user", USERS)
def test_no_account_connects_without_tls(lab, user):
    with pytest.raises(pymysql.err.OperationalError) as refusal:
        lab.connect(user, ssl_ca=None, ssl_verify_cert=None, ssl_verify_identity=None, ssl_disabled=True)
    assert refusal.value.args[0] == 1045


def test_a_wrong_password_is_refused(lab):
    with pytest.raises(pymysql.err.OperationalError) as refusal:
        lab.connect("landbridge_reader", password="wrong")
    assert refusal.value.args[0] == 1045


def test_the_administrator_has_no_way_in_over_the_network(lab):
    with pytest.raises(pymysql.err.OperationalError):
        lab.connect("root", password="")


def test_the_reader_cannot_write(lab):
    with lab.connect("landbridge_app") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE lab_probe (id INT PRIMARY KEY)")
    try:
        with lab.connect("landbridge_reader") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM lab_probe")
            assert cursor.fetchone() == (0,)
            with pytest.raises(pymysql.err.OperationalError) as refusal:
                cursor.execute("INSERT INTO lab_probe VALUES (1)")
            assert refusal.value.args[0] == 1142
    finally:
        with lab.connect("landbridge_app") as connection, connection.cursor() as cursor:
            cursor.execute("DROP TABLE lab_probe")


def test_the_dms_account_may_read_the_binlog_and_the_reader_may_not(lab):
    with lab.connect("landbridge_dms") as connection, connection.cursor() as cursor:
        cursor.execute("SHOW BINARY LOGS")
        assert cursor.fetchone()[0].startswith("binlog.")
    with lab.connect("landbridge_reader") as connection, connection.cursor() as cursor, pytest.raises(pymysql.err.OperationalError):
        cursor.execute("SHOW BINARY LOGS")


def test_the_binlog_carries_whole_rows_with_their_names(lab):
    expected = {
        "binlog_format": "ROW",
        "binlog_row_image": "FULL",
        "binlog_row_metadata": "FULL",
        "log_bin": "ON",
        "character_set_server": "utf8mb4",
    }
    assert variables(lab).items() >= expected.items()


@pytest.mark.mariadb
def test_transactions_have_global_identifiers(lab):
    assert variables(lab).items() >= {"gtid_domain_id": "1", "gtid_strict_mode": "ON"}.items()


def variables(lab):
    with lab.connect("landbridge_reader") as connection, connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL VARIABLES")
        return dict(cursor.fetchall())
