"""Passphrases: whether our own pages ask everybody of these talks for one of their own, and taking one away.

None is ever typed here. A chat passes through other people's servers; a passphrase goes to our page alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply
from bot.dialog.refusals import GONE
from bot.dialog.screens.home import Privacy
from bot.domain.access.permissions import Permission
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
class PassphraseSettings(Place):
    """Whether our own pages ask for passphrases."""

    code = "pw"
    verb = Permission.LOOK
    targets = ()

    def render(self, context: Context) -> Message:
        on = context.here.passphrases
        rows = (
            ((Button("Ask no more" if on else "Ask everybody", Action("off" if on else "on")),),)
            if context.leads
            else ()
        )
        return Message("Passphrases", f"{ABOUT}\n\n{NOW[on]}", (*rows, (Button("Back", Link(Privacy())),)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case ButtonReply(act="on" | "off" as act) if context.here.passphrases == (act == "on"):
                return Outcome(self, aside="So it is already.")
            case ButtonReply(act="on" | "off" as act):
                return Outcome(self, (Passphrases(on=act == "on"),), kept=SWITCHED[act == "on"])
            case _:
                return super().handle(context, said)


@dataclass(frozen=True)
class ResetPassphrase(Place):
    """Asks before a person's passphrase is taken away."""

    code = "pr"
    verb = Permission.ORDER
    targets = ()
    person: PersonId

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.roles import MemberPage
        from bot.dialog.screens.team import Team

        name = context.here.name(self.person)
        if context.here.role(self.person) is None:
            return Message(name, GONE, ((Button("Team", Link(Team())),),))
        text = (
            f"Reset the passphrase of {name}? They are signed out in every browser, and choose a new one when they "
            "sign in again, by a sign-in link or from Telegram. It holds for all their talks. "
            "That you did it is recorded."
        )
        return Message(
            "Reset a passphrase",
            text,
            ((Button("Reset", Action("reset")),), (Button("Back", Link(MemberPage(self.person))),)),
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        from bot.dialog.screens.roles import MemberPage

        if said == ButtonReply("reset"):
            kept = f"The passphrase of {context.here.name(self.person)} is reset."
            return Outcome(MemberPage(self.person), (PassphraseReset(person=self.person),), kept=kept)
        return super().handle(context, said)
