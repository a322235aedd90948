# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What can be known of the server without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.config import LabConfig
from lab.errors import LabError
from lab.mysql import debian_archive, product
from lab.mysql.mariadb import REMEDY, MariaDB
from lab.mysql.mysql import MySQL
from lab.mysql.products import product_of
from lab.tls import tls_files

CONFIG = LabConfig.from_environment({"LANDBRIDGE_LAB_DIR": "/lab"}, Path("/repository"))


def test_a_missing_program_names_the_debian_package(monkeypatch, tmp_path):
    monkeypatch.setattr(product, "SEARCH_PATH", str(tmp_path))
    with pytest.raises(LabError, match="mariadb-server"):
        product.find_program("mariadbd", REMEDY)


def test_the_server_listens_on_loopback_only_and_writes_the_binlog_that_change_capture_needs():
    options = product.common_options(CONFIG, tls_files(CONFIG.tls_dir), "somebody")
    assert "bind-address=127.0.0.1" in options
    assert "port=24506" in options
    assert "user=somebody" in options
    assert {"binlog_format=ROW", "binlog_row_image=FULL", "binlog_row_metadata=FULL"} <= set(options)
    assert "ssl_cert=/lab/tls/server.pem" in options


@pytest.mark.parametrize("server", [MariaDB(), MySQL()])
def test_every_server_numbers_its_transactions(server):
    assert {"gtid_domain_id=1", "gtid_mode=ON"} & set(server.options(CONFIG, "somebody"))


def test_an_unknown_server_is_refused_with_the_known_ones():
    with pytest.raises(LabError, match="mariadb or mysql"):
        LabConfig.from_environment({"LANDBRIDGE_LAB_SOURCE": "oracle"})


def test_a_lab_keeps_the_server_that_it_began_with(tmp_path):
    config = LabConfig.from_environment({"LANDBRIDGE_LAB_DIR": str(tmp_path)})
    assert isinstance(product_of(config), MariaDB)
    config.mysql_dir.mkdir()
    (config.mysql_dir / "product").write_text("mysql", encoding="ascii")
    assert isinstance(product_of(config), MySQL)


def test_a_mirror_that_does_not_answer_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv(debian_archive.MIRROR_VARIABLE, "http://127.0.0.1:9/debian")
    with pytest.raises(LabError, match=debian_archive.MIRROR_VARIABLE):
        debian_archive.unpack(["anything"], tmp_path / "home", lambda line: None)
