"""Negotiations for tests: say what matters, the rest is filled in.

Everything is built by folding real events. ``SMALL`` is a checklist with an item of
every kind; the real ones are had by their id: ``negotiation(checklist="us-china-space")``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import yaml

from bot.domain.answers import Answer, Cell, Claim
from bot.domain.checklist import Asked, Checklist
from bot.domain.events import Answered, AnyEvent, Claimed, Joined, Opened, PersonId, Role, RowPut, Waived
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.projection import after, literal, opened
from bot.domain.readiness.readiness import gaps
from tests.ready import ready, real

MONDAY = date(2026, 11, 2)  # the day on which negotiations of tests are opened
TALKS = date(2027, 3, 1)
PEOPLE = ("Maya", "Omar")  # the first leads, the others are members

SMALL = Checklist.model_validate(
    yaml.safe_load("""
id: small
version: 1
title: A small checklist
about: Something of every kind, about {counterpart}.
source: Written for tests.
counterpart: Ruritania
subject: the bridge
opening:
  - {id: partners, label: Partners, ask: "Who has a share in it?", lines: true}
gates:
  - {days: 30, label: Substance complete}
  - {days: 7, label: All blockers closed, closes: blocker}
  - {days: 1, label: Ready for talks, closes: major}
points:
  {T1: Openness binds both., T2: Aims come first., L1: Start small., A1: Ask the partners., C1: Take care.}
sections:
  - id: transparency
    title: Demand transparency
    about: What we want, and what we ask to see.
    items:
      - id: goals
        label: Goals
        ask: What do we want from {counterpart}?
        kind: table
        why: Aims come before talks.
        from: [T2]
        due: 60
        fields:
          - {id: goal, label: Goal, ask: "Which goal?", kind: text, required: true}
          - {id: want, label: Must or want, ask: "Must we have it?", kind: choice,
             options: [{id: must, label: Must}, {id: want, label: Want}]}
          - {id: rank, label: Rank, ask: "Which rank?", kind: number}
          - {id: approved_on, label: Approved on, ask: "When was it approved?", kind: date}
        gaps:
          - id: must
            severity: blocker
            waivable: false
            when: {no_row: goals, where: {the: .want, is: must}}
            says: No goal is a must.
            mend: Say which goals must be met.
          - id: late
            severity: major
            each: true
            when: {the: .approved_on, after: talks}
            says: "“{row}” is approved only after the talks."
            mend: Have it approved earlier.
      - id: asks
        label: What we ask to see
        ask: What do we ask {counterpart} to show?
        kind: table
        why: Openness is asked for by name.
        from: [T1, T2]
        locked: {until: {any_row: goals}, says: Goals come first.}
        fields:
          - {id: ask, label: Ask, ask: "What do we ask?", kind: text, required: true}
          - {id: topic, label: Topic, ask: "About what?", kind: choice,
             options: [{id: chain, label: who decides}, {id: budget, label: budget}, {id: other, label: other}]}
          - {id: goal, label: For goal, ask: "For which goal?", kind: row, of: goals}
        gaps:
          - id: budget
            severity: major
            when: {no_row: asks, where: {the: .topic, is: budget}}
            says: Nothing is asked about the budget.
            mend: Ask who pays.
      - id: ledger
        label: Ledger
        ask: What do we show in return?
        kind: table
        why: Openness binds both.
        from: [T1]
        fields:
          - {id: ask, label: For ask, ask: "For which ask?", kind: row, of: asks, required: true}
          - {id: shown, label: We show, ask: "What do we show?", kind: text}
        gaps:
          - id: mirror
            severity: blocker
            when: {not: {mirror: asks, pointer: ledger.ask}}
            says: Asks and disclosures do not match.
            mend: Give every ask its disclosure.
  - id: expectations
    title: Limit expectations
    about: How far we mean to go.
    items:
      - id: rung
        label: Rung
        ask: How far do these talks go?
        kind: choice
        ordered: true
        options:
          [{id: contacts, label: Contacts}, {id: standards, label: Standards}, {id: crewed, label: Crewed}]
        why: Start small.
        from: [L1]
        example: Contacts, most of the time.
        gaps:
          - id: high
            severity: blocker
            when: {the: rung, over: 2}
            says: Too high a rung.
            mend: Go lower.
      - id: crewed
        label: Crewed flight
        ask: Does the agenda contain crewed flight?
        kind: yes_no
        why: Start small.
        from: [L1]
        not_applicable: false
        gaps:
          - {id: crewed, severity: blocker, waivable: false, when: {the: crewed, is: "yes"},
             says: Crewed flight is on the agenda., mend: Take it off.}
      - id: safety
        label: Safety
        ask: Is the docking safe?
        kind: yes_partly_no
        why: Lives depend on it.
        from: [L1]
        show_if: {the: crewed, is: "yes"}
      - {id: topics, label: Topics, ask: "What is on the agenda?", kind: choices, why: To know., from: [L1],
         options: [{id: data, label: Data}, {id: visits, label: Visits}, {id: parts, label: Parts}]}
      - {id: minimum, label: Minimum, ask: "What is the least we accept?", kind: text, why: Start small.,
         from: [L1], due: 30, unanswered: major}
      - {id: budget, label: Budget, ask: "What may it cost?", kind: number, why: Take care., from: [C1]}
      - {id: last_met, label: Last met, ask: "When did we meet?", kind: date, past: true, why: Facts age.,
         from: [C1], valid_for: 30}
      - id: walk_away
        label: Walking away
        ask: When do we leave?
        kind: form
        why: Take care.
        from: [C1]
        fields:
          - {id: line, label: Line, ask: "Where is the line?", kind: text, required: true}
          - {id: rehearsed, label: Rehearsed on, ask: "When was it rehearsed?", kind: date}
        gaps:
          - {id: none, severity: blocker, when: {the: walk_away.line, missing: true},
             says: No line is drawn., mend: Draw it.}
  - id: allies
    title: Consult allies
    about: Who else has a say.
    items:
      - id: parties
        label: Parties
        ask: Who is consulted?
        kind: table
        why: They hold a stake.
        from: [A1]
        fields:
          - {id: party, label: Party, ask: "Which party?", kind: text, required: true}
          - {id: position, label: Position, ask: "What do they say?", kind: choice,
             options: [{id: support, label: Support}, {id: oppose, label: Oppose}]}
        rows:
          - {id: japan, forced: true, cells: {party: Japan}}
          - {id: partner, each: partners, into: party}
        gaps:
          - {id: position, severity: major, each: true, when: {the: .position, missing: true},
             says: "Nobody knows what {row} says.", mend: Ask them.}
  - id: gate
    title: Authority and decision
    about: The last look.
    items:
      - id: mandate
        label: Mandate
        ask: Who sends us?
        kind: text
        why: Take care.
        from: [C1]
        gaps:
          - {id: none, severity: blocker, when: {the: mandate, missing: true}, says: Nobody sends us.,
             mend: Have a mandate signed.}
      - id: verdict
        label: Verdict
        ask: Do we go?
        kind: choice
        options: [{id: go, label: Go}, {id: stay, label: Stay}]
        why: Take care.
        from: [C1]
        gaps:
          - {id: go, severity: blocker, waivable: false,
             when: {all: [{the: verdict, is: go}, {open_blocker: true}]},
             says: Go is said over an open blocker., mend: Settle it first.}
""")
)


def story(
    *,
    checklist: Checklist | str = SMALL,
    answers: Mapping[str, str | Answer] | None = None,
    rows: Mapping[str, Mapping[str, Mapping[str, str | Cell | None]]] | None = None,
    claims: Mapping[str, str] | None = None,
    waived: Mapping[str, str] | None = None,
    people: Sequence[str] = PEOPLE,
    talks_on: date = TALKS,
    opened_on: date = MONDAY,
    given: Mapping[str, str] | None = None,
    counterpart: str = "",
    subject: str = "",
) -> tuple[Negotiation, tuple[Happened, ...]]:
    """Make a negotiation, and give the events that made it as well.

    Values are literals as in a checklist (an option's id, an ISO date, a number, a row's
    id), or answers. A waiver names a gap, or an item for each of its gaps, and holds
    until the talks. The last of ``people`` answers, the first opens and waives; their
    ids are their names in small letters.
    """
    known = real(checklist) if isinstance(checklist, str) else checklist
    opening = Opened(
        uid="0123456789abcdef",
        checklist=known.digest,
        counterpart=counterpart or known.counterpart or "Ruritania",
        subject=subject or known.subject or "the bridge",
        talks_on=talks_on,
        given=dict(given or {}),
    )
    lead, member = people[0].lower(), people[-1].lower()
    first = Happened(1, datetime.combine(opened_on, time(9), UTC), lead, opening)
    n, line = opened(first, known), [first]

    def tell(by: PersonId, events: Iterator[AnyEvent]) -> None:
        nonlocal n
        for event in events:
            line.append(_next(n, event, by))
            n = after(n, line[-1])

    for nth, name in enumerate(people):
        role = Role.MEMBER if nth else Role.LEAD
        tell(name.lower(), iter([Joined(person=name.lower(), name=name, role=role)]))
    tell(member, (Claimed(item=item, claim=Claim(claim)) for item, claim in (claims or {}).items()))
    tell(member, _rows(known, rows or {}))
    tell(member, _answers(known, answers or {}))
    tell(lead, _waivers(n, waived or {}, opened_on))
    return n, tuple(line)


def negotiation(
    *,
    checklist: Checklist | str = SMALL,
    answers: Mapping[str, str | Answer] | None = None,
    rows: Mapping[str, Mapping[str, Mapping[str, str | Cell | None]]] | None = None,
    claims: Mapping[str, str] | None = None,
    waived: Mapping[str, str] | None = None,
    people: Sequence[str] = PEOPLE,
    talks_on: date = TALKS,
    opened_on: date = MONDAY,
    given: Mapping[str, str] | None = None,
    counterpart: str = "",
    subject: str = "",
) -> Negotiation:
    """Make a negotiation to which all this happened. See `story`."""
    return story(
        checklist=checklist,
        answers=answers,
        rows=rows,
        claims=claims,
        waived=waived,
        people=people,
        talks_on=talks_on,
        opened_on=opened_on,
        given=given,
        counterpart=counterpart,
        subject=subject,
    )[0]


def settling(checklist: str) -> tuple[AnyEvent, ...]:
    """Everything that is written where a delegation has answered all well."""
    line = ready(checklist).history()
    return tuple(one.event for one in line if not isinstance(one.event, Opened | Joined))


def settled(checklist: str, **told: Any) -> tuple[Negotiation, tuple[Happened, ...]]:
    """Make a negotiation in which all is answered well; see `story`."""
    n, line = story(checklist=checklist, given=opening(checklist), **told)
    told_line = list(line)
    for event in settling(checklist):
        told_line.append(_next(n, event, PEOPLE[-1].lower()))
        n = after(n, told_line[-1])
    return n, tuple(told_line)


def opening(checklist: str) -> dict[str, str]:
    """What is answered to the opening questions where all is answered well."""
    first = ready(checklist).history()[0].event
    return dict(first.given) if isinstance(first, Opened) else {}


def happen(n: Negotiation, *events: AnyEvent, by: str = "Omar", at: datetime | None = None) -> Negotiation:
    """Let more happen; a minute passes with each event unless the time is given."""
    for event in events:
        one = _next(n, event, by.lower())
        n = after(n, replace(one, at=at) if at else one)
    return n


def happened(n: Negotiation, event: AnyEvent, *, by: str = "Omar") -> Happened:
    """Give the event that would come next, not yet part of the negotiation."""
    return _next(n, event, by.lower())


def _next(n: Negotiation, event: AnyEvent, by: PersonId) -> Happened:
    return Happened(n.seq + 1, n.opened_at + timedelta(minutes=n.seq), by, event)


def _said(asked: Asked, value: str | Answer) -> Answer:
    return literal(asked, value) if isinstance(value, str) else value


def _answers(checklist: Checklist, answers: Mapping[str, str | Answer]) -> Iterator[AnyEvent]:
    for item, value in answers.items():
        yield Answered(item=item, answer=_said(checklist.item[item], value))


def _rows(
    checklist: Checklist, rows: Mapping[str, Mapping[str, Mapping[str, str | Cell | None]]]
) -> Iterator[AnyEvent]:
    for item, table in rows.items():
        field = checklist.item[item].field
        for row, cells in table.items():
            said = ((name, _cell(field[name], cell)) for name, cell in cells.items())
            yield RowPut(item=item, row=row, cells=dict(said))


def _cell(asked: Asked, cell: str | Cell | None) -> Cell | None:
    return literal(asked, cell) if isinstance(cell, str) else cell


def _waivers(n: Negotiation, waived: Mapping[str, str], on: date) -> Iterator[AnyEvent]:
    for gap, reason in waived.items():
        for one in gaps(n, on):
            if gap in {one.key, one.item}:
                yield Waived(gap=one.key, reason=reason, until=n.talks_on, severity=one.severity)
