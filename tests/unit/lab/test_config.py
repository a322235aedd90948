# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Where the lab lives."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.config import LabConfig
from lab.errors import LabError

REPOSITORY = Path("/repository")


def test_defaults_lie_in_the_repository():
    config = LabConfig.from_environment({}, REPOSITORY)
    assert config.dir == REPOSITORY / "build" / "lab"
    assert (config.mysql_port, config.aws_port, config.dms_port) == (24506, 24566, 24567)
    assert config.aws_url == "http://127.0.0.1:24566"


def test_the_environment_moves_folder_and_ports():
    config = LabConfig.from_environment({"LANDBRIDGE_LAB_DIR": "/elsewhere", "LANDBRIDGE_LAB_PORT_BASE": "40000"}, REPOSITORY)
    assert (config.dir, config.mysql_port) == (Path("/elsewhere"), 40006)


@pytest.mark.parametrize("base", ["x", "80", "65001", "-1", "34500.0", "٣٤٥٠٠"])
def test_a_port_base_that_is_none_is_refused_by_name(base):
    with pytest.raises(LabError, match="LANDBRIDGE_LAB_PORT_BASE"):
        LabConfig.from_environment({"LANDBRIDGE_LAB_PORT_BASE": base}, REPOSITORY)


def test_a_folder_too_deep_for_a_socket_is_refused_by_name():
    with pytest.raises(LabError, match="LANDBRIDGE_LAB_DIR"):
        LabConfig.from_environment({"LANDBRIDGE_LAB_DIR": "/" + "x" * 100}, REPOSITORY)


def test_a_folder_with_a_space_is_refused() -> None:
    with pytest.raises(LabError, match="holds a space"):
        LabConfig.from_environment({"LANDBRIDGE_LAB_DIR": "/land bridge/lab"}, REPOSITORY)
