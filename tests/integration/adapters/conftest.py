# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from typing import Any

import pytest
from landbridge.adapters.aws import AwsConnection, connect
from landbridge.model.site import AwsSite


@pytest.fixture
def connection(lab: Any, monkeypatch: pytest.MonkeyPatch) -> AwsConnection:
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, lab.env[name])
    site = AwsSite("eu-west-1", "000000000042", "test", profile=lab.env["AWS_PROFILE"], endpoint_url=lab.env["AWS_ENDPOINT_URL"])
    return connect(site)
