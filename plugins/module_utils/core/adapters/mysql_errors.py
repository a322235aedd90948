# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What a MySQL or MariaDB server or the way to it said, as an error that an operator can act on.

Source of the numbers: MySQL Error Message Reference, MariaDB Error Codes.
"""

from __future__ import annotations

import socket
import ssl

from ..errors import Conflict, Denied, LandbridgeError, NotFound, Retryable, Unreachable
from ..model.site import SourceSite
from .mysql_text import quoted

_HOST_ERROR, _TLS_ERROR = 2003, 2026
_NO_SUCH_LOGIN = frozenset({1045, 1698, 1251, 2059})
_HOST_NOT_ALLOWED = frozenset({1129, 1130})
_NO_GRANT = frozenset({1044, 1142, 1143, 1227, 1370})
_CLEAR_TEXT_REFUSED = 3159
_UNKNOWN_SCHEMA, _UNKNOWN_TABLE, _UNKNOWN_COLUMN = 1049, 1146, 1054
_TABLE_CHANGED = 1412
_STATEMENT_ENDED = frozenset({1205, 1213, 1317, 1969, 3024})
_BUSY = frozenset({1040, 1203, 1226})


class Lost(Retryable):
    """The connection is gone, and with it the snapshot."""


def translate(error: Exception, site: SourceSite, *, table: str = "", account: str = "") -> LandbridgeError:
    """``table``: ``schema.name`` of the table that was read, where there was one; ``account``: ``user@host`` as the server knows it."""
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    server = f"{site.host}:{site.port}"
    said = str(error.args[1]) if len(error.args) > 1 else str(error)
    if code == _HOST_ERROR:
        return _no_connection(getattr(error, "original_exception", error), site, server)
    if code == _TLS_ERROR:
        return Unreachable("the server offers no TLS", place=server, remedy="give the server a certificate (ssl_cert, ssl_key)")
    if code in _NO_SUCH_LOGIN:
        return Denied(
            f"the server refused the login of {site.user}",
            place=server,
            remedy="compare `source.user` and `source.password` of the site file with the account, and the host it may log in from"
            + ("; an account that requires TLS needs `source.tls.mode`" if site.tls_mode == "none" else ""),
        )
    if code in _HOST_NOT_ALLOWED:
        return Denied(f"the server accepts no connection from this host: {said}", place=server, remedy=f"allow {site.user} from this host")
    if code == _CLEAR_TEXT_REFUSED:
        return Denied("the server refuses connections without TLS", place=server, remedy="set `source.tls.mode` to verify-full")
    if code in _NO_GRANT:
        return _no_grant(site, server, table, account, said)
    if code in (_UNKNOWN_SCHEMA, _UNKNOWN_TABLE, _UNKNOWN_COLUMN):
        return NotFound(
            f"the source does not have what was asked for: {said}", place=table or server, remedy="compare the contract with the source"
        )
    if code == _TABLE_CHANGED:
        return Conflict(
            "the table was altered while it was read",
            place=table or server,
            remedy="keep DDL away, then run the stage again",
        )
    if code in _BUSY:
        return Retryable(f"the server has no connection left for us: {said}", place=server, remedy="raise the limit or try again later")
    if code in _STATEMENT_ENDED:
        return Retryable(f"the server ended our statement: {said}", place=table or server, remedy="run the stage again")
    return Lost(f"the connection to the source failed: {said or type(error).__name__}", place=table or server, remedy="run the stage again")


def _no_connection(cause: object, site: SourceSite, server: str) -> LandbridgeError:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Unreachable(
            f"the server's certificate was not accepted: {getattr(cause, 'verify_message', None) or cause}",
            place=server,
            remedy=f"`source.tls.ca` of the site file ({site.tls_ca or 'the CAs of the system'}) must have signed it"
            + (", and it must name the host of `source.host`" if site.tls_mode == "verify-full" else ""),
        )
    if isinstance(cause, ssl.SSLError):
        return Unreachable(
            f"TLS failed: {getattr(cause, 'reason', None) or cause}", place=server, remedy="the server must offer TLS 1.2 or newer"
        )
    if isinstance(cause, socket.gaierror):
        return Unreachable(f"the name {site.host} cannot be resolved", place=server, remedy="check `source.host` of the site file, and DNS")
    if isinstance(cause, TimeoutError):
        return Unreachable(
            "the server did not answer", place=server, remedy="check `source.host` and `source.port` of the site file, routes and firewalls"
        )
    reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    return Unreachable(
        f"no connection: {reason}", place=server, remedy="check `source.host` and `source.port` of the site file, and that the server runs"
    )


def _no_grant(site: SourceSite, server: str, table: str, account: str, said: str) -> LandbridgeError:
    if not table:
        return Denied(f"{site.user} lacks a grant: {said}", place=server, remedy="grant what the message names")
    name = ".".join(quoted(part) for part in table.split(".", 1))
    user, _at, host = account.rpartition("@")
    return Denied(
        f"{site.user} may not read {table}", place=server, remedy=f"run on the source: GRANT SELECT ON {name} TO '{user}'@'{host}';"
    )
