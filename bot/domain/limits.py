"""How much is taken: of one answer, one table, one file, one set of talks. Each number with its reason.

They are far above what a delegation needs, and low enough that nobody can fill the disk or make a screen,
a file or a judgement so slow that the others wait.
"""

from __future__ import annotations

MIB = 1024 * 1024

TEXT = 20_000  # characters of one answer: five full Telegram messages; longer is a document, and goes as a file
ROWS_PASTED = 200  # rows in one message: Telegram cuts a message at 4,096 characters anyway
ROWS = 1_000  # of one table: what a person can still look through, and rules judge within milliseconds
EVIDENCE = 50  # pieces behind one item: more than anybody reads before they sign
FILE = 10 * MIB  # bytes of one file; Telegram hands a bot at most 20 MB
FILES = 500 * MIB  # bytes of all files ever put behind one set of talks: what a backup and an export still carry
EVENTS = 200_000  # changes in one set of talks: 500 a day for a year; they are all folded at a start
LED = 200  # sets of talks that one person leads: above, somebody opens them by a machine
INVITES = 50  # invitations open at a time: twice the largest delegation that we know of
