"""A sound checklist of one item, with its cases, to begin a new one with."""

from __future__ import annotations

import re
from pathlib import Path

from bot.authoring.cases import FOLDER

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
CHECKLIST = """\
# Begun by "readiness new". "readiness lint" tells its mistakes, "readiness check" tries it on its cases.
format: 2
id: {name}
version: 1
title: {title}
about: "What to settle before we talk with {{counterpart}} about {{subject}}."
source: Where its points come from.

points:
  P1: We settle what we want before anybody sits down to talk.

sections:
  - id: aims
    title: Our aims
    about: What we want, and who has approved it.
    items:

      - id: goals
        label: Goals
        ask: "What do we want from {{counterpart}}? One line for each goal."
        why: A delegation that has not settled what it wants takes what it is offered.
        from: [P1]
        kind: table
        asked_of: us           # or them, or others: who can know it
        due: 30                # days before the talks
        unanswered: blocker    # how much it weighs while nothing is answered
        fields:
          - {{id: goal, label: Goal, ask: "What do we want?", kind: text, required: true}}
          - {{id: approved, label: Approved, ask: "Is it approved?", kind: yes_no}}
        gaps:
          - id: unapproved
            severity: major
            each: true         # every row by itself; {{row}} is its name
            when: {{not: {{the: .approved, is: "yes"}}}}
            says: "“{{row}}” is not approved."
            mend: Have it approved, or take it out.
"""
CASES = """\
opened: 2027-01-01
talks: 2027-03-01
today: 2027-01-15
cases:
  - case: nothing is settled yet
    expect: {state: not ready, gaps: [goals/unanswered]}
  - case: a goal that nobody approved
    answers: {goals: {g1: {goal: A date for the next round, approved: no}}}
    expect: {state: conditional, gaps: [goals/unapproved/g1]}
  - case: a goal that is approved
    answers: {goals: {g1: {goal: A date for the next round, approved: yes}}}
    expect: {state: ready, gaps: []}
"""


def begin(folder: Path, name: str) -> list[Path]:
    """Write a checklist of this name and its cases into a folder, and say where. FileExistsError where one is."""
    title = name.replace("-", " ").capitalize()
    files = {
        folder / f"{name}.yaml": CHECKLIST.format(name=name, title=title),
        folder / FOLDER / name / "goals.yaml": CASES,
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    return list(files)
