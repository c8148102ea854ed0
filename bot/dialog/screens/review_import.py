"""What an edited file proposes, looked at by a lead change by change before it is recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialog.answer_slot import clip, when
from bot.dialog.contract import Action, Button, ButtonReply, Context, Message, Outcome, Place, Reply
from bot.domain.access.permissions import Permission
from bot.domain.events import AnyEvent, RowPut
from bot.domain.proposed_changes import CHANGES, ProposedChange, called, changed_since, gone, in_words_of, settled
from bot.domain.readiness.item_gaps import applies, locked


@dataclass(frozen=True)
class ReviewImport(Place):
    """One proposed change: what stands, what the file says; take it or leave it."""

    code = "+"
    verb = Permission.LEAD
    targets = ()
    draft = True
    changes: str  # JSON of `bot.domain.proposed_changes.CHANGES`
    number: int = 0  # of the change looked at, counted from 0
    taken: int = 0

    def _all(self) -> tuple[ProposedChange, ...]:
        return CHANGES.validate_json(self.changes)

    def resolve(self, context: Context) -> Place:
        """The next change that is still to be looked at; back where it came from after the last."""
        from bot.dialog.screens.export import ExportPage

        changes, number = self._all(), self.number
        while number < len(changes) and settled(changes[number], context.here):
            number += 1
        return replace(self, number=number) if number < len(changes) else ExportPage()

    def render(self, context: Context) -> Message:
        changes = self._all()
        change = changes[min(self.number, len(changes) - 1)]
        parts = [called(change, context.here), *_compared(context, change), f"({change.where})"]
        obstacle = _obstacle(context, change)
        if obstacle:
            parts.append(obstacle)
        take = (Button("Take", Action("take")),) if not obstacle else ()
        rest = ((Button("Take all the rest", Action("all")),), (Button("Leave all the rest", Action("none")),))
        return Message(
            f"Change {self.number + 1} of {len(changes)}",
            "\n\n".join(clip(part, 1500) for part in parts),
            ((*take, Button("Leave", Action("leave"))), *rest),
        )

    def unrecorded(self) -> str:
        left = len(self._all()) - self.number
        return f"{left} change{'s' if left > 1 else ''} of the file" if left > 0 else ""

    def handle(self, context: Context, said: Reply) -> Outcome:
        from bot.dialog.screens.export import ExportPage

        if not context.leads:
            return Outcome(ExportPage(), aside=f"Only {context.leads_by}, the lead, can take changes in.")
        changes = self._all()
        change = changes[min(self.number, len(changes) - 1)]
        on = replace(self, number=self.number + 1)
        match said:
            case ButtonReply(act="take"):
                return self._take(context, change, replace(on, taken=self.taken + 1))
            case ButtonReply(act="leave"):
                return Outcome(on, aside=self._done(on, "Left as it was."))
            case ButtonReply(act="none"):
                return Outcome(ExportPage(), aside=f"The rest was left as it was; {self.taken} recorded.")
            case ButtonReply(act="all"):
                return self._all_the_rest(context, changes)
            case _:
                return super().handle(context, said)

    def _take(self, context: Context, change: ProposedChange, on: ReviewImport) -> Outcome:
        obstacle = _obstacle(context, change)
        if obstacle:
            return Outcome(self, aside=f"{obstacle} Nothing was recorded.")
        return self._recorded(context, on, (change.pointing(context.here, {}).event(context.here),))

    def _all_the_rest(self, context: Context, changes: tuple[ProposedChange, ...]) -> Outcome:
        """Record what is plain; what cannot be read, or changed meanwhile, is still looked at one by one."""
        n, events, kept = context.here, list[AnyEvent](), list[ProposedChange]()
        added: dict[str, int] = {}
        named: dict[tuple[str, str], str] = {}
        for change in changes[self.number :]:
            if settled(change, n):
                continue
            led = change.pointing(n, named)
            if led.awaits(n) or _obstacle(context, led) or changed_since(led, n) or led.why or led.note:
                kept.append(change)
                continue
            event = led.event(n, added.get(led.item, 0))
            events.append(event)
            added[led.item] = added.get(led.item, 0) + (led.cells is not None)
            if isinstance(event, RowPut) and (name := led.name(n)):
                named[led.item, name] = event.row
        taken = self.taken + len(events)
        left = ReviewImport(CHANGES.dump_json(tuple(kept)).decode(), 0, taken) if kept else replace(self, number=10**6)
        more = f" {len(kept)} need{'s' if len(kept) == 1 else ''} a look of your own." if kept else ""
        return self._recorded(context, replace(left, taken=taken), tuple(events), more)

    def _recorded(self, context: Context, on: ReviewImport, events: tuple[AnyEvent, ...], more: str = "") -> Outcome:
        number = len(events)
        kept = f"{number} change{'s' if number != 1 else ''} recorded in the name of {context.name}.{more}"
        return Outcome(on, events, kept=kept) if events else Outcome(on, aside=f"Nothing was recorded.{more}")

    def _done(self, on: ReviewImport, words: str) -> str:
        last = on.number >= len(self._all())
        return f"{words} That was the last change; {self.taken} recorded." if last else words


def _compared(context: Context, change: ProposedChange) -> list[str]:
    """What stands and what the file says, in words."""
    n, item = context.here, context.item(change.item)
    if change.cells is not None:
        asks = ((item.field[name], answer) for name, answer in change.cells.items())
        lines = [f"{n.words(field.label)}: {in_words_of(n, field, answer)}" for field, answer in asks]
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


def _obstacle(context: Context, change: ProposedChange) -> str:
    """Why a change cannot be taken at all; empty when it can."""
    n, item = context.here, context.item(change.item)
    if not change.readable:
        return "Answer it in the chat, or correct the file and send it again."
    if awaited := change.pointing(n, {}).awaits(n):
        return f"It points at “{clip(awaited[0][1], 80)}”, a new row of this file that is not taken yet."
    if gone(change, n):
        return "The row was removed since the file was made."
    if not applies(n, item, context.today):
        return "This is not asked in these talks any more."
    if item.locked and locked(n, item, context.today):
        return n.words(item.locked.says)
    return ""
