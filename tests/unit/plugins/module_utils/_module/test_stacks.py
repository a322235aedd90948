# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lies between two templates."""

from __future__ import annotations

from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module import stacks

WANTED = {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "A"}}, "Role": {"Type": "AWS::IAM::Role"}}}


def test_everything_is_created_where_there_is_no_stack() -> None:
    assert [(change["action"], change["resource"]) for change in stacks.changes({}, WANTED)] == [("create", "Role"), ("create", "Table")]


def test_nothing_lies_between_equal_templates() -> None:
    assert stacks.changes(WANTED, WANTED) == []


def test_what_changes_and_what_goes() -> None:
    current = {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {}}, "Old": {"Type": "AWS::S3::Bucket"}}}
    assert stacks.changes(current, WANTED) == [
        {"action": "delete", "resource": "Old", "type": "AWS::S3::Bucket"},
        {"action": "create", "resource": "Role", "type": "AWS::IAM::Role"},
        {"action": "change", "resource": "Table", "type": "AWS::DynamoDB::Table"},
    ]
