# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""CloudFormation as far as our templates and amazon.aws.cloudformation use it."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, WaiterError

QUICK = {"Delay": 1, "MaxAttempts": 60}
NAMED = ["CAPABILITY_NAMED_IAM"]


class Stack:
    """One stack with names of its own; ``template`` may be changed between the calls."""

    def __init__(self, lab):
        self.lab = lab
        self.name = f"probe-{uuid.uuid4().hex[:12]}"
        self.client = lab.client("cloudformation")
        self.template = template(self.name)

    def arguments(self):
        return {"StackName": self.name, "TemplateBody": json.dumps(self.template), "Capabilities": NAMED}

    def wait(self, event):
        self.client.get_waiter(event).wait(StackName=self.name, WaiterConfig=QUICK)

    def create(self):
        self.client.create_stack(**self.arguments())
        self.wait("stack_create_complete")

    def update(self):
        self.client.update_stack(**self.arguments())
        self.wait("stack_update_complete")

    def delete(self):
        self.client.delete_stack(StackName=self.name)
        self.wait("stack_delete_complete")

    def reasons(self):
        events = self.client.describe_stack_events(StackName=self.name)["StackEvents"]
        return " ".join(event.get("ResourceStatusReason", "") for event in events)

    def table(self):
        return self.lab.client("dynamodb").describe_table(TableName=self.name)["Table"]

    def recovery(self):
        answer = self.lab.client("dynamodb").describe_continuous_backups(TableName=self.name)
        return answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]


def template(name):
    keys = [{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}]
    index_keys = [{"AttributeName": "GSI1PK", "KeyType": "HASH"}]
    trust = {"Effect": "Allow", "Principal": {"Service": "dms.eu-west-1.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Resources": {
            "Bucket": {
                "Type": "AWS::S3::Bucket",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {
                    "BucketName": name,
                    "BucketEncryption": {
                        "ServerSideEncryptionConfiguration": [
                            {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
                        ]
                    },
                    "LifecycleConfiguration": {
                        "Rules": [
                            {
                                "Id": "expire",
                                "Status": "Enabled",
                                "Prefix": "billing/",
                                "ExpirationInDays": 30,
                                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
                            }
                        ]
                    },
                    "VersioningConfiguration": {"Status": "Enabled"},
                    "PublicAccessBlockConfiguration": dict.fromkeys(
                        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
                    ),
                    "Tags": [{"Key": "purpose", "Value": "probe"}],
                },
            },
            "Policy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {
                    "Bucket": {"Ref": "Bucket"},
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Deny",
                                "Principal": "*",
                                "Action": "s3:*",
                                "Resource": [{"Fn::GetAtt": ["Bucket", "Arn"]}, {"Fn::Sub": "${Bucket.Arn}/*"}],
                                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                            }
                        ],
                    },
                },
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": name,
                    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                    "Policies": [
                        {
                            "PolicyName": "write",
                            "PolicyDocument": {
                                "Version": "2012-10-17",
                                "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": {"Fn::Sub": "${Bucket.Arn}/*"}}],
                            },
                        }
                    ],
                },
            },
            "Table": {
                "Type": "AWS::DynamoDB::Table",
                "DeletionPolicy": "Retain",
                "Properties": {
                    "TableName": name,
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in ("PK", "SK", "GSI1PK")],
                    "KeySchema": keys,
                    "GlobalSecondaryIndexes": [{"IndexName": "GSI1", "KeySchema": index_keys, "Projection": {"ProjectionType": "ALL"}}],
                    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                    "DeletionProtectionEnabled": True,
                },
            },
        },
        "Outputs": {"TableArn": {"Value": {"Fn::GetAtt": ["Table", "Arn"]}}, "RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }


@pytest.fixture
def stack(lab):
    stack = Stack(lab)
    yield stack
    dynamodb, s3, cloudformation = lab.client("dynamodb"), lab.client("s3"), stack.client
    if stack.name in dynamodb.list_tables()["TableNames"]:
        dynamodb.update_table(TableName=stack.name, DeletionProtectionEnabled=False)
    if stack.name in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        for version in s3.list_object_versions(Bucket=stack.name).get("Versions", []):
            s3.delete_object(Bucket=stack.name, Key=version["Key"], VersionId=version["VersionId"])
    cloudformation.delete_stack(StackName=stack.name)
    stack.wait("stack_delete_complete")
    if stack.name in dynamodb.list_tables()["TableNames"]:
        dynamodb.delete_table(TableName=stack.name)
    if stack.name in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.delete_bucket(Bucket=stack.name)


def test_every_property_of_the_template_is_in_force(lab, stack):
    stack.create()
    s3, iam = lab.client("s3"), lab.client("iam")
    rule = s3.get_bucket_lifecycle_configuration(Bucket=stack.name)["Rules"][0]
    assert (rule["Expiration"], rule["Filter"]) == ({"Days": 30}, {"Prefix": "billing/"})
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 3}
    encryption = s3.get_bucket_encryption(Bucket=stack.name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert s3.get_bucket_versioning(Bucket=stack.name)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=stack.name)["PublicAccessBlockConfiguration"].values())
    assert {"Key": "purpose", "Value": "probe"} in s3.get_bucket_tagging(Bucket=stack.name)["TagSet"]
    policy = json.loads(s3.get_bucket_policy(Bucket=stack.name)["Policy"])
    assert policy["Statement"][0]["Resource"] == [f"arn:aws:s3:::{stack.name}", f"arn:aws:s3:::{stack.name}/*"]
    role = iam.get_role_policy(RoleName=stack.name, PolicyName="write")["PolicyDocument"]
    assert role["Statement"][0]["Resource"] == f"arn:aws:s3:::{stack.name}/*"
    table = stack.table()
    assert table["DeletionProtectionEnabled"]
    assert [(index["IndexName"], index["IndexStatus"]) for index in table["GlobalSecondaryIndexes"]] == [("GSI1", "ACTIVE")]
    assert stack.recovery() == "ENABLED"
    outputs = {
        output["OutputKey"]: output["OutputValue"] for output in stack.client.describe_stacks(StackName=stack.name)["Stacks"][0]["Outputs"]
    }
    assert outputs == {"TableArn": table["TableArn"], "RoleArn": f"arn:aws:iam::000000000042:role/{stack.name}"}


def test_an_update_changes_what_differs_and_one_without_a_difference_is_refused(lab, stack):
    stack.create()
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stack.update()
    identity = stack.table()["TableId"]
    lab.client("dynamodb").put_item(TableName=stack.name, Item={"PK": {"S": "a"}, "SK": {"S": "b"}})
    table = stack.template["Resources"]["Table"]["Properties"]
    table["DeletionProtectionEnabled"] = False
    table["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": False}
    second = copy.deepcopy(table["GlobalSecondaryIndexes"][0]) | {"IndexName": "GSI2"}
    table["GlobalSecondaryIndexes"].append(second)
    stack.template["Resources"]["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] = 60
    stack.update()
    described = stack.table()
    assert (described["TableId"], described["ItemCount"]) == (identity, 1)
    assert (described["DeletionProtectionEnabled"], stack.recovery()) == (False, "DISABLED")
    assert {index["IndexName"] for index in described["GlobalSecondaryIndexes"]} == {"GSI1", "GSI2"}
    assert lab.client("s3").get_bucket_lifecycle_configuration(Bucket=stack.name)["Rules"][0]["Expiration"] == {"Days": 60}


def test_what_is_retained_outlives_the_stack(lab, stack):
    stack.create()
    stack.delete()
    assert stack.table()["TableStatus"] == "ACTIVE"
    lab.client("s3").head_bucket(Bucket=stack.name)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        lab.client("iam").get_role(RoleName=stack.name)


def test_a_protected_table_and_a_bucket_with_objects_stop_a_deletion(lab, stack):
    for resource in ("Bucket", "Table"):
        stack.template["Resources"][resource]["DeletionPolicy"] = "Delete"
    stack.create()
    lab.client("s3").put_object(Bucket=stack.name, Key="a", Body=b"x")
    with pytest.raises(WaiterError):
        stack.delete()
    assert "BucketNotEmpty" in stack.reasons()
    assert "protected against deletion" in stack.reasons()


@pytest.mark.parametrize("resource", ["Bucket", "Role", "Table", "Policy"])
def test_a_property_that_the_type_does_not_have_fails_the_stack(stack, resource):
    stack.template["Resources"][resource]["Properties"]["Nonsense"] = "x"
    with pytest.raises(WaiterError):
        stack.create()
    assert "extraneous key [Nonsense]" in stack.reasons()


def test_named_roles_need_the_callers_word(stack):
    with pytest.raises(ClientError, match="InsufficientCapabilities"):
        stack.client.create_stack(StackName=stack.name, TemplateBody=json.dumps(stack.template))


def test_amazon_aws_cloudformation_creates_plans_updates_and_deletes(lab, stack, tmp_path):
    path = tmp_path / "template.json"

    def module(state, *words):
        path.write_text(json.dumps(stack.template), encoding="utf-8")
        arguments = json.dumps({"stack_name": stack.name, "state": state, "template": str(path), "capabilities": NAMED, "events_limit": 20})
        ansible = Path(sys.executable).parent / "ansible"
        command = [str(ansible), "localhost", "-c", "local", "-m", "amazon.aws.cloudformation", "-a", arguments, *words]
        env = lab.env | {
            "ANSIBLE_HOME": str(tmp_path / "ansible"),
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        }
        done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout[done.stdout.index("{") :])

    assert module("present", "--check")["changed"]
    assert module("present")["changed"]
    assert not module("present")["changed"]
    stack.template["Resources"]["Table"]["Properties"]["DeletionProtectionEnabled"] = False
    assert module("present", "--check")["changed"]
    assert stack.table()["DeletionProtectionEnabled"]
    assert module("present")["changed"]
    assert not stack.table()["DeletionProtectionEnabled"]
    assert module("absent")["changed"]
    assert not module("absent")["changed"]


TRUST_DMS = {"Effect": "Allow", "Principal": {"Service": "dms.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.fixture
def dms_stack(lab):
    """A stack with a replication instance and a subscription to its events; the account has the role that DMS needs."""
    iam = lab.client("iam")
    if "dms-vpc-role" not in [role["RoleName"] for role in iam.list_roles()["Roles"]]:
        document = json.dumps({"Version": "2012-10-17", "Statement": [TRUST_DMS]})
        iam.create_role(RoleName="dms-vpc-role", AssumeRolePolicyDocument=document)
    policy = "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"
    iam.attach_role_policy(RoleName="dms-vpc-role", PolicyArn=policy)
    subnets = lab.client("ec2").describe_subnets(Filters=[{"Name": "tag:Name", "Values": ["landbridge-lab"]}])["Subnets"]
    stack = Stack(lab)
    stack.template = {
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": stack.name}},
            "Group": {
                "Type": "AWS::DMS::ReplicationSubnetGroup",
                "Properties": {"ReplicationSubnetGroupDescription": "probe", "SubnetIds": [s["SubnetId"] for s in subnets]},
            },
            "Instance": {
                "Type": "AWS::DMS::ReplicationInstance",
                "Properties": {
                    "ReplicationInstanceIdentifier": stack.name,
                    "ReplicationInstanceClass": "dms.t3.medium",
                    "ReplicationSubnetGroupIdentifier": {"Ref": "Group"},
                },
            },
            "Subscription": {
                "Type": "AWS::DMS::EventSubscription",
                "Properties": {
                    "SnsTopicArn": {"Ref": "Topic"},
                    "SourceType": "replication-instance",
                    "EventCategories": "Failover",
                    "Tags": [{"Key": "purpose", "Value": "probe"}],
                },
            },
        },
        "Outputs": {"Instance": {"Value": {"Ref": "Instance"}}, "Subscription": {"Value": {"Ref": "Subscription"}}},
    }
    yield stack
    stack.delete()
    assert not [s for s in lab.client("dms").describe_event_subscriptions()["EventSubscriptionsList"] if stack.name in s["SnsTopicArn"]]


def outputs(stack):
    found = stack.client.describe_stacks(StackName=stack.name)["Stacks"][0]["Outputs"]
    return {output["OutputKey"]: output["OutputValue"] for output in found}


def test_an_event_subscription_is_changed_in_place_or_replaced(lab, dms_stack):
    dms = lab.client("dms")

    def subscription():
        return dms.describe_event_subscriptions(SubscriptionName=outputs(dms_stack)["Subscription"])["EventSubscriptionsList"][0]

    dms_stack.create()
    made = subscription()
    assert (made["Status"], made["Enabled"], made["EventCategoriesList"]) == ("active", True, ["failover"])
    arn = f"arn:aws:dms:eu-west-1:000000000042:es:{made['CustSubscriptionId']}"
    properties = dms_stack.template["Resources"]["Subscription"]["Properties"]
    properties |= {"EventCategories": ["Failure", "Creation"], "Enabled": False, "Tags": [{"Key": "purpose", "Value": "changed"}]}
    dms_stack.update()
    changed = subscription()
    assert (changed["CustSubscriptionId"], changed["Enabled"]) == (made["CustSubscriptionId"], False)
    assert changed["EventCategoriesList"] == ["failure", "creation"]
    assert [tag["Value"] for tag in dms.list_tags_for_resource(ResourceArn=arn)["TagList"]] == ["changed"]
    properties["SourceIds"] = [dms_stack.name]
    dms_stack.update()
    replaced = subscription()
    assert replaced["CustSubscriptionId"] != made["CustSubscriptionId"]
    assert replaced["SourceIdsList"] == [dms_stack.name]


def test_an_instance_is_changed_at_once(lab, dms_stack):
    dms_stack.create()
    arn = outputs(dms_stack)["Instance"]
    dms_stack.template["Resources"]["Instance"]["Properties"] |= {"ReplicationInstanceClass": "dms.c5.large", "AllocatedStorage": "70"}
    dms_stack.update()
    assert outputs(dms_stack)["Instance"] == arn
    filters = [{"Name": "replication-instance-arn", "Values": [arn]}]
    found = lab.client("dms").describe_replication_instances(Filters=filters)["ReplicationInstances"][0]
    assert (found["ReplicationInstanceClass"], found["AllocatedStorage"]) == ("dms.c5.large", 70)
    assert (found["ReplicationInstanceStatus"], found["PendingModifiedValues"]) == ("available", {})


@pytest.mark.parametrize("kind", ["ReplicationConfig", "DataProvider", "MigrationProject", "InstanceProfile", "DataMigration"])
def test_what_the_lab_has_not_is_refused_by_its_name(stack, kind):
    stack.template = {"Resources": {"Other": {"Type": f"AWS::DMS::{kind}", "Properties": {}}}}
    with pytest.raises(ClientError, match=f"AWS::DMS::{kind}"):
        stack.client.create_stack(**stack.arguments())
