# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What stands in the account before a migration begins: a network, and the secret that holds the source's account for DMS.

At a real site the customer has these; Landbridge is told their names.
"""

from __future__ import annotations

import json
from typing import Any

import boto3

from lab.aws.network import Network
from lab.aws.service import SECRET_NAME
from lab.config import ACCOUNT, DMS_USER, HOST, REGION, SOURCE_SECRET, LabConfig
from lab.secret_files import read_secret

NETWORK = "10.42.0.0/16"
SUBNETS = (("10.42.1.0/24", "a"), ("10.42.2.0/24", "b"))
NAME_TAG = "landbridge-lab"


def client(config: LabConfig, service: str) -> Any:
    """A client of the emulator with the lab's credential."""
    key, secret = ACCOUNT, read_secret(config.secrets_dir, SECRET_NAME)
    session: Any = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=REGION)
    return session.client(service, endpoint_url=config.aws_url)


def create_network(config: LabConfig) -> Network:
    """One VPC with two subnets in two availability zones, as a DMS subnet group demands, and one security group."""
    ec2 = client(config, "ec2")
    vpc = ec2.create_vpc(CidrBlock=NETWORK, TagSpecifications=_name("vpc"))["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=f"{REGION}{zone}", TagSpecifications=_name("subnet"))
        for block, zone in SUBNETS
    ]
    group = ec2.create_security_group(VpcId=vpc, GroupName=NAME_TAG, Description="Replication instance of the lab")
    return Network(tuple(subnet["Subnet"]["SubnetId"] for subnet in subnets), (group["GroupId"],))


def create_source_secret(config: LabConfig) -> None:
    """The secret in the form that DMS reads: username, password, host, port."""
    secret = {
        "username": DMS_USER,
        "password": read_secret(config.secrets_dir, DMS_USER),
        "host": HOST,
        "port": config.mysql_port,
    }
    client(config, "secretsmanager").create_secret(Name=SOURCE_SECRET, SecretString=json.dumps(secret))


def _name(resource: str) -> list[dict[str, Any]]:
    return [{"ResourceType": resource, "Tags": [{"Key": "Name", "Value": NAME_TAG}]}]
