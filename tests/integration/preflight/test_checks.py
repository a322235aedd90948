# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The checks against a real server and the emulator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from landbridge.adapters.connections import Connections, load_contract, load_site
from landbridge.model.finding import Finding
from landbridge.preflight.checks import run_preflight

from tests.support.lab_migration import source_tables, write_site


def findings(lab: Any, site_file: Path) -> list[Finding]:
    site = load_site(site_file)
    with Connections(site, lab.env) as connections:
        return run_preflight(site, load_contract(site), connections.source(), connections.account, lambda progress: None)


def test_the_lab_is_as_it_should_be(lab: Any, tmp_path: Path, aws_environment: None) -> None:
    with source_tables(lab):
        found = findings(lab, write_site(lab, tmp_path))
    assert [finding for finding in found if finding.severity == "refused"] == []
    assert {"binary-log", "account-grants", "table-readable", "null-marker", "aws-account", "subnets"} <= {
        finding.code for finding in found if finding.severity == "passed"
    }


def test_a_text_that_is_the_marker_is_found(lab: Any, tmp_path: Path, aws_environment: None) -> None:
    with source_tables(lab):
        with lab.connect("landbridge_app", autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("UPDATE zz_owner SET name = '__DMS_NULL__' WHERE id = 3")
        found = findings(lab, write_site(lab, tmp_path))
    assert [finding.reason for finding in found if finding.code == "null-marker"] == [
        "billing.zz_owner.name holds the text __DMS_NULL__, which stands for NULL in the staged files"
    ]


def test_tables_that_are_not_there_are_named(lab: Any, tmp_path: Path, aws_environment: None) -> None:
    found = findings(lab, write_site(lab, tmp_path))
    refused = [finding for finding in found if finding.severity == "refused"]
    assert {finding.code for finding in refused} == {"table-readable"}
    assert "billing.zz_owner" in refused[0].reason


def test_an_account_that_can_write_is_warned_of(lab: Any, tmp_path: Path, aws_environment: None) -> None:
    password = {"file": str(lab.dir / "secrets" / "landbridge_app")}
    with source_tables(lab):
        found = findings(lab, write_site(lab, tmp_path, source={"user": "landbridge_app", "password": password}))
    (warning,) = [finding for finding in found if finding.code == "account-grants"]
    assert warning.severity == "warning"
    assert "landbridge_app may do more than read" in warning.reason


def test_unknown_subnets_are_found(lab: Any, tmp_path: Path, aws_environment: None) -> None:
    with source_tables(lab):
        found = findings(lab, write_site(lab, tmp_path, replication={"subnet_ids": ["subnet-00000000", "subnet-11111111"]}))
    (refused,) = [finding for finding in found if finding.severity == "refused"]
    assert "subnet-00000000, subnet-11111111" in refused.reason
