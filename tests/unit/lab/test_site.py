# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The site file that the lab writes."""

from __future__ import annotations

from pathlib import Path

import yaml

from lab.aws.network import Network
from lab.config import LabConfig
from lab.site import site_text


def test_it_names_the_labs_own_ports_and_network():
    config = LabConfig.from_environment({"LANDBRIDGE_LAB_DIR": "/r/build/lab", "LANDBRIDGE_LAB_PORT_BASE": "40000"}, Path("/r"))
    site = yaml.safe_load(site_text(config, Network(("subnet-1", "subnet-2"), ("sg-1",))))
    assert site["landbridge_site"] == 1
    assert site["migration"]["contract"] == "../../examples/billing/contract.yml"
    assert site["source"]["port"] == 40006
    assert site["source"]["password"] == {"file": "secrets/landbridge_reader"}
    assert site["aws"]["endpoint_url"] == "http://127.0.0.1:40066"
    assert site["aws"]["account"] == "000000000042"
    assert site["replication"]["subnet_ids"] == ["subnet-1", "subnet-2"]
    assert site["replication"]["security_group_ids"] == ["sg-1"]
