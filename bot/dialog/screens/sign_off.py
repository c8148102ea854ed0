"""Sign-off: leads put their names under one exact state, and see when it is that state no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.dialog.answer_slot import clip, when
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.parsing.text import empty_words
from bot.dialog.screens.changes import Changes, news
from bot.dialog.screens.home import STATE
from bot.dialog.screens.summary import Summary, line
from bot.dialog.screens.waivers import count_lines, waived_lines
from bot.domain.access.permissions import Permission
from bot.domain.events import Signed
from bot.domain.negotiation import Happened, Negotiation, Signature
from bot.domain.projection import is_content
from bot.domain.readiness.readiness import readiness
from bot.domain.sign_off import (
    SHORT,
    SignOff,
    blocked,
    contradicted,
    objection,
    short,
    sign_off,
    standing,
    state_hash,
    voided,
)
from bot.domain.wording.history import told

VERDICT = {"go": "go", "conditional": "go, on conditions", "no_go": "no-go"}
SHOWN = 3  # signatures with their words, of each kind
MARKS = {"go": "✓", "conditional": "✓", "no_go": "✗"}
TITLE = {"go": "Sign for a go", "conditional": "Sign for a go, on conditions", "no_go": "Record a dissent"}
MOVED = "The state has changed since it was shown to you, so nothing was signed. Here it is as it stands now."
ASKED = {
    "conditional": "On which conditions? Type them, with their dates.",
    "no_go": "Why should the delegation not go? Type the reason. "
    "Say so if you will not appeal: “No-go, will not appeal. …”",
}


def sign_lines(context: Context) -> list[str]:
    """How the sign-off stands, a line each; the same wherever it is shown."""
    return list(_standing(context, sign_off(context.here, context.today)))


def _standing(context: Context, stands: SignOff) -> Iterator[str]:
    if not stands.signed and any(signature.verdict != "no_go" for signature in stands.void):
        yield f"⚠ Sign-off VOID: 0 of {stands.wanted} signed."
    else:
        state = f", state {short(stands.signed[0].state)}" if stands.signed else ""
        done = "Signed off" if stands.complete else "Sign-off"
        yield f"{done}: {len(stands.signed)} of {stands.wanted} signed{state}."
    for given in (stands.signed, stands.dissents):
        yield from (signature_line(context.here, signature) for signature in given[:SHOWN])
        if len(given) > SHOWN:
            yield f"… and {', '.join(context.here.name(signature.by) for signature in given[SHOWN:])}"
    for signature in stands.dropped:
        yield f"⚠ The signature of {context.here.name(signature.by)} does not count: no lead any more."
    if stands.worse:
        yield from _worse(context, stands)
    if stands.void:
        yield from _void(context, stands)


def signature_line(n: Negotiation, signature: Signature) -> str:
    """Who signed what, and when."""
    words = f": {clip(signature.words, 160)}" if signature.words else ""
    return (
        f"{MARKS[signature.verdict]} {n.name(signature.by)}, {when(signature.at)}: {VERDICT[signature.verdict]}{words}"
    )


def _worse(context: Context, stands: SignOff) -> Iterator[str]:
    """What time alone made of the state that was signed."""
    signed_on = min(signature.at.date() for signature in stands.signed)
    then, now = readiness(context.here, signed_on).state, readiness(context.here, context.today).state
    fell = f"; {STATE[then]} then, {STATE[now]} today" if then != now else ""
    yield f"⚠ Since {when(signed_on)} time alone has opened {_gaps(len(stands.worse))}{fell}:"
    yield from (line(context, gap) for gap in stands.worse[:2])


def _gaps(number: int) -> str:
    return f"{number} gap{'s' if number != 1 else ''}"


def _void(context: Context, stands: SignOff) -> Iterator[str]:
    """Whose signatures are void, what changed since, and what is asked."""
    names = ", ".join(
        f"{context.here.name(signature.by)} ({VERDICT[signature.verdict]}, {when(signature.at)})"
        for signature in stands.void
    )
    since = [happened for happened in news(context, stands.void[0].seq) if is_content(happened.event)]
    same = all(signature.state == _state(context) for signature in stands.void)
    yield f"Void, because {'it was recorded anew' if same else 'the state changed'}: {names}. Since then:"
    yield from (f"· {clip(told(context.here, happened), 160)}" for happened in since[-3:])
    if len(since) > 3:
        yield f"· … and {len(since) - 3} before"
    yield "Look at it and sign again."


def void_notice(before: Negotiation, after: Negotiation, happened: tuple[Happened, ...]) -> str:
    """What leads are told when a change makes signatures void; empty when it makes none so."""
    gone = voided(before, after)
    if not gone:
        return ""
    names = ", ".join(f"{after.name(signature.by)} ({VERDICT[signature.verdict]})" for signature in gone)
    what = _what_became(before, after, signed=any(signature.verdict != "no_go" for signature in gone))
    changed = [clip(told(after, change), 160) for change in happened if is_content(change.event)]
    more = f" … and {len(changed) - 3} more changes." if len(changed) > 3 else ""
    return (
        f"⚠ {what}. Void: {names}.\n"
        + "\n".join(f"· {change}" for change in changed[:3])
        + f"{more}\nPlease look and sign again: /sign. What changed: /changed"
    )


def _what_became(before: Negotiation, after: Negotiation, *, signed: bool) -> str:
    """What happened to the state that was signed: it is another, or it was only recorded anew."""
    if state_hash(before) == state_hash(after):
        return f"{'Sign-off VOID: what was signed' if signed else 'What a dissent was about'} was recorded anew"
    return f"{'Sign-off VOID: the state that was signed' if signed else 'The state a dissent was about'} has changed"


def _state(context: Context) -> str:
    """The hash of the whole state: it tells nothing of what a person may not see, and is the same for all."""
    return state_hash(context.n or context.here)


def _exactly(context: Context) -> list[str]:
    """The state in full, as it would be signed."""
    n, ready = context.here, readiness(context.here, context.today)
    both = f"{STATE[ready.raw]} before waivers | {STATE[ready.state]} after" if n.waivers else STATE[ready.state]
    return [
        f"State {short(_state(context))}",
        both,
        *count_lines(context, ready),
        *waived_lines(context),
    ]


@dataclass(frozen=True)
class SignOffPage(Place):
    """The state as it would be signed, who has signed it, and the ways to sign."""

    code = "So"
    verb = Permission.LOOK
    targets = ()

    def render(self, context: Context) -> Message:
        stands = sign_off(context.here, context.today)
        few = len(context.here.leads)
        short_of = (
            f"The checklist asks for {stands.wanted} leads; this delegation has {few}. Invite another under Team."
            if few < stands.wanted
            else ""
        )
        text = "\n".join(
            [
                *sign_lines(context),
                *([short_of] if short_of else []),
                "",
                "What is signed is exactly this, and any change makes it void:",
                *_exactly(context),
            ]
        )
        return Message(
            "Sign-off",
            text,
            (
                *((Button(f"{TITLE[verdict]}…", Action("verdict", verdict)),) for verdict in TITLE),
                (Button("What changed", Link(Changes())), Button("Summary", Link(Summary()))),
            ),
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case ButtonReply(act="verdict", arg=verdict) if verdict in TITLE:
                if not context.leads:
                    return Outcome(self, aside=f"Only a lead can sign: {context.leads_by}.")
                if why := _refused(context, verdict):
                    return Outcome(self, aside=why)
                return Outcome(SignState(verdict))
            case _:
                return super().handle(context, said)


def _refused(context: Context, verdict: str) -> str:
    """Why a go of any kind cannot be signed now."""
    if why := contradicted(context.here, verdict):
        return why
    why = blocked(context.here, verdict, context.today)
    return f"{why}\nClose or waive what blocks, or record a dissent." if why else ""


@dataclass(frozen=True)
class SignState(Place):
    """Asks for conditions or reasons, then shows exactly what is signed, and asks for the name under it."""

    code = "Sg"
    verb = Permission.LEAD
    targets = ()
    draft = True
    verdict: str
    words: str = ""

    def render(self, context: Context) -> Message:
        back = Button("Back", Link(SignOffPage()))
        if not self.words and self.verdict in ASKED:
            return Message(TITLE[self.verdict], ASKED[self.verdict], ((back,),))
        state = _state(context)
        text = "\n".join(
            [
                f"You sign exactly this, {context.name}, in your own name: {VERDICT[self.verdict]}.",
                *([clip(self.words)] if self.words else []),
                "",
                *_exactly(context),
            ]
        )
        return Message(
            TITLE[self.verdict], text, ((Button("Sign this state", Action("sign", state[:SHORT])),), (back,))
        )

    def unrecorded(self) -> str:
        return self.words

    def handle(self, context: Context, said: Reply) -> Outcome:
        if not context.leads:
            return Outcome(SignOffPage(), aside=f"Only a lead can sign: {context.leads_by}. Nothing was signed.")
        match said:
            case TextReply(text=text) if not self.words and self.verdict in ASKED and (empty := empty_words(text)):
                return Outcome(self, aside=f"{empty} Please type it in words. Nothing was signed.")
            case TextReply(text=text) if not self.words and self.verdict in ASKED and text.strip():
                written = replace(self, words=text.strip())
                why = objection(context.here, written.signed(context), context.today)
                return Outcome(self if why else written, aside=f"{why} Nothing was signed." if why else "")
            case ButtonReply(act="sign", arg=state):
                return self._sign(context, state)
            case _:
                return super().handle(context, said)

    def signed(self, context: Context) -> Signed:
        """The signature under the state as it stands."""
        return Signed(state=_state(context), verdict=self.verdict, words=self.words)

    def _sign(self, context: Context, state: str) -> Outcome:
        signed = self.signed(context)
        if state != signed.state[:SHORT]:
            return Outcome(self, aside=MOVED)
        if why := objection(context.here, signed, context.today):
            return Outcome(SignOffPage(), aside=f"{why} Nothing was signed.")
        others = {signature.by for signature in standing(context.here) if signature.verdict != "no_go"} - {context.me}
        number = len(others) + (self.verdict != "no_go")
        kept = f"Signed: {VERDICT[self.verdict]}, state {short(signed.state)}. "
        return Outcome(
            SignOffPage(),
            (signed,),
            kept=f"{kept}{number} of {context.here.checklist.signatures} have signed for a go.",
        )
