"""The audit of what was refused: who, what kind of thing, how often a day. Never what was said, nor of which talks."""

from __future__ import annotations

from enum import StrEnum

from bot.domain.events import PersonId
from bot.storage import UnitOfWork


class SecurityEvent(StrEnum):
    """What somebody tried who got the short refusal. An old button alone is answered kindly, and noted all the same."""

    STRANGER = "stranger"  # wrote or tapped, and belongs nowhere
    REMOVED = "removed"  # belonged somewhere once
    INVITATION = "invitation"  # brought one that opens nothing: wrong, used up or out of date
    FORGED = "forged button"  # that they cannot have been offered
    GARBLED = "garbled button"  # that no button of ours can have held
    OTHER_TALKS = "button of other talks"  # where they have no seat
    PHRASE = "wrong passphrase"
    OLD_BUTTON = "old button"
    GROUP = "group"
    CHANNEL = "channel"
    BOT = "other bot"
    OTHERWISE = "update that came again with another content"


def record(tx: UnitOfWork, at: str, tried: SecurityEvent, person: PersonId | None, telegram_id: int | None) -> None:
    """Count a refusal under the person, or under a Telegram account's hash for whoever is not known."""
    who = person or (tx.stranger(telegram_id) if telegram_id else "somebody")
    tx.note_refusal(at, who, tried)


def audited(tx: UnitOfWork) -> list[str]:
    """What was refused, a line for each day, person and kind, the oldest first."""
    names = {person.id: f"{person.name} ({person.id})" for person in tx.persons()}
    lines = []
    for refusal in tx.refusals():
        times = f"{refusal.first_at[11:16]}–{refusal.last_at[11:16]}"
        lines.append(f"{refusal.day}  {times}  {refusal.count} × {refusal.kind}: {names.get(refusal.who, refusal.who)}")
    return lines
