# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The one door to AWS: session, clients, credentials for requests that we sign ourselves, and what AWS's errors mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..errors import Denied, InvalidInput, LandbridgeError, NotFound, Retryable, Unreachable
from ..model.site import AwsSite

try:
    import boto3
    import botocore.config
    import botocore.exceptions
    import botocore.httpsession
    import botocore.session
except ImportError:  # said by connect(), where it is needed
    boto3 = None  # type: ignore[assignment, unused-ignore]

_RUN_AGAIN = "Run again: what is done stays done."
_GRANT = "Allow the action named above for this identity: IAM policy, bucket or key policy, permission boundary, service control policy."
_EXPIRED = "Sign in again or give the profile fresh credentials, then run again: what is done stays done."
_UNKNOWN_KEY = "Check the profile, the account and the region of the site file against the credentials that are in use."
_SKEW = "Set this machine's clock (NTP): AWS refuses requests that are signed more than five minutes off."
_SIGNATURE = "Check the secret access key of the profile; if it is right, check this machine's clock and any proxy that rewrites requests."

_DENIED = {
    **dict.fromkeys(
        ("AccessDenied", "AccessDeniedException", "AccessDeniedFault", "AllAccessDisabled", "AuthorizationError", "Forbidden", "403"),
        _GRANT,
    ),
    **dict.fromkeys(("UnauthorizedOperation", "NotAuthorized", "KMSAccessDeniedFault", "KMS.AccessDeniedException"), _GRANT),
    **dict.fromkeys(("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"), _EXPIRED),
    **dict.fromkeys(
        ("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "InvalidToken", "AuthFailure"), _UNKNOWN_KEY
    ),
    **dict.fromkeys(("MissingAuthenticationToken", "MissingAuthenticationTokenException", "OptInRequired"), _UNKNOWN_KEY),
    **dict.fromkeys(
        ("InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException"), _SIGNATURE
    ),
    "RequestTimeTooSkewed": _SKEW,
}
EXPIRED = frozenset(code for code, remedy in _DENIED.items() if remedy is _EXPIRED)

_MISSING = frozenset(
    (
        "NoSuchBucket",
        "NoSuchKey",
        "NotFound",
        "404",
        "ResourceNotFoundException",
        "ResourceNotFoundFault",
        "NoSuchEntity",
        "TableNotFoundException",
    )
)

# DynamoDB Developer Guide, "Error handling"; S3 error responses; botocore's standard retry mode.
THROTTLES = frozenset(
    (
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "LimitExceededException",
        "TooManyRequestsException",
        "SlowDown",
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
        "ReplicatedWriteConflictException",
        "TransactionInProgressException",
        "TransactionConflictException",
    )
)


class Credentials(NamedTuple):
    access_key: str
    secret_key: str
    token: str  # empty where there is none


class AwsConnection:
    """One identity in one region. Clients are made once each and kept; they may be shared between threads."""

    def __init__(self, site: AwsSite) -> None:
        self.region = site.region
        self.account = site.account
        self._profile = site.profile
        self._endpoint_url = site.endpoint_url or None
        self._clients: dict[str, Any] = {}
        self.renew()

    def client(self, service: str) -> Any:
        """The boto3 client of a service: standard retries, finite timeouts, TCP keep-alive."""
        if service not in self._clients:
            config = botocore.config.Config(
                retries={"mode": "standard", "max_attempts": 6},
                connect_timeout=5,
                read_timeout=60,
                tcp_keepalive=True,
                max_pool_connections=16,
            )
            self._clients[service] = self.call(
                lambda: self._session.client(service, endpoint_url=self._endpoint_url, config=config), f"prepare a client for {service}"
            )
        return self._clients[service]

    def endpoint(self, service: str) -> str:
        """URL under which the service is reached, for requests that are signed by hand."""
        return self._endpoint_url or str(self.client(service).meta.endpoint_url)

    def credentials(self) -> Credentials:
        """What to sign with now. Temporary credentials are renewed by botocore shortly before they end."""
        held = self.call(self._session.get_credentials, "find credentials")
        if held is None:
            raise Denied("no AWS credentials were found", place=self._profile, remedy=_UNKNOWN_KEY)
        frozen = self.call(held.get_frozen_credentials, "renew the credentials")
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")

    def renew(self) -> None:
        """Read profile and credentials anew: what AWS calls expired may have been replaced in the meantime."""
        self._core = botocore.session.Session(profile=self._profile or None)
        self._session = self.call(
            lambda: boto3.session.Session(botocore_session=self._core, region_name=self.region), f"open the profile {self._profile!r}"
        )
        self._clients.clear()

    def ca_files(self) -> tuple[str, ...]:
        """PEM files to trust beside the system's own: the configured bundle alone where there is one, else botocore's."""
        return (str(self._core.get_config_variable("ca_bundle") or botocore.httpsession.where()),)

    def call(self, action: Callable[[], Any], doing: str, place: str = "") -> Any:
        """Run one AWS call; its errors come out as LandbridgeError."""
        try:
            return action()
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            raise translate(error, doing, place) from error


def connect(site: AwsSite) -> AwsConnection:
    """Open a session. Raises InvalidInput where the profile is unknown or boto3 is not installed."""
    if boto3 is None:
        raise InvalidInput("the Python package boto3 is not installed", remedy="Install it for this interpreter: pip install boto3")
    return AwsConnection(site)


def translate(error: Exception, doing: str, place: str = "") -> LandbridgeError:
    """What an error of botocore means to us. ``doing`` completes the sentence "could not ..."."""
    if isinstance(error, botocore.exceptions.ClientError):
        answer = error.response
        code = str(answer.get("Error", {}).get("Code", ""))
        text = str(answer.get("Error", {}).get("Message", ""))
        return error_for(code, text, int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)), doing, place)
    said = f"could not {doing}: {error}"
    if isinstance(error, botocore.exceptions.ProfileNotFound):
        return InvalidInput(
            said, place=place, remedy="Name an existing profile in the site file, or point AWS_CONFIG_FILE at the right file."
        )
    if isinstance(error, botocore.exceptions.NoCredentialsError | botocore.exceptions.CredentialRetrievalError):
        return Denied(said, place=place, remedy=_UNKNOWN_KEY)
    if "Token" in type(error).__name__:  # botocore's family of SSO token errors
        return Denied(said, place=place, remedy=_EXPIRED)
    if isinstance(error, botocore.exceptions.HTTPClientError | botocore.exceptions.ConnectionError):
        return Unreachable(
            said, place=place, remedy="Check the route, the DNS name, the proxy and the CA bundle from this host, then run again."
        )
    return LandbridgeError(said, place=place)


_ABSENT = (
    "Check the name, the account and the region. Stage provision creates what was never there; what was deleted behind"
    " CloudFormation's back needs another name (docs/troubleshooting.md)."
)


def error_for(code: str, text: str, status: int, doing: str, place: str = "") -> LandbridgeError:
    """What an error code of an AWS service means to us. Codes: the services' models and guides."""
    said = f"could not {doing}: {text or 'no message'} [{code or status}]"
    if code in _DENIED:
        skewed = "Signature expired" in text or "Signature not yet current" in text
        return Denied(said, place=place, remedy=_SKEW if skewed else _DENIED[code])
    if code in _MISSING:
        return NotFound(said, place=place, remedy=_ABSENT)
    if code in THROTTLES or status == 429 or status >= 500:
        return Retryable(said, place=place, remedy=_RUN_AGAIN)
    return LandbridgeError(said, place=place)
