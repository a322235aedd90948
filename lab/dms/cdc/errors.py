# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What stops a run of change capture, beside the source's and the target's own errors."""

from __future__ import annotations


class CaptureError(Exception):
    """The task cannot go on: a policy of its settings says so."""
