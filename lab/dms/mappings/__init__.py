# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Table mappings: which tables and rows a task reads, and what it does to their names and columns.

Rules: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.html
"""

from lab.dms.mappings.data_types import converter
from lab.dms.mappings.document import TableMappings, read_mappings
from lab.dms.mappings.expressions import Evaluator, Expression, RowContext
from lab.dms.mappings.filters import Filters
from lab.dms.mappings.plan import OutputColumn, TablePlan
from lab.dms.mappings.rules import matches
from lab.dms.mappings.table_settings import ParallelLoad

__all__ = [
    "Evaluator",
    "Expression",
    "Filters",
    "OutputColumn",
    "ParallelLoad",
    "RowContext",
    "TableMappings",
    "TablePlan",
    "converter",
    "matches",
    "read_mappings",
]
