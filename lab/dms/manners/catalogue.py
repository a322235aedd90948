# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Which bad manners the replication engine has.

An opportunity is, for manners of files, a file that is delivered; for manners of the full load, a block of rows (up to 256 kB) that was
read; for manners of transactions, a transaction that changes a table of the task; for others what their effect says.
"""

from __future__ import annotations

from lab.manners import Manner, Option

SOURCE_VANISHES = "source-vanishes"
FILE_TRUNCATED = "file-truncated"
FILE_LATE = "file-late"
FILE_TWICE = "file-twice"
FILE_OUT_OF_ORDER = "file-out-of-order"
ROW_MALFORMED = "row-malformed"
RESUME_OVERLAPS = "resume-overlaps"
SEQUENCE_RESTARTS = "sequence-restarts"
SEQUENCE_STEPS_BACK = "sequence-steps-back"
TRANSACTION_SPLIT = "transaction-split"
TASK_FAILS = "task-fails"
INSTANCE_FAILS_OVER = "instance-fails-over"
READING_PAUSES = "reading-pauses"
LOG_PURGED = "log-purged"

# Those that happen to a finished file on its way into the bucket.
OF_FILES = (ROW_MALFORMED, FILE_TRUNCATED, FILE_OUT_OF_ORDER, FILE_LATE, FILE_TWICE)

LOAD, CHANGES, BOTH = "full load", "changes", "full load, changes"
AFTER_UPLOAD, BEFORE_UPLOAD = "after-upload", "before-upload"

_KEY = Option("key", "*", "only files whose key matches this pattern (*, ?, [...])")
_TABLE = Option("table", "*", "only tables whose schema.table matches this pattern; of the full load alone")
_PART = Option("part", "any", "which part of the task's work it strikes", ("any", "load", "changes"))
_AT = Option(
    "at",
    AFTER_UPLOAD,
    "of changes: after-upload happens between the upload and the checkpoint, so that the changes are sent again",
    (AFTER_UPLOAD, BEFORE_UPLOAD),
)

CATALOGUE = (
    Manner(
        SOURCE_VANISHES,
        LOAD,
        "The source goes away while a table is read. The table ends within the block, all that is read later is empty, and the task ends "
        "as if nothing had happened.",
        "tables 'Table completed' with fewer rows than the source has",
        (Option("table", "*", "only while a table is read whose schema.table matches this pattern"),),
    ),
    Manner(
        FILE_TRUNCATED,
        BOTH,
        "The end of a file is missing, from any byte of its second half on.",
        "a last row without its delimiter or with too few fields; a gzip stream without an end",
        (_KEY, Option("bytes", 0, "how many bytes are missing; 0 lets chance choose", least=0)),
    ),
    Manner(
        FILE_LATE,
        BOTH,
        "A file appears in the bucket some time after it should, behind files with later names and perhaps after the end of the task. The "
        "checkpoint does not wait for it, and if the engine ends in the meantime it is lost.",
        "an object whose name sorts before objects that were there earlier",
        (_KEY, Option("seconds", 5.0, "how late", least=0.01)),
    ),
    Manner(
        FILE_TWICE,
        BOTH,
        "A file is put again: under its own key, or under a later one with the same content (changes: the next name; full load: a number "
        "4096 higher).",
        "a second notification for a key; the same rows, with the same sequence numbers, in two objects",
        (
            _KEY,
            Option("under", "same-key", "the key of the second object", ("same-key", "later-key")),
            Option("seconds", 0.0, "how long after the first"),
        ),
    ),
    Manner(
        FILE_OUT_OF_ORDER,
        CHANGES,
        "A file of changes gets a name that sorts before that of the file which was delivered before it in the same folder. The first file "
        "in a folder is no opportunity.",
        "an object whose name sorts before objects that were there earlier; sequence numbers that fall from one name to the next",
        (_KEY,),
    ),
    Manner(
        ROW_MALFORMED,
        BOTH,
        "A row of a file is not what it should be: width, a field more or fewer; quote, a field begins with a quote that never ends; "
        "number, a text stands where a number should (if no row has a number, in any field).",
        "a row that does not parse; all rows behind an open quote vanish in one field",
        (_KEY, Option("kind", "width", "what is wrong with the row", ("width", "quote", "number"))),
    ),
    Manner(
        RESUME_OVERLAPS,
        CHANGES,
        "A task that resumes, or tries again after an error, reads from an earlier checkpoint and sends changes once more. Only a start "
        "with uploads behind it, which this process must have seen, is an opportunity.",
        "changes with sequence numbers that were there before, in files with later names",
        (Option("uploads", 1, "how many uploads that held changes are sent again", least=1),),
    ),
    Manner(
        SEQUENCE_RESTARTS,
        CHANGES,
        "The counter of the change sequence begins at 1 again with a transaction, and goes on from there.",
        "a counter part that is smaller than before, while the time part goes on",
    ),
    Manner(
        SEQUENCE_STEPS_BACK,
        CHANGES,
        "The time part of the change sequence is earlier in one transaction, and right again from the next one on.",
        "sequence numbers that fall from one row to the next",
        (Option("seconds", 3600.0, "how much earlier", least=0.01),),
    ),
    Manner(
        TRANSACTION_SPLIT,
        CHANGES,
        "A file ends within a transaction, which goes on in the next one. Only a transaction of more than one row is an opportunity.",
        "two files whose rows share a transaction (stream position, commit time)",
        (Option("after", 1, "the first file has at least so many of its rows", least=1),),
    ),
    Manner(
        TASK_FAILS,
        BOTH,
        "The task fails, at a block of rows or around an upload of changes. A recoverable failure is tried again as the task's settings "
        "say, a fatal one ends the task.",
        "status failed with StopReason FATAL_ERROR, event DMS-EVENT-0078; or, if recoverable, changes that are sent again",
        (Option("kind", "fatal", "what failure it is", ("fatal", "recoverable")), _PART, _AT, _TABLE),
    ),
    Manner(
        INSTANCE_FAILS_OVER,
        BOTH,
        "The replication instance is lost, at a block of rows or around an upload of changes: Multi-AZ instances fail over with events "
        "DMS-EVENT-0013 and 0049, others are replaced. All its tasks go on by themselves from their checkpoints.",
        "instance status rebooting; unfinished tables loaded again, changes sent again",
        (_PART, _AT, _TABLE),
    ),
    Manner(
        READING_PAUSES,
        CHANGES,
        "Reading pauses as if swap space were used up (DMS-EVENT-0091) and goes on later (0093). No file is uploaded meanwhile. The "
        "opportunity is whatever the log gives next, or that it gives nothing.",
        "latencies that grow while the task is running; the two events",
        (Option("seconds", 5.0, "how long", least=0.01),),
    ),
    Manner(
        LOG_PURGED,
        CHANGES,
        "The next time that the task opens the log, the server answers that it no longer has it.",
        "status failed with StopReason FATAL_ERROR: the tables must be loaded again",
    ),
)
