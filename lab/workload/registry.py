# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The workloads that the lab knows, by name."""

from __future__ import annotations

from lab.config import SCHEMA
from lab.workload import billing_changes, zoo
from lab.workload.billing import BillingRows
from lab.workload.population import TABLES
from lab.workload.workload import Workload

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("billing", SCHEMA, TABLES, BillingRows.of, billing_changes.actions),
        zoo.WORKLOAD,
    )
}
