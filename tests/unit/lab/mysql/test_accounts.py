# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The least that each account needs, and no more."""

from __future__ import annotations

import pytest

from lab.config import SCHEMAS
from lab.mysql.accounts import ACCOUNTS, accounts_sql


def test_every_account_must_use_tls_and_has_its_own_password():
    sql = accounts_sql(lambda user: f"password-of-{user}")
    for account in ACCOUNTS:
        assert f"IDENTIFIED BY 'password-of-{account.user}' REQUIRE SSL" in sql
    assert "ALL PRIVILEGES" not in sql
    assert "GRANT OPTION" not in sql


def test_every_account_has_its_rights_on_the_schema_of_each_workload():
    sql = accounts_sql(lambda user: "password")
    for schema in SCHEMAS:
        assert f"CREATE DATABASE IF NOT EXISTS `{schema}`" in sql
        for account in ACCOUNTS:
            assert f"GRANT {account.on_schema} ON `{schema}`.* TO '{account.user}'" in sql


def test_only_the_replication_account_has_rights_on_the_whole_server():
    assert [account.user for account in ACCOUNTS if account.on_server] == ["landbridge_dms"]


@pytest.mark.parametrize("password", ["it's", "back\\slash", "müll"])
def test_a_password_that_could_end_its_quotes_is_refused(password):
    with pytest.raises(ValueError, match="quote"):
        accounts_sql(lambda user: password)
