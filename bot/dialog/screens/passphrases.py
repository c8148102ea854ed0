"""Passphrases: whether our own pages ask everybody of these talks for one of their own, and taking one away.

None is ever typed here. A chat passes through other people's servers; a passphrase goes to our page alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn
from bot.dialog.refusals import GONE
from bot.dialog.screens.home import Privacy
from bot.domain.access.permissions import Verb
from bot.domain.events import PassphraseReset, Passphrases, PersonId

ABOUT = (
    "Our own pages show these talks in the browser and inside Telegram. They can ask everybody of the delegation for "
    "a passphrase of their own, once in each session, before they show anything. Each person chooses theirs on the "
    "page; nobody can read it, and it is never typed in a chat. Never send one here. The chat itself is not asked: "
    "what it may carry is set under “What the chat carries”."
)
NOW = {True: "They ask now.", False: "They do not ask."}
SWITCHED = {
    True: "From now on our own pages ask everybody for a passphrase of their own before they show these talks.",
    False: "Our own pages no longer ask for a passphrase for these talks.",
}


@dataclass(frozen=True)
class OwnPhrases(Place):
    """Whether our own pages ask for passphrases."""

    code = "pw"
    verb = Verb.LOOK

    def says(self, room: Room) -> Say:
        on = room.here.passphrases
        rows = ((Button("Ask no more" if on else "Ask everybody", Do("off" if on else "on")),),) if room.leads else ()
        return Say("Passphrases", f"{ABOUT}\n\n{NOW[on]}", (*rows, (Button("Back", Go(Privacy())),)))

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Tapped(act="on" | "off" as act) if room.here.passphrases == (act == "on"):
                return Turn(self, aside="So it is already.")
            case Tapped(act="on" | "off" as act):
                return Turn(self, (Passphrases(on=act == "on"),), kept=SWITCHED[act == "on"])
            case _:
                return super().hears(room, said)


@dataclass(frozen=True)
class Resetting(Place):
    """Asks before a person's passphrase is taken away."""

    code = "pr"
    verb = Verb.ORDER
    person: PersonId

    def says(self, room: Room) -> Say:
        from bot.dialog.screens.roles import AtPerson
        from bot.dialog.screens.team import Team

        name = room.here.name(self.person)
        if room.here.role(self.person) is None:
            return Say(name, GONE, ((Button("Team", Go(Team())),),))
        text = (
            f"Reset the passphrase of {name}? They are signed out in every browser, and choose a new one when they "
            "sign in again, by a sign-in link or from Telegram. It holds for all their talks. "
            "That you did it is recorded."
        )
        return Say(
            "Reset a passphrase", text, ((Button("Reset", Do("reset")),), (Button("Back", Go(AtPerson(self.person))),))
        )

    def hears(self, room: Room, said: Said) -> Turn:
        from bot.dialog.screens.roles import AtPerson

        if said == Tapped("reset"):
            kept = f"The passphrase of {room.here.name(self.person)} is reset."
            return Turn(AtPerson(self.person), (PassphraseReset(person=self.person),), kept=kept)
        return super().hears(room, said)
