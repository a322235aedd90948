# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The DMS API: its resources, their states, and which call is legal in which of them."""
