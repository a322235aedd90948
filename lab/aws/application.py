# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The emulator with everything that we add to it, as one ASGI application."""

from __future__ import annotations

from ministack.app import app as emulator

from lab.aws import dms_bridge
from lab.aws.asgi import Application
from lab.aws.extensions import bucket_resource, event_manners, fast_scan, fast_writes, refusals, table_resource, template_properties
from lab.aws.front_door import FrontDoor
from lab.manners import Manners


def build(*, dms_url: str, secret: str) -> Application:
    """``dms_url``: where the replication service answers; ``secret``: the secret access key of the lab's one credential."""
    fast_scan.install()
    fast_writes.install()
    refusals.install()
    bucket_resource.install()
    table_resource.install()
    template_properties.install()  # after the others: it looks over what they registered
    manners = Manners(event_manners.CATALOGUE)
    event_manners.install(manners)
    return FrontDoor(dms_bridge.install(emulator, dms_url), secret, manners)
