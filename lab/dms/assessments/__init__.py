# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Premigration assessments: what of a source DMS cannot migrate or follow, found by asking the source.

Names and meaning: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.AssessmentReport.Assessments.html
"""
