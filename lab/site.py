# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The site file of the lab: what a person would write for the billing workload, written by the machine."""

from __future__ import annotations

import os

from lab.aws.network import Network
from lab.config import ACCOUNT, HOST, PROFILE, READER_USER, REGION, SOURCE_SECRET, LabConfig

TEMPLATE = """\
# The billing migration on the lab. Written by "lab up"; paths are relative to this file.
landbridge_site: 1
migration:
  name: billing
  run: r1
  contract: {contract}
source:
  host: {host}
  port: {mysql_port}
  user: {reader}
  password: {{file: secrets/{reader}}}
  tls: {{mode: verify-full, ca: tls/ca.pem}}
aws:
  region: {region}
  account: "{account}"
  prefix: landbridge-billing
  profile: {profile}
  endpoint_url: {aws_url}
replication:
  instance_class: dms.t3.medium
  storage_gb: 50
  multi_az: false
  subnet_ids: [{subnets}]
  security_group_ids: [{groups}]
  source:
    secret: {secret}
    tls: {{mode: verify-full, ca: tls/ca.pem}}
table:
  billing_mode: PAY_PER_REQUEST
  point_in_time_recovery: true
  deletion_protection: true
load:
  connections: 16
"""


def site_text(config: LabConfig, network: Network) -> str:
    """The site file's text."""
    return TEMPLATE.format(
        contract=os.path.relpath(config.repository / "examples" / "billing" / "contract.yml", config.dir),
        host=HOST,
        mysql_port=config.mysql_port,
        reader=READER_USER,
        region=REGION,
        account=ACCOUNT,
        profile=PROFILE,
        aws_url=config.aws_url,
        subnets=", ".join(network.subnet_ids),
        groups=", ".join(network.security_group_ids),
        secret=SOURCE_SECRET,
    )


def write_site(config: LabConfig, network: Network) -> None:
    config.site_file.write_text(site_text(config, network), encoding="utf-8")
