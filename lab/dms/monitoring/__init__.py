# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What tells the outside how the service fares: events to EventBridge and SNS, metrics to CloudWatch."""
