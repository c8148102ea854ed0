"""People at the door: who came by an invitation and waits for a lead's word."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.answer_slot import clip
from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn
from bot.domain.access.permissions import Verb
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


def at_the_door(room: Room, place: Place) -> tuple[tuple[Button, ...], ...]:
    """The way to whoever has waited longest, for leads, below whatever they are shown."""
    if room.n is None or not room.n.waiting or not room.leads or place.draft or isinstance(place, AtDoor):
        return ()
    return tuple(
        (Button(clip(f"At the door: {one.called}…", 60), Go(AtDoor(one.id))),) for one in room.n.waiting.values()
    )[:4]


@dataclass(frozen=True)
class Waiting(Place):
    """Where somebody stands who belongs nowhere yet. Nothing is told here, not even of which talks."""

    code = "Nw"
    verb = Verb.WAIT

    def says(self, room: Room) -> Say:  # noqa: ARG002 (nothing is told of the talks)
        return Say("At the door", WAITS)

    def hears(self, room: Room, said: Said) -> Turn:  # noqa: ARG002 (a lead decides, whatever is said)
        return Turn(self)


@dataclass(frozen=True)
class AtDoor(Place):
    """Somebody who waits, for a lead to let in or to turn away."""

    code = "Nd"
    verb = Verb.ORDER
    person: PersonId

    def says(self, room: Room) -> Say:
        from bot.dialog.screens.team import Team

        one, back = room.here.waiting.get(self.person), (Button("Team", Go(Team())),)
        if one is None:
            return Say("At the door", DECIDED, (back,))
        text = (
            f"On Telegram: {one.called}. They were invited as {ROLES[one.role]} and see nothing until you decide. "
            "Anybody may take any name there: if in doubt, ask the person on another way before you let them in."
        )
        rows = ((Button("Let in", Do("let")), Button("Turn away", Do("turn"))), back)
        return Say(f"At the door: {clip(one.called, 60)}", text, rows)

    def hears(self, room: Room, said: Said) -> Turn:
        from bot.dialog.screens.team import Team

        one = room.here.waiting.get(self.person)
        match said:
            case Tapped(act="let" | "turn") if one is None:
                return Turn(Team(), aside=DECIDED)
            case Tapped(act="let") if one is not None:
                name = room.here.unused(one.id, one.name)
                joined = Joined(person=one.id, name=name, role=one.role)
                return Turn(Team(), (joined,), kept=f"{name} is in, as {ROLES[one.role]}.")
            case Tapped(act="turn") if one is not None:
                return Turn(Team(), (TurnedAway(person=one.id),), kept=f"{one.name} was not let in.")
            case _:
                return super().hears(room, said)


def switch(room: Room) -> Button:
    """The switch for everybody who comes."""
    return Button(f"{'✓' if '' in room.here.screened else '✗'} New people wait for a lead", Do("screen"))


def screened(room: Room, then: Place, invite: str = "") -> Turn:
    """Ask a lead from now on before somebody comes in, or no longer."""
    on = invite not in room.here.screened
    who = "Whoever opens this link" if invite else "Whoever comes by an invitation"
    kept = f"{who} waits until a lead lets them in." if on else f"{who} comes in at once."
    return Turn(then, (Screened(invite=invite, on=on),), kept=kept)
