# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The AWS side of the lab: the emulator, what we add to it, and what stands in it from the beginning."""
