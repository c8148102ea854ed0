"""All that the bench knows of the program's inside: databases made beforehand, and what is recorded in them.

Everything else starts the program as an operator does. When the program's modules move, only this file follows.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.application.administration import AdminService
from bot.application.browser_sessions import BrowserSessionService
from bot.application.messages import IncomingUpdate, Receipt
from bot.application.updates import UpdateHandler
from bot.authoring import read_library
from bot.dialog.callback_data import stored
from bot.dialog.contract import Command, Reply, TextReply
from bot.dialog.screens.table import FieldQuestion
from bot.domain.answers import Picked, Text
from bot.domain.events import ANY_EVENT, Answered, AnyEvent, Joined, Opened, Role, RowPut
from bot.domain.negotiation import Happened
from bot.domain.purgeable_cache import forget_all
from bot.domain.readiness.readiness import gaps, readiness
from bot.domain.report.builder import Report, report
from bot.exports.registry import written
from bot.storage import Database
from tests.bench.people import FIRST_CHAT
from tests.bench.questions import CHECKLIST, QUESTIONS, STORED, item_id
from tests.browsers import served
from tests.e2e import KEY, ROOT
from tests.factories import settled, settling
from tests.ready import TALKS
from tests.rich import rich

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOGETHER = 200  # negotiations that share a transaction
SPACE = "us-china-space"
NOON = datetime(2027, 2, 15, 12, tzinfo=UTC)

# Databases of the thirty questions


@dataclass
class Answers:
    """A database in which each person leads one negotiation."""

    url: str
    checklists: Path

    @contextmanager
    def _desk(self) -> Iterator[UpdateHandler]:
        store = Database.open(self.url, KEY)
        try:
            yield UpdateHandler(store, read_library(self.checklists))
        finally:
            store.close()

    def fill(self, people: int, stored: int) -> None:
        """Open a negotiation for each, with so many answers in all, sealed and chained as the bot does it."""
        with self._desk() as desk:
            answers = [_earlier(number) for number in range(-(-stored // people))]
            for start in range(0, people, TOGETHER):
                with desk.store.transaction() as tx:
                    for nth in range(start, min(start + TOGETHER, people)):
                        share = stored * (nth + 1) // people - stored * nth // people
                        _open(desk, tx, FIRST_CHAT + nth, answers[:share])

    def by_person(self) -> dict[str, list[tuple[int, str]]]:
        """What each person answered to the thirty questions, in order: question, answer."""
        numbers = {item_id(number): number for number in range(1, QUESTIONS + 1)}
        found: dict[str, list[tuple[int, str]]] = {}
        with self._desk() as desk, desk.store.reading() as tx:
            for person in tx.persons():
                answers = found.setdefault(str(person.telegram_id), [])
                for talks, _ in tx.seats_of(person.id):
                    events = (ANY_EVENT.validate_json(row.body) for row in tx.events(talks, 0))
                    answers += [
                        (numbers[event.item], _said(event.answer))
                        for event in events
                        if isinstance(event, Answered) and event.item in numbers
                    ]
        return found

    def sessions(self) -> dict[str, list[str]]:
        """Sign everybody in: the path of their page, and their cookie."""
        with self._desk() as desk:
            browsing, people = BrowserSessionService(desk), AdminService(desk).people()
            return {str(row.telegram_id): [f"/chat/{row.id}", browsing.sign_in(row.id)] for row in people}


def _open(desk: UpdateHandler, tx: Any, chat_id: int, earlier: Sequence[AnyEvent]) -> None:
    """Open a negotiation that a person of this chat leads, at home in it, with what was answered earlier."""
    person = desk.doors.add(tx, f"Person {chat_id}", chat_id, lead=True)
    now = datetime.now(UTC)
    opened = Opened(
        uid=f"bench-{chat_id}",
        checklist=desk.checklists[CHECKLIST].digest,
        counterpart="China",
        subject="orbits",
        talks_on=now.date() + timedelta(days=120),
    )
    events = (opened, Joined(person=person.id, name=person.name, role=Role.LEAD), *earlier)
    happened = tuple(Happened(seq, now, person.id, event) for seq, event in enumerate(events, start=1))
    desk.archive.save(tx, None, happened, None)
    tx.shown(person.id, desk.doors.new_chat(tx, person).rev, None)


def _earlier(number: int) -> Answered:
    return Answered(item=STORED, answer=Text(text=f"Sample words {number}, given before."))


def _said(answer: Any) -> str:
    match answer:
        case Picked(options=(option,)):
            return option
        case Text(text=text):
            return text
        case _:
            return repr(answer)


# Reports to make files of


def full_report() -> Report:
    """That of a checklist in which all is settled."""
    n, line = settled(SPACE)
    return report(n, NOON, "Maya", line)


def long_report(rows: int) -> Report:
    """That of one with a table of so many rows."""
    n, line = rich(rows)
    return report(n, NOON, "Maya", line)


def made_by(made: Report, reader: str) -> Report:
    """The same report for somebody else, so that nothing that was drawn before is found again whole."""
    return replace(made, head=replace(made.head, made_by=reader))


def write_file(form: str, made: Report) -> bytes:
    """A report in one of its forms."""
    return written(form, made)


# A lead at work


class Lead:
    """A lead in a negotiation in which all is settled, with so many table rows more, at a desk that is warm."""

    TELEGRAM_ID = 900

    def __init__(self, folder: Path, rows: int) -> None:
        """Open the negotiation."""
        self._store = Database.open(f"sqlite:///{folder / f'{rows}.db'}", KEY)
        self._desk = UpdateHandler(self._store, read_library(ROOT / "checklists"), clock=lambda: NOON)
        self._updates = count(1)
        office, checklist = AdminService(self._desk), self._desk.checklists[SPACE]
        self._person = office.person("Maya", lead=True)
        opened = Opened(uid="bench", checklist=checklist.digest, counterpart="China", subject="orbits", talks_on=TALKS)
        more = (
            RowPut(item="precedents", row=f"more{nth}", cells={"event": Text(text=f"A sample event {nth}")})
            for nth in range(rows)
        )
        self._number = office.open(self._person, opened, (*settling(SPACE), *more))
        with self._store.transaction() as tx:
            tx.link_person(self._person, self.TELEGRAM_ID)

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()

    def summary_seconds(self) -> float:
        """How long a summary takes until its card is drawn anew."""
        return self._heard(Command("summary"))

    def answer_seconds(self, nth: int) -> float:
        """How long a text takes that is typed at a field and changes the state."""
        with self._store.transaction() as tx:
            chat = tx.chat(self._person)
            tx.put_chat(replace(chat, place=stored(FieldQuestion("precedents", "x1", "lesson")), rev=chat.rev + 1))
        return self._heard(TextReply(f"Another lesson {nth}"))

    def judging_seconds(self) -> float:
        """How long it takes to put every rule of the checklist to the negotiation, with nothing known from before."""
        with self._store.reading() as tx:
            n = self._desk.archive.load(tx, self._number)
        forget_all()
        begun = time.perf_counter()
        readiness(n, NOON.date())
        spent = time.perf_counter() - begun
        assert gaps(n, NOON.date()) is not None
        return spent

    def _heard(self, said: Reply) -> float:
        """Seconds until it is recorded, and what the chat should show is there, its picture drawn."""
        begun = time.perf_counter()
        self._desk.hear(IncomingUpdate(next(self._updates), self.TELEGRAM_ID, "Maya", said))
        showing = self._desk.showing(self._person)
        spent = time.perf_counter() - begun
        assert showing is not None
        with self._store.reading() as tx:
            chat = tx.chat(self._person)
        assert chat is not None
        self._desk.shown([Receipt(self._person, chat.rev, 1)])
        return spent


# Delegations in the browser


def serve_delegations(folder: str, people: int, team: int) -> None:
    """Serve so many people, and print address, then session and person of each, until the input ends."""
    with served(Path(folder), clock=lambda: datetime.now(UTC), begun=False) as there:
        lines = []
        checklist = there.desk.checklists[SPACE]
        for nth in range(people // team):
            ids = [there.operator.person(f"Sample {nth}-{n}", lead=True) for n in range(team)]
            day = (datetime.now(UTC) + timedelta(weeks=8)).date()
            start = Opened(
                uid=f"bench-{nth}", checklist=checklist.digest, counterpart="China", subject="orbits", talks_on=day
            )
            number = there.operator.open(ids[0], start)
            for member in ids[1:]:
                there.operator.seat(member, number, Role.MEMBER)
            lines += [f"{there.site.browsing.sign_in(person)} {person}" for person in ids]
        sys.stdout.write("\n".join((there.url, *lines)) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
