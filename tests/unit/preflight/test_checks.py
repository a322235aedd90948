# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from landbridge.errors import Denied, InvalidInput, Unreachable
from landbridge.model.finding import Finding
from landbridge.model.schema import ForeignKey
from landbridge.preflight.checks import refuse, run_preflight

from tests.fixtures.billing_tables import table
from tests.support.migration import OWNER, THING, MemoryDatabase, contract, site


class MemoryAccount:
    def __init__(self) -> None:
        self.number = "000000000042"
        self.zones = {"subnet-a": "eu-west-1a", "subnet-b": "eu-west-1b"}
        self.failure: Denied | None = None

    def identity(self) -> tuple[str, str]:
        if self.failure:
            raise self.failure
        return self.number, "arn:aws:iam::000000000042:user/me"

    def subnet_zones(self, subnet_ids: Sequence[str]) -> dict[str, str]:
        return {name: zone for name, zone in self.zones.items() if name in subnet_ids}


def findings(database: MemoryDatabase, account: MemoryAccount | None = None) -> list[Finding]:
    return run_preflight(site(), contract(), database, account or MemoryAccount(), lambda progress: None)


def worse(found: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.severity, finding.code) for finding in found if finding.severity != "passed"]


def test_a_source_that_is_as_it_should_be_passes_every_check() -> None:
    found = findings(MemoryDatabase())
    assert worse(found) == []
    assert len({finding.code for finding in found}) == len(found) == 14
    refuse(found)


def spoil(**values: object) -> Callable[[MemoryDatabase], None]:
    def apply(database: MemoryDatabase) -> None:
        for name, value in values.items():
            setattr(database, name, value)

    return apply


def setting(name: str, value: str) -> Callable[[MemoryDatabase], None]:
    return lambda database: database.settings.update({name: value})


@pytest.mark.parametrize(
    ("spoilt", "severity", "code", "said"),
    [
        (spoil(says="10.11.19-MariaDB"), "warning", "server-version", "10.11.19-MariaDB"),
        (spoil(says="10.0.23-MariaDB"), "warning", "server-version", "10.0.23"),
        (spoil(says="9.1.0"), "warning", "server-version", "9.1.0"),
        (setting("log_bin", "OFF"), "refused", "binary-log", "log_bin is OFF"),
        (setting("binlog_format", "MIXED"), "refused", "binary-log", "binlog_format is MIXED"),
        (setting("binlog_row_image", "MINIMAL"), "refused", "binary-log", "binlog_row_image is MINIMAL"),
        (setting("server_id", "0"), "refused", "binary-log", "no server_id"),
        (setting("expire_logs_days", "0.5"), "warning", "binary-log-retention", "12.0 hours"),
        (spoil(granted=("GRANT SELECT, INSERT ON `shop`.* TO `reader`@`%`",)), "warning", "account-grants", "INSERT"),
        (spoil(granted=("GRANT ALL PRIVILEGES ON *.* TO `reader`@`%`",)), "warning", "account-grants", "ALL PRIVILEGES"),
        (spoil(denied={"thing"}), "refused", "table-readable", "shop.thing"),
        (spoil(engine="MyISAM"), "warning", "storage-engine", "shop.owner is a MyISAM"),
        (spoil(marked=("name",)), "refused", "null-marker", "shop.owner.name"),
    ],
)
def test_each_fault_is_found_with_its_place_and_remedy(
    spoilt: Callable[[MemoryDatabase], None], severity: str, code: str, said: str
) -> None:
    database = MemoryDatabase()
    spoilt(database)
    found = [finding for finding in findings(database) if finding.severity != "passed"]
    assert {(finding.severity, finding.code) for finding in found} == {(severity, code)}
    assert said in found[0].reason
    assert found[0].remedy
    assert str(found[0].place) == "db.example:3306"


@pytest.mark.parametrize("version", ["5.7.44-log", "8.0.36", "8.4.2", "10.0.24-MariaDB", "10.6.22-MariaDB-log", "11.4.5-MariaDB"])
def test_listed_versions_pass(version: str) -> None:
    database = MemoryDatabase()
    database.says = version
    assert worse(findings(database)) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"expire_logs_days": "0"},
        {"expire_logs_days": "0", "binlog_expire_logs_seconds": "2592000"},
        {"expire_logs_days": "0.000000", "binlog_expire_logs_seconds": "0"},
    ],
)
def test_logs_that_are_kept_long_enough_or_for_ever_pass(settings: dict[str, str]) -> None:
    database = MemoryDatabase()
    database.settings |= settings
    assert worse(findings(database)) == []


def test_grants_on_columns_and_roles_are_read() -> None:
    database = MemoryDatabase()
    database.granted = ("GRANT SELECT (a, b), UPDATE (b) ON `shop`.`owner` TO `reader`@`%`", "GRANT `writers`@`%` TO `reader`@`%`")
    (found,) = [finding for finding in findings(database) if finding.severity == "warning"]
    assert found.reason.endswith("UPDATE")


def test_cascading_keys_are_found() -> None:
    key = ForeignKey(("owner",), "shop", "owner", ("id",), on_delete="CASCADE")
    found = findings(MemoryDatabase(OWNER, replace(THING, foreign_keys=(key,))))
    assert worse(found) == [("warning", "cascading-foreign-key")]


def test_a_value_that_dms_would_cut_is_found() -> None:
    big = table("owner", "id", "id int unsigned", "name mediumtext null", "made datetime(6)", schema="shop")
    database = MemoryDatabase(big, THING)
    database.sizes = {"name": 64 * 1024 + 1}
    found = [finding for finding in findings(database) if finding.code == "lob-size"]
    assert [finding.severity for finding in found] == ["refused"]
    assert "65 or more" in found[0].remedy
    database.sizes = {"name": 64 * 1024}
    assert [finding.severity for finding in findings(database) if finding.code == "lob-size"] == ["passed"]


def test_columns_too_short_for_the_marker_are_not_searched() -> None:
    short = table("owner", "id", "id int unsigned", "name varchar(11) null", "made datetime(6)", schema="shop")
    database = MemoryDatabase(short, THING)
    database.marked = ("name",)
    assert worse(findings(database)) == []


def test_a_rare_character_set_is_found() -> None:
    odd = table("owner", "id", "id int unsigned", "name varchar(40) null collate sjis_japanese_ci", "made datetime(6)", schema="shop")
    assert ("warning", "character-set") in worse(findings(MemoryDatabase(odd, THING)))


def test_a_name_with_a_quote_is_found() -> None:
    odd = replace(OWNER, columns=(*OWNER.columns, replace(OWNER.columns[1], name="na'me")))
    assert ("refused", "identifier") in worse(findings(MemoryDatabase(odd, THING)))


def test_a_source_that_cannot_be_reached_is_one_finding() -> None:
    database = MemoryDatabase()
    database.failure = Unreachable("no connection: Connection refused", place="db.example:3306", remedy="check the port")
    found = findings(database)
    assert worse(found) == [("refused", "server-version")]
    assert [finding.code for finding in found[1:]] == ["aws-account", "subnets"]


def test_the_wrong_account_is_found() -> None:
    account = MemoryAccount()
    account.number = "999999999999"
    found = findings(MemoryDatabase(), account)
    assert worse(found) == [("refused", "aws-account")]
    with pytest.raises(InvalidInput) as caught:
        refuse(found)
    assert [finding.code for finding in caught.value.findings] == ["aws-account"]


def test_credentials_that_are_refused_are_one_finding() -> None:
    account = MemoryAccount()
    account.failure = Denied("expired", remedy="sign in again")
    assert worse(findings(MemoryDatabase(), account)) == [("refused", "aws-account")]


@pytest.mark.parametrize("zones", [{"subnet-a": "eu-west-1a"}, {"subnet-a": "eu-west-1a", "subnet-b": "eu-west-1a"}])
def test_missing_subnets_and_a_single_zone_are_found(zones: dict[str, str]) -> None:
    account = MemoryAccount()
    account.zones = zones
    assert worse(findings(MemoryDatabase(), account)) == [("refused", "subnets")]
