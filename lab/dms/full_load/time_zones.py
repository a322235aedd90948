# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""TIMESTAMP values of a source whose endpoint names a ServerTimezone.

MySQL shows a TIMESTAMP in the server's time zone. DMS takes that text for a time in ServerTimezone and converts it to UTC: values are right
where the setting names the zone in which the server really is, and shifted where it does not. The binary log holds TIMESTAMP in UTC, so
that changes are not concerned.
https://repost.aws/knowledge-center/dms-migrate-mysql-non-utc
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from lab.dms.sources.mysql import TableError

_SECONDS = len("yyyy-mm-dd hh:mm:ss")


def to_utc(zone_name: str) -> Callable[[str], str]:
    """A function that converts ``yyyy-mm-dd hh:mm:ss[.ffffff]`` of that zone; zero dates stay. Raises TableError for an unknown zone."""
    try:
        zone = ZoneInfo(zone_name)
    except (LookupError, ValueError, OSError):
        raise TableError(f"the endpoint's ServerTimezone {zone_name} is not a time zone of the form Area/Location") from None

    def convert(text: str) -> str:
        if text.startswith("0000"):
            return text
        moment = datetime.fromisoformat(text[:_SECONDS]).replace(tzinfo=zone).astimezone(UTC)
        return f"{moment:%Y-%m-%d %H:%M:%S}{text[_SECONDS:]}"

    return convert
