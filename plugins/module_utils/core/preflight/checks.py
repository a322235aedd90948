# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""All checks that are made before anything is begun. They only read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..contract.definition import Contract
from ..errors import InvalidInput, LandbridgeError
from ..model.finding import Finding, Place
from ..model.progress import StageProgress
from ..model.site import Site
from ..ports import CloudAccount, InspectedDatabase, ProgressListener
from . import cloud, server, tables
from .check import Check, Subject


def run_preflight(
    site: Site, contract: Contract, database: InspectedDatabase, account: CloudAccount, listener: ProgressListener
) -> list[Finding]:
    """Every finding: refused and warning, and one ``passed`` for each check that found nothing.

    A check that cannot be made is refused with the reason. Where the first check of a system fails that way, the system cannot be
    asked at all, and its other checks are left out. Raises nothing for a bad source or account; what ``listener`` raises ends the checks.
    """
    subject = Subject(site, contract, database, account)
    source = _run((*server.CHECKS, *tables.CHECKS), subject, subject.server, listener)
    aws = _run(cloud.CHECKS, subject, Place(site.file), listener)
    return [*source, *aws]


def refuse(findings: Sequence[Finding]) -> None:
    """Raises InvalidInput with the refused findings, if there are any."""
    refused = [finding for finding in findings if finding.severity == "refused"]
    if refused:
        raise InvalidInput(
            f"{len(refused)} of the checks before the run refuse it", remedy="correct what they say; nothing was begun", findings=refused
        )


def _run(checks: Sequence[Check], subject: Subject, place: Place, listener: ProgressListener) -> Iterator[Finding]:
    for number, check in enumerate(checks):
        listener(StageProgress("preflight", f"checking that {check.promise}"))
        try:
            found = list(check.run(subject))
        except LandbridgeError as error:
            yield Finding("refused", check.code, Place(error.place) if error.place else place, error.message, error.remedy)
            if number == 0:
                return
        else:
            yield from found or [Finding("passed", check.code, place, check.promise)]
