# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The lab: a source database, an AWS emulator and a replication service, all on loopback of one machine."""
