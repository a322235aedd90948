# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The source of a task, for those who look at it before the task runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from lab.dms.api.endpoints import Endpoints
from lab.dms.api.store import Resource, Store
from lab.dms.assessments.examination import Examination
from lab.dms.mappings import read_mappings
from lab.dms.sources.mysql import MySQLSource


class TaskSource:
    def __init__(self, store: Store, endpoints: Endpoints) -> None:
        self._store = store
        self._endpoints = endpoints

    def engine(self, task: Resource) -> str:
        """``mysql`` or ``mariadb``, as the endpoint says."""
        return str(self._endpoint(task).shown["EngineName"])

    @contextmanager
    def examine(self, task: Resource) -> Iterator[Examination]:
        """The source, connected. Raises SourceError, LookupError."""
        endpoint = self._endpoint(task)
        with MySQLSource(self._endpoints.address(endpoint)) as source:
            yield Examination(
                source,
                mappings=read_mappings(task.shown["TableMappings"]),
                settings=json.loads(task.shown["ReplicationTaskSettings"]),
                captures=task.shown["MigrationType"] != "full-load",
                attributes=endpoint.shown.get("ExtraConnectionAttributes") or "",
            )

    def _endpoint(self, task: Resource) -> Resource:
        return self._store.get("endpoint", task.shown["SourceEndpointArn"])
