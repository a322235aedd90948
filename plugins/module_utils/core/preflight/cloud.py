# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The AWS account: is it the one that the site names, and can a replication instance live there."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.finding import Finding, Place
from .check import Check, Subject


def identity(subject: Subject) -> Iterator[Finding]:
    account, arn = subject.account.identity()
    if account != subject.site.aws.account:
        yield Finding(
            "refused",
            "aws-account",
            Place(subject.site.file),
            f"the credentials belong to account {account} ({arn}), the site names {subject.site.aws.account}",
            "use other credentials (`aws.profile`), or correct `aws.account`",
        )


def subnets(subject: Subject) -> Iterator[Finding]:
    wanted = subject.site.replication.subnet_ids
    zones = subject.account.subnet_zones(wanted)
    missing = [subnet for subnet in wanted if subnet not in zones]
    place = Place(subject.site.file)
    if missing:
        yield Finding(
            "refused",
            "subnets",
            place,
            f"there are no such subnets in {subject.site.aws.region}: {', '.join(missing)}",
            "correct `replication.subnet_ids`",
        )
    elif len(set(zones.values())) < 2:
        yield Finding(
            "refused",
            "subnets",
            place,
            "a DMS subnet group needs subnets in two availability zones at least",
            "add a subnet of another zone to `replication.subnet_ids`",
        )


CHECKS = (
    Check("aws-account", "the credentials belong to the account of the site", identity),
    Check("subnets", "the subnets are there, in two availability zones", subnets),
)
