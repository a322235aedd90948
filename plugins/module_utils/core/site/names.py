# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The names of all that a migration creates in the account, derived from the site alone."""

from __future__ import annotations

from dataclasses import dataclass

from ..model.site import Site

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


@dataclass(frozen=True, slots=True)
class Names:
    """Names of one site. What belongs to a single run carries the run's name, so that a new run never meets an old one's task."""

    site: Site

    @property
    def foundation_stack(self) -> str:
        return f"{self.site.aws.prefix}-foundation"

    @property
    def replication_stack(self) -> str:
        return f"{self.site.aws.prefix}-replication"

    @property
    def replication_instance(self) -> str:
        return self.site.aws.prefix

    @property
    def subnet_group(self) -> str:
        return self.site.aws.prefix

    @property
    def certificate(self) -> str:
        return f"{self.site.aws.prefix}-source-ca"

    @property
    def source_endpoint(self) -> str:
        return f"{self.site.aws.prefix}-source"

    @property
    def staging_endpoint(self) -> str:
        return f"{self.site.aws.prefix}-staging-{self.site.run}"

    @property
    def full_load_task(self) -> str:
        return f"{self.site.aws.prefix}-full-load-{self.site.run}"

    @property
    def staging_role(self) -> str:
        return f"{self.site.aws.prefix}-dms-staging"

    @property
    def secret_role(self) -> str:
        return f"{self.site.aws.prefix}-dms-secret"

    @property
    def worker_policy(self) -> str:
        return f"{self.site.aws.prefix}-worker"

    @property
    def partition(self) -> str:
        """``aws``, ``aws-cn`` or ``aws-us-gov``: the second field of every ARN of the site's Region."""
        return next((p for start, p in _PARTITIONS.items() if self.site.aws.region.startswith(start)), "aws")

    def arn(self, service: str, resource: str, *, region: bool = True, account: bool = True) -> str:
        """An ARN of this site; some services (IAM, S3) leave Region or account out."""
        where = self.site.aws.region if region else ""
        who = self.site.aws.account if account else ""
        return f"arn:{self.partition}:{service}:{where}:{who}:{resource}"
