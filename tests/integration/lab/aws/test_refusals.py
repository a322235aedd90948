# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What AWS refuses, the lab refuses: a program that relies on the lab's good will would fail at a customer's."""

from __future__ import annotations

import uuid

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

# botocore would refuse some of the bad requests by itself.
UNCHECKED = Config(parameter_validation=False)

SERVICES = {
    "dynamodb": ("list_tables", "InvalidSignatureException", "UnrecognizedClientException"),
    "s3": ("list_buckets", "SignatureDoesNotMatch", "InvalidAccessKeyId"),
    "cloudformation": ("list_stacks", "SignatureDoesNotMatch", "InvalidClientTokenId"),
    "iam": ("list_roles", "SignatureDoesNotMatch", "InvalidClientTokenId"),
    "sts": ("get_caller_identity", "SignatureDoesNotMatch", "InvalidClientTokenId"),
    "ec2": ("describe_vpcs", "AuthFailure", "AuthFailure"),
    "secretsmanager": ("list_secrets", "InvalidSignatureException", "UnrecognizedClientException"),
    "dms": ("describe_replication_instances", "InvalidSignatureException", "UnrecognizedClientException"),
}


def code_of(call, **parameters):
    with pytest.raises(ClientError) as refusal:
        call(**parameters)
    return refusal.value.response["Error"]["Code"]


@pytest.mark.parametrize("service", SERVICES)
def test_the_right_credential_is_taken_and_wrong_ones_are_refused_in_the_services_words(lab, service):
    operation, bad_signature, unknown_key = SERVICES[service]
    getattr(lab.client(service), operation)()
    assert code_of(getattr(lab.client_with(service, "000000000042", "wrong"), operation)) == bad_signature
    assert code_of(getattr(lab.client_with(service, "AKIAIOSFODNN7EXAMPLE", "wrong"), operation)) == unknown_key
    assert code_of(getattr(lab.client_with(service, "000000000001", "test"), operation)) == unknown_key


def test_a_role_that_the_emulator_gave_out_is_taken(lab):
    name = f"probe-{uuid.uuid4().hex[:12]}"
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
    arn = lab.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    try:
        given = lab.client("sts").assume_role(RoleArn=arn, RoleSessionName="probe")["Credentials"]
        session = lab.client_with("sts", given["AccessKeyId"], given["SecretAccessKey"])
        assert f"assumed-role/{name}" in session.get_caller_identity()["Arn"]
        assert code_of(lab.client_with("sts", given["AccessKeyId"], "wrong").get_caller_identity) == "SignatureDoesNotMatch"
    finally:
        lab.client("iam").delete_role(RoleName=name)


def put(**attributes):
    return {"PutRequest": {"Item": {"PK": {"S": "p"}, "SK": {"S": "s"}, **attributes}}}


REFUSED = {
    "twenty-six writes": [put(SK={"S": str(number)}) for number in range(26)],
    "two writes of one key": [put(), put(text={"S": "other"})],
    "no sort key": [{"PutRequest": {"Item": {"PK": {"S": "p"}}}}],
    "empty key": [put(SK={"S": ""})],
    "key of another type": [put(SK={"N": "1"})],
    "partition key above 2048 bytes": [put(PK={"S": "é" * 1025})],
    "sort key above 1024 bytes": [put(SK={"S": "x" * 1025})],
    "index key of another type": [put(GSI1PK={"N": "1"})],
    "empty index key": [put(GSI1PK={"S": ""})],
    "item above 400 KB": [put(text={"S": "x" * 410_000})],
    "number of 39 digits": [put(number={"N": "1" * 39})],
    "number that is none": [put(number={"N": "1,5"})],
    "number too large": [put(number={"N": "1E126"})],
    "empty set": [put(letters={"SS": []})],
    "value of two types": [put(text={"S": "x", "N": "1"})],
    "empty attribute name": [{"PutRequest": {"Item": {"PK": {"S": "p"}, "SK": {"S": "s"}, "": {"S": "x"}}}}],
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_batch_is_refused_and_leaves_nothing(lab, table, case):
    dynamodb = lab.client_with("dynamodb", "000000000042", lab.secret("aws_secret_access_key"), config=UNCHECKED)
    good = {"PutRequest": {"Item": {"PK": {"S": "good"}, "SK": {"S": "s"}}}}
    requests = [good, *REFUSED[case]] if len(REFUSED[case]) < 25 else REFUSED[case]
    assert code_of(dynamodb.batch_write_item, RequestItems={table: requests}) in ("ValidationException", "SerializationException")
    assert dynamodb.scan(TableName=table)["Items"] == []


def test_a_batch_for_a_table_that_is_not_there_is_refused(lab, table):
    call = lab.client("dynamodb").batch_write_item
    assert code_of(call, RequestItems={f"{table}-not": [put()]}) == "ResourceNotFoundException"


def test_a_request_above_16_mb_is_refused(lab, table):
    bodies = [put(SK={"S": str(number)}, text={"S": "\\" * 390_000}) for number in range(25)]  # a backslash takes two bytes of JSON
    assert code_of(lab.client("dynamodb").batch_write_item, RequestItems={table: bodies}) == "RequestEntityTooLarge"


@pytest.mark.parametrize("name", ["Capital-letters", "under_score", "ab", "x" * 64, "xn--prefix", "name-s3alias", "192.168.0.1"])
def test_bucket_names_that_s3_does_not_allow_are_refused(lab, name):
    s3 = lab.client("s3")
    assert code_of(s3.create_bucket, Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}) == "InvalidBucketName"
