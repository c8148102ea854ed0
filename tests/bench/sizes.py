"""How much is measured: in full, and just enough to see that it works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """What one run of the bench takes."""

    rounds: int = 7
    people: int = 200  # a negotiation each
    rate: float = 30.0  # lone answers a second
    lone_seconds: float = 20.0
    slow_answers: int = 10  # of each person while calls take long
    waves: int = 10  # of everybody at once, to the webhook
    disturbed_seconds: float = 15.0
    stored: tuple[int, int] = (10_000, 1_000_000)  # negotiations, answers
    stored_people: int = 28  # who answer in one round
    stored_answers: int = 30
    replica_answers: int = 6
    acts: int = 4_000
    first_acts: int = 400
    visitors: int = 40
    exports: int = 500
    files: int = 5  # of each form
    timings: int = 15
    onlookers: int = 200  # in browsers
    onlooker_seconds: float = 4.0  # between two answers of each


FULL = Sizes()
QUICK = Sizes(
    rounds=1,
    people=20,
    lone_seconds=1.5,
    slow_answers=3,
    waves=2,
    disturbed_seconds=2.0,
    stored=(40, 400),
    stored_people=5,
    stored_answers=5,
    replica_answers=2,
    acts=80,
    first_acts=40,
    visitors=4,
    exports=10,
    files=1,
    timings=3,
    onlookers=20,
    onlooker_seconds=0.5,
)
