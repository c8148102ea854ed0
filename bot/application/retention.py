"""The daily look for talks that are past the last day on which they are kept.

Two looks on different days must come to the same, with what the first saw written down in the database, and a
lead must have been told: so that neither a clock that jumps nor a bot that was away destroys anything by surprise.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime

from bot.application import maintenance
from bot.application.updates import UpdateHandler
from bot.domain.readiness.waivers import newly_expired
from bot.domain.reminders import END
from bot.domain.retention import WARNED, RetentionNote, ends, judged
from bot.storage import StoreError, Tampered, UnitOfWork

AT_ONCE = 5  # negotiations at a time: on SQLite everybody else waits for it
log = logging.getLogger(__name__)


class RetentionService:
    """Looks once a day, a few negotiations at a time, and destroys what is past its last day."""

    def __init__(self, desk: UpdateHandler) -> None:
        """Look at a desk's negotiations, by its clock."""
        self._desk = desk
        self._day: date | None = None  # the day of this round
        self._left: list[int] = []  # the negotiations still to be looked at in it

    def look(self) -> bool:
        """Look at a few negotiations; whether there are more today."""
        today = self._desk.clock().date()
        if self._day != today:
            self._left = [number for number, _ in self._numbers()]
            self._day = today
        now, self._left = self._left[:AT_ONCE], self._left[AT_ONCE:]
        for number in now:
            if self._look(number, today) == "destroy":
                self._destroy(number, today)
        return bool(self._left)

    def past(self) -> list[int]:
        """The negotiations past their last day, whoever was told or not: for an operator to destroy by hand."""
        today = self._desk.clock().date()
        with self._desk.store.reading() as tx:
            loaded = [(number, self._desk.archive.load(tx, number, once=True)) for number, _ in self._numbers()]
        return [number for number, n in loaded if (last := ends(n)) is not None and last < today]

    def _numbers(self) -> Iterator[tuple[int, str]]:
        with self._desk.store.operating() as tx:
            found = tx.negotiations()
        return ((number, uid) for number, uid, head in found if head)

    def _look(self, number: int, today: date) -> str:
        with self._desk.store.reading() as tx:
            if tx.head(number) is None:
                return "keep"
            n, noted = self._desk.archive.load(tx, number, once=True), _noted(tx, number)
            last = ends(n)
            verdict = judged(n, today, _told(tx, number, last), noted)
        stale = noted is not None and (last is None or noted.ends != last or today <= last)
        with self._desk.store.transaction() as tx:
            self._desk.doors.close_links(tx, number)
            if newly_expired(n, today):
                self._note_expired(tx, number)
            if verdict == "note" or stale:
                if verdict == "note":
                    tx.set_office(f"past:{number}", json.dumps({"ends": str(last), "day": str(today)}))
                else:
                    tx.del_office(f"past:{number}")
        self._desk.archive.committed(tx)
        return verdict

    def _note_expired(self, tx: UnitOfWork, number: int) -> None:
        if tx.head(number) is not None:
            n = self._desk.archive.load(tx, number, write=True)
            self._desk.archive.note_expired(tx, number, n, self._desk.clock())

    def _destroy(self, number: int, today: date) -> None:
        """Destroy what is past its last day, and still is when nobody can say otherwise any more."""

        def is_due(tx: UnitOfWork) -> bool:
            n = self._desk.archive.load(tx, number, write=True)
            return judged(n, today, _told(tx, number, ends(n)), _noted(tx, number)) == "destroy"

        with suppress(StoreError):  # another process was first
            if maintenance.purge(self._desk.store, number, self._desk.clock(), "the day its leads set", is_due):
                log.warning("Negotiation %d was past the day its leads set, and is destroyed.", number)


def _noted(tx: UnitOfWork, number: int) -> RetentionNote | None:
    kept = None
    with suppress(Tampered):  # what somebody else wrote is no note, and the days begin anew
        kept = tx.get_office(f"past:{number}")
    told = json.loads(kept) if kept else None
    return RetentionNote(date.fromisoformat(told["ends"]), date.fromisoformat(told["day"])) if told else None


def _told(tx: UnitOfWork, number: int, last: date | None) -> date | None:
    """When a lead was first sent a warning of this very end."""
    at = tx.told_first(number, [f"{END}:{days}:{last}" for days in WARNED]) if last else None
    return datetime.fromisoformat(at).date() if at else None
