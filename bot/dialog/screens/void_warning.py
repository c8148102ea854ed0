"""Before a reply makes signatures void: whose they are is said, and the reply waits for a tap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.dialog.answer_slot import clip
from bot.dialog.callback_data import UnknownCallback, restored, stored
from bot.dialog.contract import (
    Action,
    Button,
    ButtonReply,
    Context,
    FileReply,
    Message,
    Outcome,
    Place,
    Reply,
    TextReply,
)
from bot.dialog.screens.home import Home
from bot.dialog.screens.sign_off import VERDICT
from bot.domain.access.permissions import Permission
from bot.domain.events import Target
from bot.domain.negotiation import Happened, Negotiation, Signature
from bot.domain.ownership import item_of
from bot.domain.projection import is_content
from bot.domain.sign_off import standing
from bot.domain.wording.history import told

TOLD = 3  # changes that are told one by one
SEND_AGAIN = "Send the file again: then it is kept."


@dataclass(frozen=True)
class ConfirmVoid(Place):
    """Whose signatures a reply would make void. It is heard at its ``place`` once the person goes on.

    ``signed`` are the numbers of the signatures told of, and ``changes`` is what would be recorded, in words.
    A file is not kept meanwhile: ``agreed``, it is sent again. ``back`` is where the person stands afterwards,
    where that is not for the reply to say.
    """

    code = "Vo"
    verb = Permission.ANSWER
    draft = True
    place: str  # as `stored` writes it
    text: str = ""
    act: str = ""
    arg: str = ""
    file: str = ""  # its name, and its caption
    signed: str = ""
    changes: str = ""
    back: str = ""
    agreed: int = 0

    @property
    def heard_at(self) -> Place:
        """The place that hears the reply."""
        return _place(self.place)

    @property
    def question(self) -> Place:
        return self.heard_at.question

    @property
    def returns_to(self) -> Place:
        """Where a person stands who cancels."""
        return _place(self.back or self.place)

    @property
    def targets(self) -> tuple[Target, ...]:
        """What the place is about that hears the reply."""
        return self.heard_at.targets

    @property
    def warned(self) -> frozenset[int]:
        """The numbers of the signatures that the person was told of."""
        return frozenset(map(int, filter(str.isdecimal, self.signed.split("."))))

    def agrees(self, said: Reply) -> Reply | None:
        """The reply that is to be heard now; None while it waits."""
        match said:
            case FileReply() if self.agreed:
                return said
            case ButtonReply(act="go") if not self.file:
                return ButtonReply(self.act, self.arg) if self.act else TextReply(self.text)
            case _:
                return None

    def render(self, context: Context) -> Message:
        gone = [signature for signature in standing(context.here) if signature.seq in self.warned]
        cancel = Button("Cancel", Action("cancel"))
        text = _told(context, gone) if gone else "No signature stands any more, so this makes none void."
        if self.agreed:
            return Message("Sign-off", f"{text}\n\n{SEND_AGAIN}", ((cancel,),))
        kept_out = any(item_of(target) in context.here.veiled for target in self.targets)
        waits = "" if kept_out else f"\n\nNot recorded yet:\n{self.changes}"
        return Message("Sign-off", f"{text}{waits}", ((Button("Go on", Action("go")), cancel),))

    def unrecorded(self) -> str:
        file = f"the file {self.file}" if self.file else ""
        waiting = (self.text, file, self.heard_at.unrecorded(), self.returns_to.unrecorded())
        return "\n".join(dict.fromkeys(filter(None, waiting)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case ButtonReply(act="cancel"):
                return Outcome(self.returns_to, aside="Nothing was recorded.")
            case ButtonReply(act="go"):
                return Outcome(replace(self, agreed=1))
            case FileReply():
                return Outcome(self, aside="Tap “Go on” first, then send the file. It was not kept.")
            case TextReply(text=text):
                wrote = f"You wrote: {clip(text, 300)}"
                return Outcome(self, aside=f"Please go on or cancel first. Nothing was recorded.\n{wrote}")
            case _:
                return super().handle(context, said)


def held_back(
    n: Negotiation, place: Place, said: Reply, gone: Sequence[Signature], happened: Sequence[Happened]
) -> ConfirmVoid:
    """The place where a reply waits that would make signatures void; ``n`` is how the talks would stand after it."""
    lines = [f"· {clip(told(n, change), 160)}" for change in happened if is_content(change.event)]
    more = [f"· … and {len(lines) - TOLD} more"] if len(lines) > TOLD else []
    waits = ConfirmVoid(
        stored(place),
        signed=".".join(str(signature.seq) for signature in gone),
        changes="\n".join([*lines[:TOLD], *more]),
    )
    match said:
        case TextReply(text=text):
            return replace(waits, text=text)
        case ButtonReply(act=act, arg=arg):
            return replace(waits, act=act, arg=arg)
        case FileReply(name=name, caption=caption):
            return replace(waits, file=f"{name} – {caption}" if caption else name)
        case _:
            return waits


def _told(context: Context, gone: Sequence[Signature]) -> str:
    """Whose signatures become void."""
    names = ", ".join(f"{context.here.name(signature.by)} ({VERDICT[signature.verdict]})" for signature in gone)
    signed = "1 lead has signed" if len(gone) == 1 else f"{len(gone)} leads have signed"
    return f"{signed}; this voids it. Void: {names}."


def _place(text: str) -> Place:
    """A place that waits; home when it is no more."""
    try:
        return restored(text)
    except UnknownCallback:
        return Home()
