"""Passphrases at the desk: who is asked for one before our own pages show anything, and what becomes of a try.

Hashing is slow and is left to the caller, between two transactions. A try is counted before it is looked at, so
that neither many at once nor a process that is killed has tries for nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.application.security_log import SecurityEvent, record
from bot.application.updates import UpdateHandler
from bot.domain.person_names import person_name
from bot.storage import OWASP_COST, Conflict, PassphraseRow, ScryptCost, UnitOfWork, hash_passphrase, passphrase_matches

Kept = PassphraseRow  # what is kept of a passphrase
FEWEST, MOST, DIFFERENT = 12, 200, 5  # characters
FREE = 5  # wrong tries before there is a wait
FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=1)  # the first wait, which doubles up to the last


@dataclass(frozen=True, slots=True)
class PassphrasePolicy:
    """Whether these people are asked for passphrases at all, and who of them is asked next."""

    asks: bool = False
    person: str = ""


@dataclass(frozen=True, slots=True)
class PassphraseAttempt:
    """A try that may be looked at: what is kept, if anything. Or for how long none is looked at."""

    kept: PassphraseRow | None = None
    wait: timedelta = timedelta(0)


class PassphraseService:
    """What pages may do with passphrases. Each call but `to_keep` is one transaction; all block."""

    def __init__(self, desk: UpdateHandler, cost: ScryptCost = OWASP_COST) -> None:
        """Work on a desk. ``cost``: of a guess at what is kept from now on; for tests, which have none to fear."""
        self._desk = desk
        self._cost = cost

    def lock(self, session: str, people: Sequence[str]) -> PassphrasePolicy:
        """Who of those a session speaks as has not entered their passphrase in it, though their talks ask for it."""
        with self._desk.store.reading() as tx:
            asked = [person for person in people if self._asked(tx, person)]
            if not asked:
                return PassphrasePolicy()
            entered = _entered(tx, session)
            kept = {person: tx.phrase(person) for person in asked}
            locked = [person for person, row in kept.items() if row is None or row.mark not in entered]
        return PassphrasePolicy(asks=True, person=locked[0] if locked else "")

    def named(self, person: str) -> tuple[str, bool]:
        """What a person is called, and whether they have chosen a passphrase."""
        with self._desk.store.reading() as tx:
            row = tx.person(person)
            return person_name(row.name) if row else "", tx.phrase(person) is not None

    def begin(self, person: str) -> PassphraseAttempt:
        """Count a try, unless none is looked at for a while."""
        now = self._desk.clock()
        with self._desk.store.transaction() as tx:
            row = tx.phrase(person, write=True)  # of many tries at once, each is counted
            if row is None:
                return PassphraseAttempt()
            if row.wait_until and (left := datetime.fromisoformat(row.wait_until) - now) > timedelta(0):
                return PassphraseAttempt(wait=min(left, LONGEST))  # whatever became of the clock
            wrong = row.wrong + 1
            tx.phrase_tried(person, wrong, (now + _wait(wrong)).isoformat() if wrong >= FREE else None)
        return PassphraseAttempt(row)

    def failed(self, person: str) -> timedelta:
        """Note a wrong one; how long none is looked at from now on."""
        now = self._desk.clock()
        with self._desk.store.transaction() as tx:
            record(tx, now.isoformat(), SecurityEvent.PHRASE, person, None)
            row = tx.phrase(person)
        return datetime.fromisoformat(row.wait_until) - now if row and row.wait_until else timedelta(0)

    def entered(self, session: str, kept: PassphraseRow) -> bool:
        """Open a session to somebody who knew their passphrase; False when it was reset or changed meanwhile."""
        with self._desk.store.transaction() as tx:
            row = tx.phrase(kept.person, write=True)
            if row is None or row.mark != kept.mark:
                return False
            tx.phrase_tried(kept.person, 0, None)
            tx.unlock_session(session, " ".join({*_entered(tx, session), kept.mark}))
        return True

    def choose(self, session: str, person: str, body: bytes, instead: PassphraseRow | None = None) -> bool:
        """Keep a passphrase, in place of one that was just entered; False when another was chosen meanwhile."""
        chosen = PassphraseRow(person, secrets.token_hex(8), body)
        try:
            with self._desk.store.transaction() as tx:
                row = tx.phrase(person, write=True)
                if tx.session(session) is None or (row and row.mark) != (instead and instead.mark):
                    return False
                tx.forget_phrase(person)
                tx.add_phrase(chosen)
                tx.unlock_session(session, " ".join({*_entered(tx, session), chosen.mark}))
                if instead:
                    tx.end_other_sessions(person, session)
        except Conflict:
            return False
        return True

    def to_keep(self, phrase: str) -> bytes:
        """What is kept of a passphrase. Slow: one at a time, and beside what others wait for."""
        return hash_passphrase(phrase, self._cost)

    def _asked(self, tx: UnitOfWork, person: str) -> bool:
        return any(self._desk.archive.load(tx, number).passphrases for number, _ in tx.seats_of(person))


def fits(phrase: str, kept: Kept) -> bool:
    """Whether this is the passphrase. As slow as keeping it; what is too long to be one is told at once."""
    return len(phrase) <= MOST and passphrase_matches(phrase, kept.body)


def unfit(phrase: str, name: str) -> str:
    """What is wrong with a passphrase that somebody wants: ``short``, ``long``, ``plain``; empty when nothing is."""
    if len(phrase) > MOST:
        return "long"
    without = phrase.casefold().replace(name.casefold(), "") if name.strip() else phrase
    if len(without.strip()) < FEWEST:
        return "short"
    return "plain" if len(set(without)) < DIFFERENT else ""


def _wait(wrong: int) -> timedelta:
    return min(FIRST * (1 << min(wrong - FREE, 20)), LONGEST)


def _entered(tx: UnitOfWork, session: str) -> set[str]:
    row = tx.session(session)
    return set((row.unlocked or "").split()) if row else set()
