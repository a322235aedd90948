# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""One run of a task: the load of its tables, then its changes, and another try after what may pass."""
