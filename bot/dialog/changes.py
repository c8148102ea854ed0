"""What changed: since a person last looked, since a day, since a sign-off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from bot.core.answers import Day
from bot.core.changed import Change, Changed, Flip, changes, last_before
from bot.core.need import may_hear
from bot.core.negotiation import NOTHING, Happened, Signature
from bot.core.permission import Verb
from bot.dialog.day_doubts import day_buttons, picked_day, typed_day
from bot.dialog.home import Home
from bot.dialog.leading import Summary
from bot.dialog.place import Button, Go, Place, Room, Said, Say, Tapped, Turn, Typed
from bot.dialog.reading import Read, Unsure, Wrong
from bot.dialog.spot import MARK, clip, when

PAGE = 6
ANSWER = 200  # characters of an answer; its history has more
SINCE = {
    "look": "since you last looked, on {day}",
    "date": "since {day}",
    "sign": "since the sign-off of {day}",
    "all": "since the talks were opened",
}


def news_lines(room: Room) -> list[str]:
    """How much was recorded since the person last looked, where anything was."""
    look = room.looked()
    if look is None or look.seq >= room.here.seq:
        return []
    number = len(news(room, look.seq))
    if not number:
        return []
    return [f"Since you last looked, on {when(look.at)}: {number} record{'s' if number > 1 else ''} more."]


def news(room: Room, since: int) -> list[Happened]:
    """What was recorded after an event, as far as it is about what the person may see."""
    return [one for one in room.line(since) if may_hear(room.here, one)]


@dataclass(frozen=True)
class Changes(Place):
    """Gaps opened and closed, and answers before and after, since an event.

    ``why`` says what the person chose: their last look, a date, a sign-off, or all; ``day`` is its day.
    """

    code = "Ch"
    verb = Verb.LOOK
    shows_news = True
    since: int = 0
    why: str = ""
    day: str = ""
    page: int = 0

    def arrived(self, room: Room) -> Place:
        """From the last look on, unless another beginning was chosen."""
        if self.why:
            return self
        look = room.looked()
        if look is None:
            return Changes(1, "all", room.here.opened_at.date().isoformat())
        return Changes(look.seq, "look", look.at.date().isoformat())

    def says(self, room: Room) -> Say:
        try:
            day = date.fromisoformat(self.day)
        except ValueError:  # a button of somebody's own making
            return Changes(1, "all", room.here.opened_at.date().isoformat()).says(room)
        title = f"What changed {SINCE.get(self.why, SINCE['date']).format(day=when(day))}"
        found = _found(room, self.since, day)
        every: tuple[Flip | Change, ...] = (*found.flips, *_all(found)) if found else ()
        first = self.page * PAGE
        shown = [_told(room, found, one) for one in every[first : first + PAGE]] if found else []
        text = "\n\n".join([_counted(found), *shown]) if found and shown else "Nothing changed."
        turns = (
            *((Button("◀ Before", Go(replace(self, page=self.page - 1))),) if self.page else ()),
            *((Button("More ▶", Go(replace(self, page=self.page + 1))),) if len(every) > first + PAGE else ()),
        )
        return Say(
            title,
            text,
            (
                turns,
                (Button("Since a date…", Go(SinceWhen())),),
                *((Button(f"Since the sign-off of {when(one.at)}", Go(_since(one))),) for one in _signed(room)),
                (Button("Summary", Go(Summary())), Button("Home", Go(Home()))),
            ),
        )


def _found(room: Room, since: int, day: date) -> Changed | None:
    line = room.line(0)
    if not line:
        return None
    n = room.here
    return changes(
        line, n.judged.checklist, min(since, len(line)), day, room.today, n.hidden, n.shields if n.veiled else NOTHING
    )


def _all(found: Changed) -> tuple[Change, ...]:
    return found.answers + found.around


def _signed(room: Room) -> list[Signature]:
    """One signature for each of the last two states that were signed, the newest first."""
    last = {one.state: one for one in room.here.signatures}
    return sorted(last.values(), key=lambda one: one.seq, reverse=True)[:2]


def _since(one: Signature) -> Changes:
    return Changes(one.seq, "sign", one.at.date().isoformat())


def _counted(found: Changed) -> str:
    opened = sum(1 for one in found.flips if one.opened)
    counts = ((opened, "gap", "opened"), (len(found.flips) - opened, "gap", "closed"), (len(_all(found)), "change", ""))
    return ", ".join(f"{number} {what}{'s' if number != 1 else ''} {how}".strip() for number, what, how in counts) + "."


def _told(room: Room, found: Changed, one: Flip | Change) -> str:
    return _change(room, one) if isinstance(one, Change) else _flip(room, one, found.cause(one))


def _flip(room: Room, one: Flip, cause: Happened | None) -> str:
    gap = one.gap
    mark = MARK[gap.severity] if one.opened else "✓"
    label = room.here.words(room.item(gap.item).label)
    did = f"{'Opened' if one.opened else 'Closed'} {gap.severity}"
    return f"{mark} {did}: {label}: {clip(gap.says, 160)}\n({_by(room, cause) or 'by time alone'})"


def _change(room: Room, one: Change) -> str:
    by = f"\n({_by(room, one.last)})" if one.last else ""
    before = f"{clip(one.before, ANSWER)} → " if one.before else ""
    return f"{clip(one.what, 120)}: {before}{clip(one.after, ANSWER)}{by}"


def _by(room: Room, happened: Happened | None) -> str:
    return f"{room.here.name(happened.by)}, {when(happened.at)} {happened.at:%H:%M}" if happened else ""


@dataclass(frozen=True)
class SinceWhen(Place):
    """Asks since which day."""

    code = "Cs"
    verb = Verb.LOOK
    doubt: str = ""  # a day that can be read in two ways

    def says(self, room: Room) -> Say:
        if self.doubt and isinstance(reading := typed_day(room, self.doubt, past=True), Unsure):
            return Say("What changed since…", reading.ask, (*day_buttons(reading), (Button("Back", Go(Changes())),)))
        text = f"Since which day? Type a date. The talks were opened on {when(room.here.opened_at)}."
        return Say("What changed since…", text, ((Button("Back", Go(Changes())),),))

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Typed(text=text):
                reading, doubt = typed_day(room, text, past=True), text
            case Tapped(act="day", arg=number) if picked := picked_day(typed_day(room, self.doubt, past=True), number):
                reading, doubt = Read(Day(day=picked)), ""
            case _:
                return super().hears(room, said)
        latest = max(room.today, room.own_day)
        match reading:
            case Read(value=Day(day=day)) if day <= latest:
                return Turn(Changes(last_before(room.line(0), day), "date", day.isoformat()))
            case Wrong(why=why):
                return Turn(replace(self, doubt=""), aside=why)
            case Unsure(values=values) if any(isinstance(one, Day) and one.day <= latest for _, one in values):
                return Turn(replace(self, doubt=doubt))
            case _:
                return Turn(replace(self, doubt=""), aside="That day is still to come. Nothing can have changed since.")
