# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from pathlib import Path

import botocore.exceptions as bx
import pytest
from landbridge.adapters import aws
from landbridge.adapters.aws import AwsConnection, Credentials, connect, translate
from landbridge.errors import Denied, InvalidInput, LandbridgeError, NotFound, Retryable, Unreachable
from landbridge.model.site import AwsSite

LAB = AwsSite("eu-west-1", "000000000042", "shop", endpoint_url="http://127.0.0.1:1")


def said_by_aws(code: str, status: int, message: str = "because") -> bx.ClientError:
    return bx.ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Operation")  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("error", "kind", "remedy"),
    [
        (said_by_aws("AccessDenied", 403), Denied, "Allow the action"),
        (said_by_aws("AccessDeniedException", 400), Denied, "Allow the action"),
        (said_by_aws("403", 403), Denied, "Allow the action"),
        (said_by_aws("ExpiredTokenException", 400), Denied, "Sign in again"),
        (said_by_aws("ExpiredToken", 400), Denied, "Sign in again"),
        (said_by_aws("UnrecognizedClientException", 400), Denied, "profile"),
        (said_by_aws("InvalidAccessKeyId", 403), Denied, "profile"),
        (said_by_aws("SignatureDoesNotMatch", 403), Denied, "secret access key"),
        (said_by_aws("InvalidSignatureException", 400, "Signature not yet current: 2030"), Denied, "clock"),
        (said_by_aws("RequestTimeTooSkewed", 403), Denied, "clock"),
        (said_by_aws("NoSuchBucket", 404), NotFound, "provision"),
        (said_by_aws("NoSuchKey", 404), NotFound, "provision"),
        (said_by_aws("404", 404), NotFound, "provision"),
        (said_by_aws("ResourceNotFoundException", 400), NotFound, "provision"),
        (said_by_aws("SlowDown", 503), Retryable, "Run again"),
        (said_by_aws("SlowDown", 400), Retryable, "Run again"),
        (said_by_aws("ThrottlingException", 400), Retryable, "Run again"),
        (said_by_aws("", 500), Retryable, "Run again"),
        (said_by_aws("ValidationException", 400), LandbridgeError, ""),
        (bx.EndpointConnectionError(endpoint_url="http://x"), Unreachable, "route"),
        (bx.ConnectTimeoutError(endpoint_url="http://x"), Unreachable, "route"),
        (bx.ReadTimeoutError(endpoint_url="http://x"), Unreachable, "route"),
        (bx.SSLError(endpoint_url="http://x", error="bad certificate"), Unreachable, "CA bundle"),
        (bx.NoCredentialsError(), Denied, "credentials"),
        (bx.ProfileNotFound(profile="x"), InvalidInput, "profile"),
        (bx.UnauthorizedSSOTokenError(), Denied, "Sign in"),
        (bx.ParamValidationError(report="x"), LandbridgeError, ""),
    ],
)
def test_what_errors_mean(error: Exception, kind: type[LandbridgeError], remedy: str) -> None:
    said = translate(error, "list the bucket", "s3://b")
    assert type(said) is kind
    assert said.message.startswith("could not list the bucket: ")
    assert said.place == "s3://b"
    assert remedy in said.remedy


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "boto3", None)
    with pytest.raises(InvalidInput, match="boto3 is not installed"):
        connect(LAB)


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return file


def connection(**more: str) -> AwsConnection:
    return connect(AwsSite("eu-west-1", "000000000042", "shop", **more))  # type: ignore[arg-type]


def test_credentials_of_a_profile_are_read_anew_when_they_were_replaced(profile: Path) -> None:
    profile.write_text("[lab]\naws_access_key_id = A1\naws_secret_access_key = S1\n")
    mine = connection(profile="lab")
    assert mine.credentials() == Credentials("A1", "S1", "")
    profile.write_text("[lab]\naws_access_key_id = A2\naws_secret_access_key = S2\naws_session_token = T2\n")
    mine.renew()
    assert mine.credentials() == Credentials("A2", "S2", "T2")


def test_no_credentials_and_no_profile(profile: Path) -> None:
    with pytest.raises(Denied, match="no AWS credentials"):
        connection().credentials()
    with pytest.raises(InvalidInput, match="nobody"):
        connection(profile="nobody")


def test_endpoints(profile: Path) -> None:
    assert connection(endpoint_url="http://127.0.0.1:1").endpoint("dynamodb") == "http://127.0.0.1:1"
    assert connection().endpoint("dynamodb") == "https://dynamodb.eu-west-1.amazonaws.com"


def test_clients_are_kept_and_patient(profile: Path) -> None:
    mine = connection()
    client = mine.client("s3")
    assert client is mine.client("s3")
    assert client.meta.region_name == "eu-west-1"
    assert client.meta.config.retries["mode"] == "standard"
    assert client.meta.config.read_timeout == 60


def test_trusted_certificates(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Path(connection().ca_files()[0]).is_file()
    monkeypatch.setenv("AWS_CA_BUNDLE", "/own/ca.pem")
    assert connection().ca_files() == ("/own/ca.pem",)
