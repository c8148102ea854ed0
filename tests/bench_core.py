"""Rows of the bench for what a lead waits for: the summary with its card, and the judgement behind it."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from bot.application.administration import AdminService
from bot.application.messages import IncomingUpdate, Receipt
from bot.application.updates import UpdateHandler
from bot.authoring import read_library
from bot.dialog.callback_data import stored
from bot.dialog.contract import Command, Reply, TextReply
from bot.dialog.screens.table import FieldQuestion
from bot.domain.answers import Text
from bot.domain.events import AnyEvent, Opened, RowPut
from bot.domain.purgeable_cache import forget_all
from bot.domain.readiness.readiness import gaps, readiness
from bot.storage import Database
from tests.e2e import KEY
from tests.factories import settling
from tests.ready import TALKS

ROWS = 500
TIMES = 15
LEAD = 900  # on Telegram
AT = datetime(2027, 2, 15, 10, tzinfo=UTC)
CHECKLIST = "us-china-space"


class Talks:
    """A lead in filled talks, at a desk that is warm."""

    def __init__(self, folder: Path, rows: int) -> None:
        """Open talks in which all is settled, with as many rows more."""
        self.store = Database.open(f"sqlite:///{folder / f'{rows}.db'}", KEY)
        self.desk = UpdateHandler(self.store, read_library(Path(__file__).parents[1] / "checklists"), clock=lambda: AT)
        self.updates = count(1)
        office, sound = AdminService(self.desk), self.desk.checklists[CHECKLIST]
        self.lead = office.person("Maya", lead=True)
        opened = Opened(uid="bench", checklist=sound.digest, counterpart="China", subject="orbits", talks_on=TALKS)
        self.number = office.open(self.lead, opened, (*settling(CHECKLIST), *_more(rows)))
        with self.store.transaction() as tx:
            tx.link_person(self.lead, LEAD)

    def hears(self, said: Reply) -> float:
        """Seconds until a reply is recorded, and what the chat should show is there, its picture drawn."""
        begun = time.perf_counter()
        self.desk.hear(IncomingUpdate(next(self.updates), LEAD, "Maya", said))
        showing = self.desk.showing(self.lead)
        spent = time.perf_counter() - begun
        assert showing is not None
        with self.store.reading() as tx:
            chat = tx.chat(self.lead)
        assert chat is not None
        self.desk.shown([Receipt(self.lead, chat.rev, 1)])
        return spent

    def judged(self) -> float:
        """Seconds to put every rule of the checklist to the talks, with nothing known from before."""
        with self.store.reading() as tx:
            n = self.desk.archive.load(tx, self.number)
        forget_all()
        begun = time.perf_counter()
        readiness(n, AT.date())
        spent = time.perf_counter() - begun
        assert gaps(n, AT.date()) is not None
        return spent


def _more(rows: int) -> Iterator[AnyEvent]:
    for nth in range(rows):
        yield RowPut(item="precedents", row=f"more{nth}", cells={"event": Text(text=f"A sample event {nth}")})


def _median(measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(TIMES))


def measured() -> tuple[float, float, float, float]:
    """Seconds: of a typed answer, of a summary whose card is drawn anew, of judging, and that with many rows."""
    with tempfile.TemporaryDirectory() as name:
        filled, large = Talks(Path(name), 0), Talks(Path(name), ROWS)
        large.hears(Command("summary"))  # the fonts are loaded
        answers, summaries = [], []
        for nth in range(TIMES):
            answers.append(_answer(large, nth))
            summaries.append(large.hears(Command("summary")))
        found = statistics.median(answers), statistics.median(summaries), _median(filled.judged), _median(large.judged)
        filled.store.close()
        large.store.close()
    return found


def lines() -> list[tuple[str, str, str, bool, str]]:
    """What was measured, the figures, the target, whether it was met, and how."""
    answer, summary, judged, large = (1000 * one for one in measured())
    most = 3 * answer + 50
    return [
        (
            f"Summary with its card, {ROWS} table rows",
            f"{summary:.0f} ms (a text answer: {answer:.0f} ms)",
            f"< 3 × an answer + 50 ms: {most:.0f} ms", summary < most, "through the desk, the card drawn each time",
        ),
        (
            "All rules of a filled checklist judged from scratch",
            f"{judged:.1f} ms (with {ROWS} rows more: {large:.1f} ms)",
            "< 5 ms", judged < 5, "nothing kept from before",
        ),
    ]  # fmt: skip


def _answer(talks: Talks, nth: int) -> float:
    """A text typed at a field, which changes the state."""
    with talks.store.transaction() as tx:
        chat = tx.chat(talks.lead)
        assert chat is not None
        tx.put_chat(replace(chat, place=stored(FieldQuestion("precedents", "x1", "lesson")), rev=chat.rev + 1))
    return talks.hears(TextReply(f"Another lesson {nth}"))
