"""One person talking to the dialog, without a store: what they type and tap, and what comes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.dialog.answer_slot import AnswerSlot
from bot.dialog.callback_data import restored, stored
from bot.dialog.contract import (
    Action,
    ButtonReply,
    Command,
    Context,
    Link,
    Message,
    NegotiationLine,
    Place,
    Reply,
    TextReply,
)
from bot.dialog.engine import HandledReply, amend, go, handle, left_unsaid, render
from bot.dialog.screens.home import Home
from bot.dialog.screens.item import at
from bot.domain.answers import Answer
from bot.domain.checklist import Checklist
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.readiness.readiness import gaps
from bot.domain.reminders import NotificationPreferences
from tests.factories import SMALL, story

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)  # a Monday


class Talk:
    """A member's conversation about a negotiation; every place is stored and read again before it hears anything."""

    def __init__(self, me: str = "maya", now: datetime = NOW, zone: str = "UTC", **facts: object) -> None:
        """``facts`` make the negotiation, as for `tests.factories.story`."""
        checklist = facts.get("checklist", SMALL)
        self.n: Negotiation
        self.n, line = story(**facts)  # type: ignore[arg-type]
        self.line: tuple[Happened, ...] = line
        self.place: Place = Home()
        self.outcome: HandledReply | None = None
        self.secrets = 0
        self.me, self.now, self.zone = me, now, zone
        self.checklists = {checklist.id: checklist} if isinstance(checklist, Checklist) else {}
        self.messages: list[tuple[Place, int] | None] = []

    @property
    def context(self) -> Context:
        self.secrets += 1
        member = self.n.people[self.me]
        return Context(
            me=self.me,
            name=member.name,
            now=self.now,
            n=self.n,
            may_open=True,
            talks=(NegotiationLine(3, self.n.counterpart, self.n.subject, member.role),),
            checklists=self.checklists,
            secret=f"{self.secrets:08d}-sample-secret",
            line=lambda since: self.line[since:],
            prefs=lambda: NotificationPreferences(zone=self.zone),
        )

    @property
    def veiled_room(self) -> Context:
        """The same, as a chat on Telegram carries it."""
        return replace(self.context, veiled=True)

    def taps_undo(self, undo: str) -> Talk:
        """Tap the Undo button of an older message."""
        return self._then(handle(self.context, restored(stored(self.place)), ButtonReply("undo", undo)))

    def goes(self, place: Place | str) -> Talk:
        """Stand at a place, or at an item."""
        return self._then(go(self.context, at(self.n.checklist.item[place]) if isinstance(place, str) else place))

    def types(self, text: str) -> Talk:
        said: Reply = Command(text[1:]) if text[:1] == "/" and text[1:] else TextReply(text)
        self._then(handle(self.context, restored(stored(self.place)), said, self.undo))
        if isinstance(said, TextReply):
            self.messages.append(self.outcome.spot if self.outcome else None)
        return self

    def edits(self, message: int, text: str) -> Talk:
        """Edit a message that was typed, by its number from 0."""
        spot = self.messages[message]
        assert spot is not None, "the message gave no answer, and began no draft"
        return self._then(amend(self.context, self.place, restored(stored(spot[0])), text, spot[1]))

    def taps(self, label: str) -> Talk:
        """Tap a visible button."""
        found = [one.means for row in self.shown.buttons for one in row if one.label == label]
        assert found, f"there is no [{label}] among {self.labels}"
        match found[0]:
            case Link(place=place):
                return self._then(go(self.context, place))
            case Action(act=act, arg=arg):
                return self._then(handle(self.context, restored(stored(self.place)), ButtonReply(act, arg)))
        raise AssertionError(label)

    def _then(self, outcome: HandledReply) -> Talk:
        self.outcome = left_unsaid(self.context, self.place, outcome)
        self.place = outcome.place
        self.line = (*self.line, *outcome.happened)
        if outcome.n is not None and outcome.n.uid == self.n.uid:
            self.n = outcome.n
        return self

    @property
    def undo(self) -> str:
        return self.outcome.undo if self.outcome else ""

    @property
    def shown(self) -> Message:
        return render(self.context, self.place, self.told, self.undo)

    @property
    def told(self) -> str:
        """What the last reply came to, in words."""
        return self.outcome.aside if self.outcome else ""

    @property
    def screen(self) -> str:
        return f"{self.shown.title}\n{self.shown.text}"

    @property
    def labels(self) -> list[str]:
        return [button.label for row in self.shown.buttons for button in row]

    def said(self, item: str, row: str = "", field: str = "") -> Answer | None:
        """What stands somewhere."""
        held = AnswerSlot(item, row, field).held(self.n)
        return held.said if held else None

    def rows(self, item: str) -> list[dict[str, str]]:
        """The rows of a table, in words."""
        fields = self.n.checklist.item[item].field
        return [
            {name: self.n.shown(fields[name], held.said) for name, held in row.cells.items() if held.said is not None}
            for row in self.n.record(item).rows.values()
        ]

    def gap(self, key: str) -> bool:
        """Whether a gap is open."""
        return any(f"{one.item}/{one.rule}" == key for one in gaps(self.n, self.now.date()))

    def at(self, now: datetime) -> Talk:
        self.now = now
        return self
