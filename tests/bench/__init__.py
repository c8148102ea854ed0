"""Measures the bot beside a bare echo bot in one run, and prints each figure with its target.

    python -m tests.bench                        everything, in some 40 minutes on a quiet machine
    python -m tests.bench flood stored           some groups of rows
    python -m tests.bench --quick                a minute, to see that it works; its figures say nothing
    python -m tests.bench --write docs/develop/figures.md  put the table between the markers there, too

The bot runs on one core and the Telegram it talks to on another. What is compared takes turns in every round, so that
whatever else the machine does meets both alike. CPU is what the kernel's clock of each process says, of the bot and of
all it started.
"""
