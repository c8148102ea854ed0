"""A first pass: a whole section in a few minutes, one tap an item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.dialog.answer_slot import items_shown
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.screens.item import NotApplicableReason, at
from bot.domain.access.permissions import Permission
from bot.domain.access.redaction import shield
from bot.domain.answers import UNKNOWN, Claim, NotApplicable, Unknown
from bot.domain.checklist import Item
from bot.domain.events import Answered, AnyEvent, Claimed, Target
from bot.domain.events.base import of_section
from bot.domain.negotiation import Happened
from bot.domain.wording.history import told

CLAIMS = {Claim.IN_HAND: "In hand", Claim.PARTLY: "Partly", Claim.NOT_YET: "Not yet"}
TYPED = {**{label.casefold(): str(claim) for claim, label in CLAIMS.items()}, "unknown": "unknown", "skip": "skip"}


@dataclass(frozen=True)
class FirstPass(Place):
    """The item after ``past`` that nothing is written at, and one tap to say how far it is."""

    code = "1"
    verb = Permission.ANSWER
    section: str
    past: str = ""

    @property
    def targets(self) -> tuple[Target, ...]:
        return (of_section(self.section),)

    def _next(self, context: Context) -> Item | None:
        shown = items_shown(context, self.section)
        names = [item.id for item in shown]
        start = names.index(self.past) + 1 if self.past in names else 0
        return next((item for item in shown[start:] if not _said(context, item)), None)

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.home import SectionPage

        section, item = context.here.checklist.section[self.section], self._next(context)
        stop = Button("Stop here", Link(SectionPage(self.section)))
        if item is None:
            text = (
                "That was the first pass of this section. "
                "What is claimed to be in hand stays a gap until it is written down."
            )
            return Message(
                f"First pass: {section.title}", text, ((Button("To the section", Link(SectionPage(self.section))),),)
            )
        shown = items_shown(context, self.section)
        claim = context.here.record(item.id).claim
        lines = [item.label, context.here.words(item.ask)]
        if claim:
            lines.append(f"Last time: {CLAIMS[claim].lower()}.")
        hedges = [Button("Unknown", Action("unknown", item.id))]
        if not item.always_applies:
            hedges.append(Button("Not applicable…", Link(NotApplicableReason(item.id, 1))))
        return Message(
            f"First pass: {section.title} · {shown.index(item) + 1} of {len(shown)}",
            "\n\n".join(lines),
            (
                tuple(Button(label, Action(claim, item.id)) for claim, label in CLAIMS.items()),
                tuple(hedges),
                (Button("Skip", Action("skip", item.id)), Button("Write it now", Link(at(item)))),
                (stop,),
            ),
        )

    def recorded(self, context: Context) -> tuple[str, str]:
        """The person's last tap in this section, while they recorded nothing else since and nobody did there."""
        mine = max(_mine(context), key=lambda entry: entry[1].seq, default=None)
        if mine is None:
            return "", ""
        item, last = mine
        said = _tapped(last.event)
        here = context.here.checklist.section_of[item.id].id == self.section
        if not (said and here and last.seq == context.here.record(item.id).seq):
            return "", ""
        return f"Recorded last: {item.label}: {said}.", f"{item.id}.{last.seq}"

    def handle(self, context: Context, said: Reply) -> Outcome:
        if isinstance(said, TextReply) and (asked := self._next(context)):
            word = " ".join(said.text.split()).casefold().rstrip(".")
            said = ButtonReply(act=TYPED[word], arg=asked.id) if word in TYPED else said
        if not isinstance(said, ButtonReply) or said.arg not in context.here.checklist.item:
            return super().handle(context, said)
        item, then = context.item(said.arg), FirstPass(self.section, said.arg)
        if said.act == "skip":
            return Outcome(then)
        if _said(context, item):
            return Outcome(then, aside=f"{item.label} was written, or sealed, in the meantime; it stays as it is.")
        if said.act == "unknown":
            return Outcome(then, (Answered(item=item.id, answer=UNKNOWN),), kept=f"{item.label}: unknown.")
        if said.act in set(Claim):
            claim, before = Claim(said.act), context.here.record(item.id)
            other = f" {told(context.here, before.past.happened)} before." if before.claim and before.past else ""
            return Outcome(
                then, (Claimed(item=item.id, claim=claim),), kept=f"{item.label}: {CLAIMS[claim].lower()}.{other}"
            )
        return super().handle(context, said)


def _mine(context: Context) -> Iterator[tuple[Item, Happened]]:
    """The last that this person did at every item."""
    for item in context.here.checklist.item.values():
        past = context.here.record(item.id).past or ()
        if mine := next((happened for happened in past if happened.by == context.me), None):
            yield item, mine


def _tapped(event: AnyEvent) -> str:
    """How far an item was said to be with a tap of a first pass; empty for anything else."""
    match event:
        case Claimed(claim=Claim() as claim):
            return CLAIMS[claim].lower()
        case Answered(answer=Unknown()):
            return "unknown"
        case Answered(answer=NotApplicable()):
            return "not applicable"
        case _:
            return ""


def _said(context: Context, item: Item) -> bool:
    record = context.here.record(item.id)
    if context.here.veiled and shield(context.here, item.id) == "sealed":  # not asked in this chat
        return True
    return record.answered
