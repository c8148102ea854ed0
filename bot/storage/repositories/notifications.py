"""How people want to be reminded, and what they were told: the part of a transaction that reminders use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, func, select, update

from bot.storage.schema import negotiations, notices, persons, prefs, seats
from bot.storage.upsert import replacing, upsert


@dataclass(frozen=True, slots=True)
class PreferencesRow:
    """How a person wants to be reminded. Quiet hours are minutes after midnight in their zone, or None twice."""

    person: str
    zone: str
    quiet_from: int | None
    quiet_to: int | None
    reminders: bool
    digest: bool


@dataclass(frozen=True, slots=True)
class SeatRow:
    """Somebody's seat, with how far its negotiation is."""

    negotiation: int
    head: int
    person: str
    telegram_id: int | None


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice that somebody is told, or was. ``key`` says which; see `bot.domain.reminders`."""

    negotiation: int
    person: str
    key: str
    claimed_at: str
    sent_at: str | None
    body: str | None = None


def _here() -> Any:
    return and_(
        notices.c.negotiation == bindparam("the_negotiation"),
        notices.c.person == bindparam("the_person"),
    )


PUT_PREFS = replacing(prefs, "person")
PREFS = select(prefs).where(prefs.c.person == bindparam("the_person"))
ALL_PREFS = select(prefs)
WATCHED = (
    select(seats.c.negotiation, negotiations.c.head, seats.c.person, persons.c.telegram_id)
    .join(negotiations, negotiations.c.id == seats.c.negotiation)
    .join(persons, persons.c.id == seats.c.person)
    .order_by(seats.c.negotiation, seats.c.person)
)
COLUMNS = (
    notices.c.negotiation,
    notices.c.person,
    notices.c.key,
    notices.c.claimed_at,
    notices.c.sent_at,
    notices.c.body,
)
KEYS_AT = select(notices.c.person, notices.c.key).where(notices.c.negotiation == bindparam("the_negotiation"))
NOTICES_OF = select(*COLUMNS).where(_here())
CLAIM = upsert(notices).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
# Older ones of the same kind that were never sent: a new one says what is so now.
SUPERSEDE = (
    update(notices)
    .where(_here(), notices.c.key.startswith(bindparam("kind"), autoescape=False))
    .where(notices.c.sent_at.is_(None))
    .values(sent_at=bindparam("at"))
)
# No index: there is a row a person and day, and the claimed ones are soon sent.
LEFT_LYING = (
    select(notices.c.negotiation, notices.c.person, notices.c.key)
    .where(notices.c.sent_at.is_(None), notices.c.claimed_at < bindparam("before"))
    .order_by(notices.c.claimed_at)
    .limit(bindparam("at_most"))
)
RECLAIM = (
    update(notices)
    .where(_here(), notices.c.key == bindparam("the_key"))
    .where(notices.c.sent_at.is_(None), notices.c.claimed_at < bindparam("before"))
    .values(claimed_at=bindparam("at"))
    .execution_options(preserve_rowcount=True)
)
SENT = (
    update(notices)
    .where(_here(), notices.c.key == bindparam("the_key"))
    .values(sent_at=bindparam("at"), message_id=bindparam("message_id"))
)
NOTE = update(notices).where(_here(), notices.c.key == bindparam("the_key")).values(body=bindparam("body"))
# When somebody was sent the first of these: what could not be sent has no message.
TOLD = select(func.min(notices.c.sent_at)).where(
    notices.c.negotiation == bindparam("the_negotiation"),
    notices.c.message_id.is_not(None),
    notices.c.key.in_(bindparam("the_keys", expanding=True)),
)
REMINDED = (
    select(notices.c.key)
    .where(notices.c.person == bindparam("the_person"), notices.c.message_id == bindparam("the_message_id"))
    .limit(1)
)


class NotificationRepository:
    """What `bot.storage.UnitOfWork` can do about reminders."""

    _run: Any  # the transaction's, which settles first

    def prefs(self, person: str) -> PreferencesRow | None:
        """How a person wants to be reminded; None when they never said."""
        row = self._run(PREFS, {"the_person": person}).first()
        return None if row is None else PreferencesRow(*row)

    def all_prefs(self) -> dict[str, PreferencesRow]:
        """The same for everybody who ever said."""
        return {row.person: PreferencesRow(*row) for row in self._run(ALL_PREFS)}

    def put_prefs(self, row: PreferencesRow) -> None:
        """Keep how a person wants to be reminded."""
        self._run(PUT_PREFS, {name: getattr(row, name) for name in row.__slots__})

    def watched(self) -> list[SeatRow]:
        """Everybody who sits anywhere, by negotiation."""
        return [SeatRow(*row) for row in self._run(WATCHED)]

    def notice_keys(self, negotiation: int) -> dict[str, set[str]]:
        """Which notices about a negotiation were told, or are claimed, by person."""
        found: dict[str, set[str]] = {}
        for person, key in self._run(KEYS_AT, {"the_negotiation": negotiation}):
            found.setdefault(person, set()).add(key)
        return found

    def notices_of(self, negotiation: int, person: str) -> list[NoticeRow]:
        """What one person was told about a negotiation."""
        found = self._run(NOTICES_OF, {"the_negotiation": negotiation, "the_person": person})
        return [self._notice(row) for row in found]

    def claim_notice(self, negotiation: int, person: str, key: str, at: str) -> bool:
        """Take a notice on oneself; False when somebody else did, and then it is theirs to send."""
        made = {"negotiation": negotiation, "person": person, "key": key, "claimed_at": at}
        return bool(self._run(CLAIM, made).rowcount == 1)

    def supersede_notices(self, negotiation: int, person: str, kind: str, at: str) -> None:
        """Let unsent notices of a kind rest, before a new one is claimed: nobody is told the same twice, days late."""
        named = {"the_negotiation": negotiation, "the_person": person}
        self._run(SUPERSEDE, named | {"kind": f"{kind}:", "at": at})

    def notices_left(self, before: str, limit: int) -> list[tuple[int, str, str]]:
        """Notices that were claimed before a moment and are not sent: negotiation, person, key."""
        found = self._run(LEFT_LYING, {"before": before, "at_most": limit})
        return [(row.negotiation, row.person, row.key) for row in found]

    def take_notice_over(self, negotiation: int, person: str, key: str, before: str, at: str) -> bool:
        """Claim anew a notice that was left; False when somebody else did so first, or sent it."""
        named = {"the_negotiation": negotiation, "the_person": person, "the_key": key}
        return bool(self._run(RECLAIM, named | {"before": before, "at": at}).rowcount == 1)

    def notice_sent(self, negotiation: int, person: str, key: str, at: str, message_id: int | None) -> None:
        """Note that a notice is done with: sent in this message, or with nothing to say any more."""
        done = {"the_negotiation": negotiation, "the_person": person, "the_key": key, "at": at}
        self._run(SENT, done | {"message_id": message_id})

    def note_notice(self, negotiation: int, person: str, key: str, body: str) -> None:
        """Keep what a digest told."""
        sealed = self._seal(f"notices/{negotiation}/{person}/{key}", body)
        self._run(NOTE, {"the_negotiation": negotiation, "the_person": person, "the_key": key, "body": sealed})

    def told_first(self, negotiation: int, keys: Sequence[str]) -> str | None:
        """When anybody was first sent one of these notices; None when nobody was."""
        at: str | None = self._run(TOLD, {"the_negotiation": negotiation, "the_keys": list(keys)}).scalar()
        return at

    def reminded(self, person: str, message_id: int) -> bool:
        """Whether a message in a person's chat is a reminder, and not where their chat stands."""
        return self._run(REMINDED, {"the_person": person, "the_message_id": message_id}).first() is not None

    def _notice(self, row: Any) -> NoticeRow:
        negotiation, person, key, claimed_at, sent_at, body = row
        opened = self._open(f"notices/{negotiation}/{person}/{key}", body)
        return NoticeRow(negotiation, person, key, claimed_at, sent_at, opened)

    def _seal(self, row: str, text: str | None) -> bytes | None:
        raise NotImplementedError

    def _open(self, row: str, body: bytes | None) -> str | None:
        raise NotImplementedError
