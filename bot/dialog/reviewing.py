"""What an edited file proposes, looked at by a lead change by change before it is recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.changes import CHANGES, Change, called, changed_since, gone, in_words_of, settled
from bot.core.events import AnyEvent, RowPut
from bot.core.judging import applies, locked
from bot.core.permission import Verb
from bot.dialog.place import Button, Do, Place, Room, Said, Say, Tapped, Turn
from bot.dialog.spot import clip, when


@dataclass(frozen=True)
class Reviewing(Place):
    """One proposed change: what stands, what the file says; take it or leave it."""

    code = "+"
    verb = Verb.LEAD
    draft = True
    changes: str  # JSON of `bot.core.changes.CHANGES`
    number: int = 0  # of the change looked at, counted from 0
    taken: int = 0

    def _all(self) -> tuple[Change, ...]:
        return CHANGES.validate_json(self.changes)

    def arrived(self, room: Room) -> Place:
        """The next change that is still to be looked at; back where it came from after the last."""
        from bot.dialog.takeaway import TakeAway

        changes, number = self._all(), self.number
        while number < len(changes) and settled(changes[number], room.here):
            number += 1
        return replace(self, number=number) if number < len(changes) else TakeAway()

    def says(self, room: Room) -> Say:
        changes = self._all()
        change = changes[min(self.number, len(changes) - 1)]
        parts = [called(change, room.here), *_compared(room, change), f"({change.where})"]
        obstacle = _obstacle(room, change)
        if obstacle:
            parts.append(obstacle)
        take = (Button("Take", Do("take")),) if not obstacle else ()
        rest = ((Button("Take all the rest", Do("all")),), (Button("Leave all the rest", Do("none")),))
        return Say(
            f"Change {self.number + 1} of {len(changes)}",
            "\n\n".join(clip(part, 1500) for part in parts),
            ((*take, Button("Leave", Do("leave"))), *rest),
        )

    def hears(self, room: Room, said: Said) -> Turn:
        from bot.dialog.takeaway import TakeAway

        if not room.leads:
            return Turn(TakeAway(), aside=f"Only {room.leads_by}, the lead, can take changes in.")
        changes = self._all()
        change = changes[min(self.number, len(changes) - 1)]
        on = replace(self, number=self.number + 1)
        match said:
            case Tapped(act="take"):
                return self._take(room, change, replace(on, taken=self.taken + 1))
            case Tapped(act="leave"):
                return Turn(on, aside=self._done(on, "Left as it was."))
            case Tapped(act="none"):
                return Turn(TakeAway(), aside=f"The rest was left as it was; {self.taken} recorded.")
            case Tapped(act="all"):
                return self._all_the_rest(room, changes)
            case _:
                return super().hears(room, said)

    def _take(self, room: Room, change: Change, on: Reviewing) -> Turn:
        obstacle = _obstacle(room, change)
        if obstacle:
            return Turn(self, aside=f"{obstacle} Nothing was recorded.")
        return self._recorded(room, on, (change.pointing(room.here, {}).event(room.here),))

    def _all_the_rest(self, room: Room, changes: tuple[Change, ...]) -> Turn:
        """Record what is plain; what cannot be read, or changed meanwhile, is still looked at one by one."""
        n, events, kept = room.here, list[AnyEvent](), list[Change]()
        added: dict[str, int] = {}
        named: dict[tuple[str, str], str] = {}
        for change in changes[self.number :]:
            if settled(change, n):
                continue
            led = change.pointing(n, named)
            if led.awaits(n) or _obstacle(room, led) or changed_since(led, n) or led.why or led.note:
                kept.append(change)
                continue
            event = led.event(n, added.get(led.item, 0))
            events.append(event)
            added[led.item] = added.get(led.item, 0) + (led.cells is not None)
            if isinstance(event, RowPut) and (name := led.name(n)):
                named[led.item, name] = event.row
        taken = self.taken + len(events)
        left = Reviewing(CHANGES.dump_json(tuple(kept)).decode(), 0, taken) if kept else replace(self, number=10**6)
        more = f" {len(kept)} need{'s' if len(kept) == 1 else ''} a look of your own." if kept else ""
        return self._recorded(room, replace(left, taken=taken), tuple(events), more)

    def _recorded(self, room: Room, on: Reviewing, events: tuple[AnyEvent, ...], more: str = "") -> Turn:
        number = len(events)
        kept = f"{number} change{'s' if number != 1 else ''} recorded in the name of {room.name}.{more}"
        return Turn(on, events, kept=kept) if events else Turn(on, aside=f"Nothing was recorded.{more}")

    def _done(self, on: Reviewing, words: str) -> str:
        last = on.number >= len(self._all())
        return f"{words} That was the last change; {self.taken} recorded." if last else words


def _compared(room: Room, change: Change) -> list[str]:
    """What stands and what the file says, in words."""
    n, item = room.here, room.item(change.item)
    if change.cells is not None:
        asks = ((item.field[name], one) for name, one in change.cells.items())
        lines = [f"{n.words(field.label)}: {in_words_of(n, field, one)}" for field, one in asks]
        return ["\n".join(lines), *([change.why] if change.why else [])]
    asked, held = change.asked(n), change.held(n)
    now = f"Now: {clip(n.shown(asked, change.now(n)))}"
    if change.why:
        return [f"{now}\nIn the file: {clip(change.wrote)}", f"It cannot be read: {change.why}"]
    parts = [f"{now}\nIn the file: {clip(in_words_of(n, asked, change.said))}"]
    parts += [change.note] if change.note else []
    if changed_since(change, n):
        who = f" by {n.name(held.by)}, {when(held.at)}" if held and held.by else ""
        was = clip(n.shown(asked, change.before))
        parts.insert(0, f"This was changed{who} after the file was made; there it was: {was}")
    return parts


def _obstacle(room: Room, change: Change) -> str:
    """Why a change cannot be taken at all; empty when it can."""
    n, item = room.here, room.item(change.item)
    if not change.readable:
        return "Answer it in the chat, or correct the file and send it again."
    if awaited := change.pointing(n, {}).awaits(n):
        return f"It points at “{clip(awaited[0][1], 80)}”, a new row of this file that is not taken yet."
    if gone(change, n):
        return "The row was removed since the file was made."
    if not applies(n, item, room.today):
        return "This is not asked in these talks any more."
    if item.locked and locked(n, item, room.today):
        return n.words(item.locked.says)
    return ""
