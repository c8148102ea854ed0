"""A delegation whose clerks send notes: what each typed, and what was recorded of it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.dialog.callback_data import stored
from bot.dialog.screens.evidence import ItemEvidence
from bot.domain.events import EvidenceAdded
from tests import faults
from tests.api import CHECKLISTS, Delegation, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHECKLIST = "us-china-space"
CLERKS = ("Ines", "Jin")
FIRST = 500  # Telegram's number of the first clerk


@contextmanager
def roomy() -> Iterator[None]:
    """Let an item take more evidence than a person gives: here thousands of notes come."""
    with faults.limits(evidence=faults.BOUNDLESS, rows=faults.BOUNDLESS):
        yield


class Clerks(Delegation):
    """A negotiation in which everybody stands where what they type is kept as evidence; one process hears it all."""

    def __init__(self, url: str, names: tuple[str, ...] = CLERKS, clock: Callable[[], datetime] | None = None) -> None:
        """Open the database and, when it is empty, the negotiation."""
        super().__init__(Path(), url=url, clock=clock or (lambda: datetime.now(UTC)))
        self.names = names
        self.goes_on()
        if self.people:
            self.telegram = {name: number for number, name in enumerate(names, start=FIRST)}
        else:
            self.opens_for_all("sample")
            self.stand()

    def opens_for_all(self, uid: str) -> None:
        """Open a negotiation of everybody's, which the first leads."""
        people = [f"{name} member" for name in self.names[1:]]
        day = self.clock().date() + timedelta(days=120)
        self.opens(CHECKLIST, f"{self.names[0]} lead", *people, uid=uid, subject="orbits", talks_on=day)

    def stand(self) -> None:
        """Put everybody where they send notes."""
        for n, name in enumerate(self.names):
            item = list(CHECKLISTS[CHECKLIST].item)[n // 2]  # two share an item, more would fill it
            self.chat(name).is_left(place=stored(ItemEvidence(item)))

    def note(self, name: str, text: str, update: int | None = None) -> Update:
        """A note on its way from a clerk."""
        return self.chat(name).update(text, number=update)

    def hears(self, *updates: Update) -> None:
        """Hear what comes together, and no more than that."""
        self.receives(*updates, draws=False)

    def notes(self) -> dict[str, list[str]]:
        """The notes that the events hold, by person, in order; read by a process that remembers nothing."""
        with self.replica() as fresh:
            return notes_in(fresh, self.names)


def notes_in(there: Delegation, names: tuple[str, ...]) -> dict[str, list[str]]:
    """The notes of a negotiation by person, in order."""
    found: dict[str, list[str]] = {name: [] for name in names}
    known = {person: name for name, person in there.people.items()}
    for one in there.line(1):
        if isinstance(one.event, EvidenceAdded) and (name := known.get(one.by or "", "")) in found:
            found[name].append(one.event.evidence.text)
    return found


def days_on(days: float) -> datetime:
    """So many days from now."""
    return datetime.now(UTC) + timedelta(days=days)
