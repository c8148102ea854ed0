"""A first pass: a whole section in a few minutes, one tap an item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.dialog.answer_slot import items_shown
from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn, Typed
from bot.dialog.screens.item import Reason, at
from bot.domain.access.permissions import Verb
from bot.domain.access.redaction import shield
from bot.domain.answers import UNKNOWN, Claim, NotApplicable, Unknown
from bot.domain.checklist import Item
from bot.domain.events import Answered, AnyEvent, Claimed
from bot.domain.negotiation import Happened
from bot.domain.wording.history import told

CLAIMS = {Claim.IN_HAND: "In hand", Claim.PARTLY: "Partly", Claim.NOT_YET: "Not yet"}
TYPED = {**{label.casefold(): str(claim) for claim, label in CLAIMS.items()}, "unknown": "unknown", "skip": "skip"}


@dataclass(frozen=True)
class FirstPass(Place):
    """The item after ``past`` that nothing is written at, and one tap to say how far it is."""

    code = "1"
    verb = Verb.ANSWER
    section: str
    past: str = ""

    def _next(self, room: Room) -> Item | None:
        shown = items_shown(room, self.section)
        names = [item.id for item in shown]
        start = names.index(self.past) + 1 if self.past in names else 0
        return next((item for item in shown[start:] if not _said(room, item)), None)

    def says(self, room: Room) -> Say:
        from bot.dialog.screens.home import AtSection

        section, item = room.here.checklist.section[self.section], self._next(room)
        stop = Button("Stop here", Go(AtSection(self.section)))
        if item is None:
            text = (
                "That was the first pass of this section. "
                "What is claimed to be in hand stays a gap until it is written down."
            )
            return Say(
                f"First pass: {section.title}", text, ((Button("To the section", Go(AtSection(self.section))),),)
            )
        shown = items_shown(room, self.section)
        claim = room.here.record(item.id).claim
        lines = [item.label, room.here.words(item.ask)]
        if claim:
            lines.append(f"Last time: {CLAIMS[claim].lower()}.")
        hedges = [Button("Unknown", Do("unknown", item.id))]
        if not item.always_applies:
            hedges.append(Button("Not applicable…", Go(Reason(item.id, 1))))
        return Say(
            f"First pass: {section.title} · {shown.index(item) + 1} of {len(shown)}",
            "\n\n".join(lines),
            (
                tuple(Button(label, Do(claim, item.id)) for claim, label in CLAIMS.items()),
                tuple(hedges),
                (Button("Skip", Do("skip", item.id)), Button("Write it now", Go(at(item)))),
                (stop,),
            ),
        )

    def recorded(self, room: Room) -> tuple[str, str]:
        """The person's last tap in this section, while they recorded nothing else since and nobody did there."""
        mine = max(_mine(room), key=lambda one: one[1].seq, default=None)
        if mine is None:
            return "", ""
        item, last = mine
        said = _tapped(last.event)
        here = room.here.checklist.section_of[item.id].id == self.section
        if not (said and here and last.seq == room.here.record(item.id).seq):
            return "", ""
        return f"Recorded last: {item.label}: {said}.", f"{item.id}.{last.seq}"

    def hears(self, room: Room, said: Said) -> Turn:
        if isinstance(said, Typed) and (asked := self._next(room)):
            word = " ".join(said.text.split()).casefold().rstrip(".")
            said = Tapped(act=TYPED[word], arg=asked.id) if word in TYPED else said
        if not isinstance(said, Tapped) or said.arg not in room.here.checklist.item:
            return super().hears(room, said)
        item, then = room.item(said.arg), FirstPass(self.section, said.arg)
        if said.act == "skip":
            return Turn(then)
        if _said(room, item):
            return Turn(then, aside=f"{item.label} was written, or sealed, in the meantime; it stays as it is.")
        if said.act == "unknown":
            return Turn(then, (Answered(item=item.id, answer=UNKNOWN),), kept=f"{item.label}: unknown.")
        if said.act in set(Claim):
            claim, before = Claim(said.act), room.here.record(item.id)
            other = f" {told(room.here, before.past.happened)} before." if before.claim and before.past else ""
            return Turn(
                then, (Claimed(item=item.id, claim=claim),), kept=f"{item.label}: {CLAIMS[claim].lower()}.{other}"
            )
        return super().hears(room, said)


def _mine(room: Room) -> Iterator[tuple[Item, Happened]]:
    """The last that this person did at every item."""
    for item in room.here.checklist.item.values():
        past = room.here.record(item.id).past or ()
        if mine := next((one for one in past if one.by == room.me), None):
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


def _said(room: Room, item: Item) -> bool:
    record = room.here.record(item.id)
    if room.here.veiled and shield(room.here, item.id) == "sealed":  # not asked in this chat
        return True
    return record.written or record.said is not None
