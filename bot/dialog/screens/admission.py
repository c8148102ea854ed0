"""People at the door: who came by an invitation and waits for a lead's word."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.answer_slot import clip
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply
from bot.domain.access.permissions import Permission
from bot.domain.events import Joined, PersonId, Screened, TurnedAway
from bot.domain.negotiation import Negotiation, Newcomer
from bot.domain.wording.history import ROLES

WAITS = "A lead has been asked to let you in. I write to you here as soon as somebody has decided."
DECIDED = "That was decided already."


def knocks(newcomer: Newcomer) -> str:
    """What leads are told at once."""
    return f"{newcomer.called} came by an invitation, to join as {ROLES[newcomer.role]}, and waits for a lead’s word."


def knocks_elsewhere(n: Negotiation) -> str:
    """The same for a lead who looks at other talks."""
    return f"Talks with {n.counterpart}: somebody waits to be let in. Open them to decide."


def at_the_door(context: Context, place: Place) -> tuple[tuple[Button, ...], ...]:
    """The way to whoever has waited longest, for leads, below whatever they are shown."""
    if (
        context.n is None
        or not context.n.waiting
        or not context.leads
        or place.draft
        or isinstance(place, AdmitNewcomer)
    ):
        return ()
    return tuple(
        (Button(clip(f"At the door: {newcomer.called}…", 60), Link(AdmitNewcomer(newcomer.id))),)
        for newcomer in context.n.waiting.values()
    )[:4]


@dataclass(frozen=True)
class AwaitingAdmission(Place):
    """Where somebody stands who belongs nowhere yet. Nothing is told here, not even of which talks."""

    code = "Nw"
    verb = Permission.WAIT
    targets = ()

    def render(self, context: Context) -> Message:  # noqa: ARG002 (nothing is told of the talks)
        return Message("At the door", WAITS)

    def handle(self, context: Context, said: Reply) -> Outcome:  # noqa: ARG002 (a lead decides, whatever is said)
        return Outcome(self)


@dataclass(frozen=True)
class AdmitNewcomer(Place):
    """Somebody who waits, for a lead to let in or to turn away."""

    code = "Nd"
    verb = Permission.ORDER
    targets = ()
    person: PersonId

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.team import Team

        newcomer, back = context.here.waiting.get(self.person), (Button("Team", Link(Team())),)
        if newcomer is None:
            return Message("At the door", DECIDED, (back,))
        text = (
            f"They call themselves {newcomer.called}. They were invited as {ROLES[newcomer.role]} and see nothing "
            "until you decide. Anybody may take any name: if in doubt, ask the person on another way before you let "
            "them in."
        )
        rows = ((Button("Let in", Action("let")), Button("Turn away", Action("turn"))), back)
        return Message(f"At the door: {clip(newcomer.called, 60)}", text, rows)

    def handle(self, context: Context, said: Reply) -> Outcome:
        from bot.dialog.screens.team import Team

        newcomer = context.here.waiting.get(self.person)
        match said:
            case ButtonReply(act="let" | "turn") if newcomer is None:
                return Outcome(Team(), aside=DECIDED)
            case ButtonReply(act="let") if newcomer is not None:
                name = context.here.unused(newcomer.id, newcomer.name)
                joined = Joined(person=newcomer.id, name=name, role=newcomer.role)
                return Outcome(Team(), (joined,), kept=f"{name} is in, as {ROLES[newcomer.role]}.")
            case ButtonReply(act="turn") if newcomer is not None:
                return Outcome(Team(), (TurnedAway(person=newcomer.id),), kept=f"{newcomer.name} was not let in.")
            case _:
                return super().handle(context, said)


def switch(context: Context) -> Button:
    """The switch for everybody who comes."""
    return Button(f"{'✓' if '' in context.here.screened else '✗'} New people wait for a lead", Action("screen"))


def screened(context: Context, then: Place, invite: str = "") -> Outcome:
    """Ask a lead from now on before somebody comes in, or no longer."""
    on = invite not in context.here.screened
    who = "Whoever opens this link" if invite else "Whoever comes by an invitation"
    kept = f"{who} waits until a lead lets them in." if on else f"{who} comes in at once."
    return Outcome(then, (Screened(invite=invite, on=on),), kept=kept)
