# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Which replication instances can be ordered: classes with their storage, and versions of the engine.

Classes: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.Types.html
Versions: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReleaseNotes.html
"""

from __future__ import annotations

from typing import Any

from lab.dms.api.listing import page
from lab.dms.faults import invalid_combination, invalid_value

SIZES = {
    "t3": ("micro", "small", "medium", "large"),
    "c5": ("large", "xlarge", "2xlarge", "4xlarge", "9xlarge", "12xlarge", "18xlarge", "24xlarge"),
    "c6i": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge"),
    "r5": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"),
    "r6i": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge"),
}
CLASSES = tuple(f"dms.{family}.{size}" for family, sizes in SIZES.items() for size in sizes)
# Oldest first.
VERSIONS = ("3.4.7", "3.5.1", "3.5.2", "3.5.3", "3.5.4", "3.6.0", "3.6.1")
DEFAULT_VERSION = "3.5.4"
SMALLEST_STORAGE_GB = 5
LARGEST_STORAGE_GB = 6144
_BURSTABLE = "dms.t"


def check_class(name: str) -> None:
    """Raises Fault."""
    if name not in CLASSES:
        raise invalid_value(f"The replication instance class {name} is not valid.")


def default_storage(name: str) -> int:
    """Gigabytes that an instance of that class has unless more or less is ordered."""
    return 50 if name.startswith(_BURSTABLE) else 100


def check_storage(gigabytes: int) -> None:
    """Raises Fault."""
    if not SMALLEST_STORAGE_GB <= gigabytes <= LARGEST_STORAGE_GB:
        raise invalid_value(f"AllocatedStorage is {gigabytes}; it must be between {SMALLEST_STORAGE_GB} and {LARGEST_STORAGE_GB} GB.")


def check_version(name: str) -> None:
    """Raises Fault."""
    if name not in VERSIONS:
        raise invalid_value(f"The engine version {name} is not valid; it must be one of {', '.join(VERSIONS)}.")


def check_upgrade(before: str, after: str, *, major_allowed: bool) -> None:
    """May an instance go from one version to the other? A change of the first two numbers is a major one. Raises Fault."""
    check_version(after)
    if VERSIONS.index(after) < VERSIONS.index(before):
        raise invalid_value(f"The engine version cannot go back from {before} to {after}.")
    if _line(before) != _line(after) and not major_allowed:
        raise invalid_combination("The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")


def newest_minor(version: str) -> str:
    """The newest version that an instance of that version can take without a major upgrade."""
    return max((v for v in VERSIONS if _line(v) == _line(version)), key=VERSIONS.index)


def orderable(zones: list[str], params: dict[str, Any]) -> dict[str, Any]:
    """DescribeOrderableReplicationInstances. ``zones``: the Region's availability zones."""
    offered = [
        {
            "EngineVersion": version,
            "ReplicationInstanceClass": name,
            "StorageType": "gp2",
            "MinAllocatedStorage": SMALLEST_STORAGE_GB,
            "MaxAllocatedStorage": LARGEST_STORAGE_GB,
            "DefaultAllocatedStorage": default_storage(name),
            "IncludedAllocatedStorage": default_storage(name),
            "AvailabilityZones": zones,
            "ReleaseStatus": "prod",
        }
        for version in reversed(VERSIONS)
        for name in CLASSES
    ]
    chosen, marker = page(offered, params)
    return {"OrderableReplicationInstances": chosen, "Marker": marker}


def engine_versions(params: dict[str, Any]) -> dict[str, Any]:
    """DescribeEngineVersions."""
    known = [
        {
            "Version": version,
            "Lifecycle": "DEFAULT_VERSION" if version == DEFAULT_VERSION else "ACTIVE",
            "ReleaseStatus": "prod",
            "AvailableUpgrades": list(VERSIONS[VERSIONS.index(version) + 1 :]),
        }
        for version in VERSIONS
    ]
    chosen, marker = page(known, params)
    return {"EngineVersions": chosen, "Marker": marker}


def _line(version: str) -> list[str]:
    return version.split(".")[:2]
