# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The zoo: whatever a MySQL table can hold, and whatever can happen to it."""

from __future__ import annotations

from lab.workload.workload import Workload
from lab.workload.zoo import changes
from lab.workload.zoo.rows import NAMES, ZooRows, fields

# Strict, but with zero dates.
WORKLOAD = Workload("zoo", "zoo", NAMES, ZooRows.of, changes.actions, fields, sql_mode="STRICT_TRANS_TABLES")
