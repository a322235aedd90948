# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What can be known of the server without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.config import LabConfig
from lab.errors import LabError
from lab.mysql import server
from lab.tls import tls_files


def test_a_missing_program_names_the_debian_package(monkeypatch, tmp_path):
    monkeypatch.setattr(server, "SEARCH_PATH", str(tmp_path))
    with pytest.raises(LabError, match="mariadb-server"):
        server.find_program("mariadbd")


def test_the_server_listens_on_loopback_only_and_writes_the_binlog_that_change_capture_needs():
    config = LabConfig.from_environment({"LANDBRIDGE_LAB_DIR": "/lab"}, Path("/repository"))
    options = server.options(config, tls_files(config.tls_dir), "somebody").splitlines()
    assert "bind-address=127.0.0.1" in options
    assert "port=24506" in options
    assert "user=somebody" in options
    assert {"binlog_format=ROW", "binlog_row_image=FULL", "binlog_row_metadata=FULL", "gtid_domain_id=1"} <= set(options)
    assert "ssl_cert=/lab/tls/server.pem" in options
