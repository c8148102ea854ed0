"""The delegation: who is in it, invitations, removal, and the day of the talks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from bot.core.events import Invited, Left, PersonId, Role
from bot.dialog.groups import GroupCards
from bot.dialog.home import Home
from bot.dialog.opening import Rescheduling
from bot.dialog.place import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn
from bot.dialog.spot import clip, when

INVITE_DAYS = 7


def hashed(secret: str) -> str:
    """What is kept of an invitation's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Team(Place):
    """Who is in the delegation."""

    code = "T"

    def says(self, room: Room) -> Say:
        lines = [f"{one.name}, {one.role}{' (you)' if one.id == room.me else ''}" for one in room.here.here]
        rows: list[tuple[Button, ...]] = []
        if room.leads:
            rows += [
                (Button("Invite a member", Do("invite", "member")), Button("Invite a lead", Do("invite", "lead"))),
                (Button("Invite an observer", Do("invite", "observer")),),
                *(
                    (Button(clip(f"Remove {one.name}…", 40), Go(Sending(one.id))),)
                    for one in room.here.here
                    if one.id != room.me
                ),
                (Button("Move the talks", Go(Rescheduling())), Button("Card for your group", Go(GroupCards()))),
            ]
        return Say("The delegation", "\n".join(lines), (*rows, (Button("Home", Go(Home())),)))

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Tapped(act="invite", arg=role) if role in set(Role):
                expires = room.now + timedelta(days=INVITE_DAYS)
                invited = Invited(invite=hashed(room.secret), role=Role(role), expires_at=expires)
                return Turn(Invitation(room.secret, role), (invited,))
            case _:
                return super().hears(room, said)


@dataclass(frozen=True)
class Invitation(Place):
    """The link of one invitation, shown once to whoever made it."""

    code = "I"
    secret: str
    role: str

    def says(self, room: Room) -> Say:
        until = when(room.now + timedelta(days=INVITE_DAYS))
        text = (
            f"Send this link to one person. Whoever opens it first joins as {self.role}; "
            f"it works once, until about {until}.\n\n"
            f"{room.link}{self.secret}"
        )
        return Say(f"Invitation: {self.role}", text, ((Button("Done", Go(Team())),),))


@dataclass(frozen=True)
class Sending(Place):
    """Asks before a person is removed."""

    code = "R"
    person: PersonId

    def says(self, room: Room) -> Say:
        name = room.here.name(self.person)
        text = (
            f"Remove {name} from the delegation? They see nothing more of these talks. "
            "What they answered stays, with their name."
        )
        return Say(f"Remove {name}", text, ((Button("Remove", Do("remove")),), (Button("Back", Go(Team())),)))

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Tapped(act="remove") if room.here.role(self.person):
                return Turn(Team(), (Left(person=self.person),), kept=f"{room.here.name(self.person)} was removed.")
            case Tapped(act="remove"):
                return Turn(Team(), aside="That person is not in the delegation any more.")
            case _:
                return super().hears(room, said)
