# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Change capture: committed transactions of the binary log become rows of files in a bucket."""
