# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What no AWS has: bad manners and dialects, chosen over HTTP or on the command line."""
