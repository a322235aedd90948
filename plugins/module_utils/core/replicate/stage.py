# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What must be written down before DMS starts: the contract and the shape of every table, as they were at that moment.

Staged files have no header. Their columns are known only from this record, and a contract that changes in mid-run is refused by it.
"""

from __future__ import annotations

from ..checkpoint.documents import Documents
from ..checkpoint.run import RunRecord, freeze_run
from ..contract.checker import check_contract
from ..contract.definition import Contract
from ..errors import InvalidInput
from ..model.schema import Table
from ..model.site import Site
from ..ports import SourceDatabase

# Every task raises the generation; the first load of a run is the first task.
_FIRST_GENERATION = 1


def freeze(site: Site, contract: Contract, database: SourceDatabase, documents: Documents) -> bool:
    """Freeze the run. True if this call did it, False if the same run was frozen before.

    Raises InvalidInput if the contract does not fit the live schema; Conflict if the run was frozen with another contract or schema.
    """
    record = RunRecord(
        contract_text=contract.text,
        contract_sha256=contract.sha256,
        tables=source_tables(contract, database),
        staging_prefix=site.staging_prefix,
        null_marker=site.replication.null_marker,
        generation=_FIRST_GENERATION,
    )
    return freeze_run(documents, record)


def source_tables(contract: Contract, database: SourceDatabase) -> tuple[Table, ...]:
    """The live tables that the contract names, in its order. Raises InvalidInput with all findings if the contract does not fit them."""
    live = {(table.schema, table.name): table for table in database.tables(contract.schemas)}
    tables = tuple(live[name] for name in contract.source_tables if name in live)
    refused = [finding for finding in check_contract(contract, tables) if finding.severity == "refused"]
    if refused:
        raise InvalidInput(
            "the contract does not fit the source as it is now",
            place=contract.file,
            remedy="correct the contract as the findings say; nothing was started",
            findings=refused,
        )
    return tables
