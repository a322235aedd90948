# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The schemas of an endpoint's database, read when the caller asks for it and kept until the next time."""

from __future__ import annotations

import logging
import threading
from typing import Any

from lab.dms.api.endpoints import Endpoints
from lab.dms.api.instances import Instances
from lab.dms.api.listing import page
from lab.dms.api.store import Resource, Store
from lab.dms.faults import invalid_value, wrong_state
from lab.dms.sources.mysql import MySQLSource, SourceError

REFRESHING, SUCCESSFUL, FAILED = "refreshing", "successful", "failed"

_log = logging.getLogger(__name__)


class Schemas:
    def __init__(self, store: Store, endpoints: Endpoints, instances: Instances) -> None:
        self._store = store
        self._endpoints = endpoints
        self._instances = instances
        with store.changing():
            for endpoint in store.all("endpoint"):
                if endpoint.inner.get("refresh", {}).get("Status") == REFRESHING:
                    _conclude(endpoint, "The replication service was restarted while it read the schemas.")

    def refresh(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            instance = self._instances.available(params["ReplicationInstanceArn"])
            endpoint = self._store.get("endpoint", params["EndpointArn"])
            if endpoint.shown["EngineName"] == "s3":
                raise invalid_value(f"Endpoint {endpoint.identifier} is no database.")
            if endpoint.inner.get("refresh", {}).get("Status") == REFRESHING:
                raise wrong_state(f"The schemas of endpoint {endpoint.identifier} are already being refreshed.")
            endpoint.inner["refresh"] = {
                "EndpointArn": endpoint.arn,
                "ReplicationInstanceArn": instance.arn,
                "Status": REFRESHING,
                "LastRefreshDate": self._store.clock(),
            }
            shown = dict(endpoint.inner["refresh"])
        threading.Thread(target=self._read, args=(endpoint,), name="refresh-schemas", daemon=True).start()
        return {"RefreshSchemasStatus": shown}

    def status(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"RefreshSchemasStatus": self._refreshed(params["EndpointArn"]).inner["refresh"]}

    def describe(self, params: dict[str, Any]) -> dict[str, Any]:
        chosen, marker = page(self._refreshed(params["EndpointArn"]).inner.get("schemas", []), params)
        return {"Schemas": chosen, "Marker": marker}

    def _refreshed(self, arn: str) -> Resource:
        """The endpoint, whose schemas were read at least once. Raises Fault."""
        endpoint = self._store.get("endpoint", arn)
        if "refresh" not in endpoint.inner:
            raise wrong_state(f"The schemas of endpoint {endpoint.identifier} were never refreshed.")
        return endpoint

    def _read(self, endpoint: Resource) -> None:
        failure, schemas = "", list[str]()
        try:
            with MySQLSource(self._endpoints.address(endpoint)) as source:
                schemas = sorted({schema for schema, _, _ in source.tables()})
        except (SourceError, LookupError) as error:
            failure = str(error)
        except Exception:
            _log.exception("schemas of %s", endpoint.identifier)
            failure = "Reading the schemas failed; see the log of the replication service."
        with self._store.changing():
            _conclude(endpoint, failure)
            if not failure:
                endpoint.inner["schemas"] = schemas


def _conclude(endpoint: Resource, failure: str) -> None:
    endpoint.inner["refresh"]["Status"] = FAILED if failure else SUCCESSFUL
    if failure:
        endpoint.inner["refresh"]["LastFailureMessage"] = failure
