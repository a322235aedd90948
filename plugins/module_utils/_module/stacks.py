# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CloudFormation stacks of a migration: what they should be, what they are, and what lies between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..core.adapters.connections import Connections, load_contract
from ..core.errors import InvalidInput
from ..core.model.site import Site
from ..core.provision.foundation import foundation_template
from ..core.provision.replication import replication_template
from ..core.site.names import Names

try:
    from botocore.exceptions import ClientError
except ImportError:  # connect() says what is missing before anything here is called
    ClientError = Exception  # type: ignore[assignment, misc]


def templates(site: Site) -> dict[str, dict[str, Any]]:
    """Both templates by role, as the site and its contract ask for them. Raises InvalidInput where either is wrong."""
    contract = load_contract(site)
    return {
        "foundation": foundation_template(site, contract),
        "replication": replication_template(site, contract, source_ca_pem=_source_ca(site)),
    }


def names(site: Site) -> dict[str, str]:
    """All names that the site gives rise to."""
    derived = Names(site)
    properties = [name for name, value in vars(Names).items() if isinstance(value, property)]
    return {name: getattr(derived, name) for name in properties}


def deployed(connections: Connections, stack: str) -> dict[str, Any]:
    """``{"exists", "status", "outputs", "template"}`` of a stack in the account."""
    client = connections.aws.client("cloudformation")
    try:
        found = client.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return {"exists": False, "status": "", "outputs": {}, "template": {}}
        raise
    template = client.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    return {"exists": True, "status": found["StackStatus"], "outputs": outputs, "template": template}


def changes(current: dict[str, Any], wanted: dict[str, Any]) -> list[dict[str, str]]:
    """What has to happen to the resources of one template to become those of the other, in the order of their names."""
    before, after = current.get("Resources", {}), wanted["Resources"]
    found = []
    for name in sorted({*before, *after}):
        if name not in after:
            found.append({"action": "delete", "resource": name, "type": before[name]["Type"]})
        elif name not in before:
            found.append({"action": "create", "resource": name, "type": after[name]["Type"]})
        elif before[name] != after[name]:
            found.append({"action": "change", "resource": name, "type": after[name]["Type"]})
    return found


def _source_ca(site: Site) -> str:
    if not site.replication.tls_ca:
        return ""
    try:
        return Path(site.replication.tls_ca).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"the CA certificate of the source cannot be read: {error}", place=site.replication.tls_ca, remedy="Name a readable PEM file."
        ) from error
