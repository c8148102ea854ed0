"""A delegation whose clerks send notes: what each typed, and what was recorded of it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from bot.core.events import EvidenceAdded, Opened, Role
from bot.desk import Desk
from bot.dialog.evidence import AtEvidence
from bot.dialog.place import Typed
from bot.dialog.wire import stored
from bot.library import read_library
from bot.office import Office
from bot.store import Store
from bot.traffic import Arrived
from tests import faults
from tests.e2e import KEY, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.core.checklist import Checklist

CLERKS = ("Ines", "Jin")
FIRST = 500  # Telegram's number of the first clerk


@contextmanager
def roomy() -> Iterator[None]:
    """Let an item take more evidence than a person gives: here thousands of notes come."""
    with faults.limits(evidence=faults.BOUNDLESS, rows=faults.BOUNDLESS):
        yield


@cache
def library() -> dict[str, Checklist]:
    """The checklists, read once."""
    return dict(read_library(ROOT / "checklists"))


def desk_on(store: Store, clock: Callable[[], datetime] | None = None) -> Desk:
    """A desk that remembers nothing yet."""
    return Desk(store, library(), clock=clock) if clock else Desk(store, library())


@dataclass
class Delegation:
    """A negotiation in which everybody stands where what they type is kept as evidence."""

    url: str
    names: tuple[str, ...] = CLERKS
    clock: Callable[[], datetime] | None = None
    ids: dict[str, str] = field(default_factory=dict)
    updates: int = 1000
    number: int = 0

    def __post_init__(self) -> None:
        """Open the store and, when it is empty, the negotiation."""
        self.store = Store.open(self.url, KEY)
        self.desk = desk_on(self.store, self.clock)
        self.ids = {one.name: one.id for one in Office(self.desk).people()}
        if self.ids:
            self.number = 1
        else:
            self._open()

    def _open(self) -> None:
        office = Office(self.desk)
        self.ids = {name: office.person(name, lead=name == self.names[0]) for name in self.names}
        self.number = self.open("sample")
        with self.store.transaction() as tx:
            for number, name in enumerate(self.names, start=FIRST):
                tx.link_person(self.ids[name], number)
        self.stand()

    def open(self, uid: str) -> int:
        """Open a negotiation of everybody's; its number."""
        office, sound = Office(self.desk), library()["us-china-space"]
        opened = Opened(
            uid=uid, checklist=sound.digest, counterpart="China", subject="orbits",
            talks_on=self.desk.clock().date() + timedelta(days=120), given={one.id: "" for one in sound.opening},
        )  # fmt: skip
        made = office.open(self.ids[self.names[0]], opened)
        for name in self.names[1:]:
            office.seat(self.ids[name], made, Role.MEMBER)
        return made

    def stand(self) -> None:
        """Put everybody where they send notes."""
        with self.store.transaction() as tx:
            for n, name in enumerate(self.names):
                chat = tx.chat(self.ids[name])
                assert chat is not None
                item = list(library()["us-china-space"].item)[n // 2]  # two share an item, more would fill it
                tx.put_chat(replace(chat, place=stored(AtEvidence(item)), rev=chat.rev + 1))

    def note(self, name: str, text: str, update: int | None = None) -> Arrived:
        """A note on its way from a clerk."""
        self.updates += 1
        number = self.updates if update is None else update
        return Arrived(number, FIRST + self.names.index(name), name, Typed(text), number)

    def recorded(self) -> dict[str, list[str]]:
        """The notes that the events hold, by person, in order; read by a desk that remembers nothing."""
        return recorded(self.store, self.number, {person: name for name, person in self.ids.items()})

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()


def recorded(store: Store, number: int, names: dict[str, str]) -> dict[str, list[str]]:
    """The notes of a negotiation by person, in order."""
    found: dict[str, list[str]] = {name: [] for name in names.values()}
    with store.reading() as tx:
        for one in desk_on(store).archive.events(tx, number):
            if isinstance(one.event, EvidenceAdded) and one.by in names:
                found[names[one.by]].append(one.event.evidence.text)
    return found


def days_on(days: float) -> datetime:
    """So many days from now."""
    return datetime.now(UTC) + timedelta(days=days)
