# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Each way in which the source can refuse us, as the operator meets it: what happened, where, what to do, and the exit code."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from tests.support.lab_migration import CONTRACT, landbridge, program, write_site

CANARY = "canary-4711-password"


def check(lab: Any, folder: Path, **source: Any) -> tuple[int, str]:
    """Exit code and all output of a check against the live source."""
    site = write_site(lab, folder, source=source)
    done = landbridge(lab, "contract", "check", "--site", str(site), CANARY=CANARY)
    output = done.stdout + done.stderr
    assert "Traceback" not in output
    assert CANARY not in output
    return done.returncode, output


def test_a_wrong_password(lab: Any, tmp_path: Path) -> None:
    code, said = check(lab, tmp_path, password={"env": "CANARY"})
    assert code == 3
    assert f"127.0.0.1:{lab.ports['mysql']}: the server refused the login of landbridge_reader" in said
    assert "`source.password`" in said


def test_a_port_where_nobody_listens(lab: Any, tmp_path: Path) -> None:
    code, said = check(lab, tmp_path, port=1)
    assert code == 3
    assert "127.0.0.1:1: no connection: Connection refused" in said
    assert "`source.port`" in said


def test_a_host_without_a_name(lab: Any, tmp_path: Path) -> None:
    code, said = check(lab, tmp_path, host="no-such-host.invalid")
    assert code == 3
    assert "no-such-host.invalid cannot be resolved" in said


def test_a_certificate_of_another_authority(lab: Any, tmp_path: Path) -> None:
    other = "/etc/ssl/certs/ca-certificates.crt"
    code, said = check(lab, tmp_path, tls={"mode": "verify-full", "ca": other})
    assert code == 3
    assert "certificate was not accepted" in said
    assert f"`source.tls.ca` of the site file ({other})" in said


def test_a_connection_without_tls_is_refused_by_the_account(lab: Any, tmp_path: Path) -> None:
    code, said = check(lab, tmp_path, tls={"mode": "none"})
    assert code == 3
    assert "an account that requires TLS needs `source.tls.mode`" in said


def test_a_password_file_that_is_not_there(lab: Any, tmp_path: Path) -> None:
    code, said = check(lab, tmp_path, password={"file": "/nowhere/password"})
    assert code == 2
    assert "/nowhere/password: the password file cannot be read" in said


def test_a_missing_grant_comes_with_the_statement(lab: Any, tmp_path: Path) -> None:
    contract = CONTRACT.replace("schemas: [billing]", "schemas: [mysql]").replace("billing.zz_owner", "mysql.user")
    contract = contract.replace("billing.zz_thing", "mysql.db")
    site = write_site(lab, tmp_path, contract=contract)
    done = landbridge(lab, "run", "preflight", "--site", str(site))
    assert done.returncode == 2
    assert "landbridge_reader may not read mysql.user" in done.stdout
    assert "GRANT SELECT ON `mysql`.`user` TO 'landbridge_reader'@" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_the_password_is_nowhere_in_what_we_say(lab: Any, site: Path, tmp_path: Path) -> None:
    password = lab.secret("landbridge_reader")
    folder = tmp_path / "worker"
    commands = [
        program("cli", "run", "preflight", "--site", str(site)),
        program("cli", "run", "preflight", "--site", str(site), "--json"),
        program("worker", "--site", str(site), "--stage", "preflight", "--folder", str(folder)),
    ]
    told = [subprocess.run(command, env=lab.env, capture_output=True, text=True, check=False) for command in commands]
    assert [done.returncode for done in told] == [0, 0, 0], told
    texts = [text for done in told for text in (done.stdout, done.stderr)] + [file.read_text() for file in folder.iterdir()]
    assert any("binary log" in text for text in texts)
    assert not any(password in text for text in texts)


def test_credentials_of_another_account(lab: Any, tables: None, tmp_path: Path) -> None:
    site = write_site(lab, tmp_path, aws={"account": "999999999999"})
    done = landbridge(lab, "run", "preflight", "--site", str(site))
    assert done.returncode == 2
    assert "the site names 999999999999" in done.stdout
