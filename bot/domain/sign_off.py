"""Sign-off: what exactly is signed, whose signatures stand, and what time alone made worse since."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from datetime import date
from types import MappingProxyType

from pydantic import JsonValue

from bot.domain.answers import Picked
from bot.domain.checklist import Severity
from bot.domain.events import PersonId, Role, Signed
from bot.domain.negotiation import Negotiation, Signature, Waiver
from bot.domain.purgeable_cache import remembered
from bot.domain.readiness.item_gaps import Gap
from bot.domain.readiness.readiness import readiness
from bot.domain.signed_content import signed_content

SHORT = 12  # hex digits shown: enough to tell states of one negotiation apart
FURTHER = ("no_go", "conditional", "go")  # verdicts, each going further than the one before
WORDS = 2000  # characters of conditions or of a dissent


@remembered(64)
def state_hash(n: Negotiation) -> str:
    """SHA-256, in hex, over a canonical JSON of everything that a signature stands for.

    The checklist's own text, the talks, every answer, row, claim and piece of evidence, and every
    waiver. Not who has what, dates set by hand, roles, or when a thing was written: what
    is equal in content is equal here, in whatever order it came. A view has the state of what is behind it.
    """
    n = n.judged
    content: dict[str, JsonValue] = {
        "checklist": n.checklist.digest,
        "counterpart": n.counterpart,
        "subject": n.subject,
        "talks_on": n.talks_on.isoformat(),
        "given": dict(n.given),
        "items": {item: said for item, record in n.records.items() if (said := signed_content(record))},
        "waivers": {gap: _accepted(waiver) for gap, waiver in n.waivers.items()},
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def short(state: str) -> str:
    """A state's hash as it is shown: its first twelve hex digits, in groups of four."""
    return " ".join(state[start : start + 4] for start in range(0, SHORT, 4)).rstrip()


def _accepted(waiver: Waiver) -> JsonValue:
    """All that a waiver says, but not when, nor whether it has run out: the same waiver given again is the same."""
    kept = {
        field.name: getattr(waiver, field.name) for field in fields(waiver) if field.name not in {"at", "expired_seq"}
    }
    return {name: str(value) for name, value in kept.items() if value is not None}


@dataclass(frozen=True, slots=True)
class SignOff:
    """How the sign-off stands on a day.

    ``signed`` are the standing signatures for a go, with or without conditions, one a lead;
    ``dissents`` those against one. ``void`` are those of leads who have to sign again, because the
    state changed; ``dropped`` stand under today's state, but their givers lead no more.
    ``worse`` are the gaps that time alone opened since the first standing signature.
    """

    wanted: int
    signed: tuple[Signature, ...]
    dissents: tuple[Signature, ...]
    void: tuple[Signature, ...]
    dropped: tuple[Signature, ...]
    worse: tuple[Gap, ...]

    @property
    def complete(self) -> bool:
        """Whether as many leads signed this very state as the checklist asks for."""
        return len(self.signed) >= self.wanted


def sign_off(n: Negotiation, on: date) -> SignOff:
    """How the sign-off stands on a day."""
    stand = standing(n)
    signed = tuple(signature for signature in stand if signature.verdict != "no_go")
    return SignOff(
        wanted=n.checklist.signatures,
        signed=signed,
        dissents=tuple(signature for signature in stand if signature.verdict == "no_go"),
        void=() if len(signed) >= n.checklist.signatures else _void(n),
        dropped=tuple(
            signature for signature in _latest(n) if signature.seq > n.content_seq and not _leads(n, signature.by)
        ),
        worse=_worse(n, min(signed, key=lambda signature: signature.at), on) if signed else (),
    )


def standing(n: Negotiation) -> tuple[Signature, ...]:
    """The signatures that stand under today's state, dissents among them: the last of each lead, oldest first."""
    return tuple(signature for signature in _latest(n) if signature.seq > n.content_seq and _leads(n, signature.by))


def voided(before: Negotiation, after: Negotiation) -> tuple[Signature, ...]:
    """The signatures that a change of content took the state away from."""
    return standing(before) if after.content_seq > before.content_seq else ()


def objection(n: Negotiation, signed: Signed, on: date) -> str:
    """Why a lead cannot sign this; empty when they can."""
    if signed.state != state_hash(n):
        return "The state has changed since it was shown, so it was not signed."
    if signed.verdict != "go" and not signed.words.strip():
        return "A dissent needs its reason." if signed.verdict == "no_go" else "Conditions have to be written down."
    if len(signed.words) > WORDS:
        return f"Please keep it to {WORDS} characters; that was {len(signed.words)}."
    return contradicted(n, signed.verdict) or blocked(n, signed.verdict, on)


def blocked(n: Negotiation, verdict: str, on: date) -> str:
    """The open blockers over which no lead can sign this verdict; empty when they can."""
    if verdict == "no_go":
        return ""
    blockers = [gap for gap in readiness(n, on).gaps if gap.severity == Severity.BLOCKER]
    if not blockers:
        return ""
    item = n.words(n.checklist.item[blockers[0].item].label)
    many = f"{len(blockers)} are open" if len(blockers) > 1 else "one is open"
    return f"Nobody can sign for a go over an open blocker: {many}, the worst at “{item}”: {blockers[0].says}"


def contradicted(n: Negotiation, verdict: str) -> str:
    """What the delegation itself answered, where a signature would go further than that.

    Its answer is that of the choice between the very verdicts of a signature, in checklists of format 2.
    """
    for item in n.checklist.item.values() if n.checklist.format > 1 else ():
        said = n.judged.record(item.id).said
        if item.choices.keys() == set(FURTHER) and isinstance(said, Picked):
            (answered,) = said.options
            if FURTHER.index(verdict) > FURTHER.index(answered):
                own, other = item.choices[answered].label, item.choices[verdict].label
                return f"At “{n.words(item.label)}” the answer is “{own}”, and this would sign “{other}”: change one."
    return ""


def _latest(n: Negotiation) -> list[Signature]:
    """The last signature of each person, oldest first."""
    last: dict[PersonId | None, Signature] = {signature.by: signature for signature in n.signatures}
    return sorted(last.values(), key=lambda signature: signature.seq)


def _leads(n: Negotiation, person: PersonId | None) -> bool:
    return person is not None and n.role(person) == Role.LEAD


def _void(n: Negotiation) -> tuple[Signature, ...]:
    return tuple(signature for signature in _latest(n) if signature.seq < n.content_seq and _leads(n, signature.by))


def _worse(n: Negotiation, first: Signature, on: date) -> tuple[Gap, ...]:
    """The gaps open now and not on the day of signing, with the content the same on both."""
    if (signed_on := first.at.date()) >= on:
        return ()
    then = {gap.key for gap in readiness(_as_signed(n, first.seq), signed_on).gaps}
    return tuple(gap for gap in readiness(n, on).gaps if gap.key not in then)


def _as_signed(n: Negotiation, seq: int) -> Negotiation:
    """The negotiation with waivers that ran out after an event as they were at it."""
    held = {gap: replace(waiver, expired_seq=0) for gap, waiver in n.waivers.items() if waiver.expired_seq > seq}
    return replace(n, waivers=MappingProxyType({**n.waivers, **held})) if held else n
