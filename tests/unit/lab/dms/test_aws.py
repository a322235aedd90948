# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What the service demands of the account's roles and secrets."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.dms.aws import VPC_POLICY, VPC_ROLE, Aws
from lab.dms.faults import Fault


class Iam:
    """As much of boto3's IAM client as is asked."""

    class exceptions:  # noqa: N801 - boto3's name
        class NoSuchEntityException(Exception):
            pass

    def __init__(self) -> None:
        self.roles: dict[str, tuple[Any, list[str]]] = {}

    def get_role(self, RoleName: str) -> dict[str, Any]:  # noqa: N803
        if RoleName not in self.roles:
            raise self.exceptions.NoSuchEntityException
        statement = {"Effect": "Allow", "Principal": {"Service": self.roles[RoleName][0]}, "Action": "sts:AssumeRole"}
        return {"Role": {"AssumeRolePolicyDocument": {"Statement": [statement]}}}

    def list_attached_role_policies(self, RoleName: str) -> dict[str, Any]:  # noqa: N803
        return {"AttachedPolicies": [{"PolicyArn": arn} for arn in self.roles[RoleName][1]]}


class Secrets:
    def __init__(self, text: str | None) -> None:
        self._text = text

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803
        if self._text is None:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "GetSecretValue")
        return {"SecretString": self._text}


def account(**clients: Any) -> Aws:
    aws = Aws("http://127.0.0.1:1", "eu-west-1")
    aws.__dict__.update(clients)
    return aws


@pytest.mark.parametrize(
    ("role", "why"),
    [
        (None, "it does not exist"),
        (("ec2.amazonaws.com", [VPC_POLICY]), "it does not trust dms.amazonaws.com"),
        ((["dms.amazonaws.com"], []), f"the policy {VPC_POLICY} is not attached to it"),
    ],
    ids=["no role", "a role that does not trust DMS", "a role without its policy"],
)
def test_a_vpc_role_that_does_not_serve(role: Any, why: str) -> None:
    iam = Iam()
    if role:
        iam.roles[VPC_ROLE] = role
    with pytest.raises(Fault, match=f"role/dms-vpc-role is not configured properly: {why}") as refused:
        account(iam=iam).check_vpc_role("000000000042")
    assert refused.value.code == "AccessDeniedFault"


def test_a_vpc_role_that_serves() -> None:
    iam = Iam()
    iam.roles[VPC_ROLE] = (["dms.amazonaws.com", "ec2.amazonaws.com"], [VPC_POLICY])
    account(iam=iam).check_vpc_role("000000000042")


def test_service_roles() -> None:
    iam = Iam()
    iam.roles["s3"] = ("dms.amazonaws.com", [])
    aws = account(iam=iam)
    aws.check_service_role("arn:aws:iam::1:role/path/s3", ("dms.amazonaws.com", "dms.eu-west-1.amazonaws.com"))
    with pytest.raises(Fault, match="trusts none of"):
        aws.check_service_role("arn:aws:iam::1:role/s3", ("dms.eu-west-1.amazonaws.com",))
    with pytest.raises(Fault, match="does not exist"):
        aws.check_service_role("arn:aws:iam::1:role/other", ("dms.amazonaws.com",))


def test_a_secret_is_read() -> None:
    text = '{"username": "u", "password": "hush", "host": "h", "port": "3306"}'
    assert account(secrets_manager=Secrets(text)).secret("s")["port"] == "3306"


@pytest.mark.parametrize("text", [None, "hush", '{"password": "hush"}', "[]"])
def test_a_secret_that_does_not_serve_is_not_shown(text: str | None) -> None:
    with pytest.raises(LookupError) as refused:
        account(secrets_manager=Secrets(text)).secret("source")
    assert "source" in str(refused.value)
    assert "hush" not in str(refused.value)
