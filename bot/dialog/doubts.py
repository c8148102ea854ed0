"""Doubts: what was typed is to be asked about, somebody else answered, a message was cut in two."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.answers import Answer, Day, Pointer, Text
from bot.core.checklist import Field
from bot.core.nonanswers import says_not_applicable
from bot.core.permission import Verb
from bot.dialog.apart import pointable
from bot.dialog.place import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn, Typed
from bot.dialog.reading import Read, Unsure
from bot.dialog.spot import ANSWER, LONG, Spot, clip, present
from bot.dialog.tables import AtField, NextField
from bot.dialog.walk import Onward, Reason, at, read_at, record, typed


@dataclass(frozen=True)
class Sure(Place):
    """Asks what was meant: one of two things, nothing yet, a period, or a day to come where something happened."""

    code = "u"
    verb = Verb.ANSWER
    draft = True
    item: str
    row: str
    field: str
    text: str
    seen: int = 0

    def says(self, room: Room) -> Say:
        spot = Spot(self.item, self.row, self.field)
        reading = read_at(room, spot, self.text)
        buttons: tuple[tuple[Button, ...], ...] = ()
        ask = "Please type it again."
        if isinstance(reading, Unsure):
            ask = reading.ask
            asked = spot.asked(room)
            rows = pointable(room, asked) if isinstance(asked, Field) else {}
            buttons = tuple(
                (Button(rows.get(value.row, label) if isinstance(value, Pointer) else label, Do("sure", str(i))),)
                for i, (label, value) in enumerate(reading.values)
            )
        aside = ((Button("Not applicable…", Go(Reason(spot.item))),),) if self._set_aside(room, spot) else ()
        back = Button("Back", Go(back_to(room, spot)))
        return Say(spot.asked(room).label, ask, (*buttons, *aside, (back,)))

    def _set_aside(self, room: Room, spot: Spot) -> bool:
        """Whether the words say that the whole item does not apply, where that may be said."""
        return not spot.field and says_not_applicable(self.text) and not room.item(spot.item).always_applies

    def unrecorded(self) -> str:
        return self.text

    def hears(self, room: Room, said: Said) -> Turn:
        spot = Spot(self.item, self.row, self.field)
        if isinstance(said, Typed):
            return self._instead(room, spot, said.text)
        reading = read_at(room, spot, self.text)
        if isinstance(said, Tapped) and said.act == "sure" and isinstance(reading, Unsure):
            choice = int(said.arg) if said.arg.isdigit() else 0
            return record(room, spot, reading.values[choice][1], self.seen, after_field(spot))
        return super().hears(room, said)

    def _instead(self, room: Room, spot: Spot, text: str) -> Turn:
        """What was typed instead; for another day of a period, the words first typed stay beside it."""
        before, now = read_at(room, spot, self.text), read_at(room, spot, text)
        words = before.values[0][1] if isinstance(before, Unsure) else None
        if isinstance(words, Day) and words.words and isinstance(now, Read) and isinstance(now.value, Day):
            day = now.value if now.value.words else Day(day=now.value.day, words=words.words)
            return record(room, spot, day, self.seen, after_field(spot))
        return typed(room, spot, text, self.seen, self, after_field(spot))


@dataclass(frozen=True)
class Differs(Place):
    """Somebody else answered in the meantime: shows both, keeps both in the history, asks which stands."""

    code = "d"
    verb = Verb.ANSWER
    draft = True
    item: str
    row: str
    field: str
    mine: str
    seen: int = 0

    def arrived(self, room: Room) -> Place:
        """The same doubt, what stands there now being seen."""
        return replace(self, seen=room.here.seq)

    def says(self, room: Room) -> Say:
        spot = Spot(self.item, self.row, self.field)
        asked, held = spot.asked(room), spot.held(room.here)
        mine = room.here.shown(asked, self._answer())
        theirs = present(room.here, asked, held) or "Now: cleared"
        text = f"Somebody else changed this.\n\n{theirs}\n\nYours: {clip(mine)}\n\nWhich one stands?"
        keep, use = Button("Keep what is there", Do("keep")), Button("Use mine", Do("mine"))
        return Say(asked.label, text, ((keep,), (use,)))

    def _answer(self) -> Answer | None:
        return ANSWER.validate_json(self.mine) if self.mine else None

    def hears(self, room: Room, said: Said) -> Turn:
        spot = Spot(self.item, self.row, self.field)
        match said:
            case Tapped(act="keep"):
                return Turn(after_field(spot), kept="Kept as it was.", aside="Nothing was changed.")
            case Tapped(act="mine"):
                return record(room, spot, self._answer(), self.seen, after_field(spot))
            case _:
                return super().hears(room, said)


@dataclass(frozen=True)
class More(Place):
    """A very long message may arrive in parts: what comes next is added to the answer."""

    code = "m"
    verb = Verb.ANSWER
    draft = True
    item: str
    row: str
    field: str

    def says(self, room: Room) -> Say:
        text = (
            "That message is about as long as Telegram allows, so the rest may come in a message of its own. "
            "Send the rest and it is added; or tap Done."
        )
        return Say(Spot(self.item, self.row, self.field).asked(room).label, text, ((Button("Done", Do("done")),),))

    def hears(self, room: Room, said: Said) -> Turn:
        spot = Spot(self.item, self.row, self.field)
        held = spot.held(room.here)
        if isinstance(said, Typed) and held and isinstance(held.said, Text):
            if held.by != room.me:
                aside = f"{room.here.name(held.by)} changed this answer; yours was not added.\n"
                aside += f"You wrote: {clip(said.text)}"
                return Turn(after_field(spot), aside=aside)
            then = self if len(said.text) >= LONG else after_field(spot)
            return record(room, spot, Text(text=held.said.text + said.text), held.seq, then)
        if isinstance(said, Tapped) and said.act == "done":
            return Turn(after_field(spot))
        return super().hears(room, said)


def back_to(room: Room, spot: Spot) -> Place:
    """The place where a spot is answered."""
    return AtField(spot.item, spot.row, spot.field) if spot.field else at(room.item(spot.item))


def after_field(spot: Spot) -> Place:
    """Where the walk goes on once a spot is answered."""
    return NextField(spot.item, spot.row, spot.field) if spot.field else Onward(spot.item)
