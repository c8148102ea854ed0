"""How long talks are kept, before they are destroyed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.dialog.answer_slot import when
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.parsing.whole import whole
from bot.domain.access.permissions import Permission
from bot.domain.events import Keep
from bot.domain.negotiation import Negotiation
from bot.domain.retention import FEWEST, MOST, WARNED, ends
from bot.domain.wording.history import SINCE

OFFERED = (30, 90, 365)  # days
TYPED = re.compile(
    r"(?:keep\s+(?:them\s+)?for\s+)?(?P<days>\d{1,6})(?:\s*days?)?(?P<since>\s+after\s.*)?", re.IGNORECASE
)
AWAY = re.compile(r"\baway\b|\barchiv", re.IGNORECASE)


def kept_words(n: Negotiation) -> str:
    """Who said for how long talks are kept, and for how long."""
    if n.keeping is None:
        return "nobody said"
    return f"{n.name(n.keeping.by)} said: {n.keeping.days} days after {SINCE[n.keeping.after]}"


@dataclass(frozen=True)
class RetentionSettings(Place):
    """Where a lead says for how long the talks are kept."""

    code = "Kp"
    verb = Permission.LOOK
    targets = ()

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.team import Team

        n, back = context.here, (Button("Back", Link(Team())),)
        warned = " and ".join(str(days) for days in WARNED)
        means = (
            f"Talks past their last day are destroyed with everything in them: answers, files, history. Only a "
            f"proof that they were there remains. Every lead is told {warned} days before. Backups, and files that "
            "were taken away, are not destroyed with them."
        )
        text = [_now(n), means]
        if not context.leads:
            return Message("How long the talks are kept", "\n\n".join(text), (back,))
        text.append(f"Tap, or type a number of days from {FEWEST} to {MOST:,}: “180”, or “60 after they are put away”.")
        rows = [
            tuple(Button(f"{days} days after {words}", Action("keep", f"{days}.{since}")) for days in OFFERED[:2])
            for since, words in (("talks", "the talks"), ("away", "put away"))
        ]
        last = (
            Button("One year after the talks", Action("keep", f"{OFFERED[2]}.talks")),
            Button("No end", Action("endless")),
        )
        return Message("How long the talks are kept", "\n\n".join(text), (*rows, last, back))

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case ButtonReply(act="endless") if context.here.keeping is None:
                return Outcome(self, aside="They are kept without end already. Nothing was recorded.")
            case ButtonReply(act="endless"):
                return Outcome(self, (Keep(days=None),), kept="The talks are kept without end.")
            case ButtonReply(act="keep", arg=arg):
                days, _, since = arg.partition(".")
                return self._kept(days, away=since == "away")
            case TextReply(text=text) if found := TYPED.fullmatch(text.strip()):
                return self._kept(str(int(found["days"])), away=bool(AWAY.search(found["since"] or "")))
            case TextReply():
                return Outcome(self, aside="Please type a number of days, as “180”. Nothing was recorded.")
            case _:
                return super().handle(context, said)

    def _kept(self, days: str, *, away: bool) -> Outcome:
        number = whole(days)
        if number is None or not FEWEST <= number <= MOST:
            return Outcome(self, aside=f"Please give from {FEWEST} to {MOST:,} days. Nothing was recorded.")
        keep = Keep(days=number, after="away" if away else "talks")
        return Outcome(self, (keep,), kept=f"The talks are kept for {keep.days} days after {SINCE[keep.after]}.")


def _now(n: Negotiation) -> str:
    last = ends(n)
    if n.keeping is None:
        return "These talks are kept until somebody destroys them."
    until = f" That is {when(last)}." if last else ""
    return f"These talks are kept for {n.keeping.days} days after {SINCE[n.keeping.after]}.{until}"
