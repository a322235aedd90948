# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Bad manners of the replication engine: everything that it does wrong when it is asked to, and nothing that it does right."""
