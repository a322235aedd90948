# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A stand-in for the AWS Database Migration Service: its API, and a replication engine that really moves the rows."""
