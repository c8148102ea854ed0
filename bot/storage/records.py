"""Rows as values. Times are ISO 8601 text in UTC, so that they sort as they happened."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody the bot knows; `lead` may open negotiations."""

    id: str
    name: str
    telegram_id: int | None
    lead: bool
    joined_at: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of a negotiation; `seq` counts from 1 without gaps."""

    seq: int
    at: str
    by: str | None
    update_id: int | None
    body: bytes


@dataclass(frozen=True, slots=True)
class InviteRow:
    """A link that admits one person once; only the hash of its secret is kept."""

    hash: str
    negotiation: int | None
    role: str
    person: str | None
    expires_at: str
    used_at: str | None = None
    ran_out_at: str | None = None  # when its time was first seen to be over

    @property
    def is_open(self) -> bool:
        """Whether nobody used it, and nobody saw that its time was over."""
        return self.used_at is None and self.ran_out_at is None


@dataclass(frozen=True, slots=True)
class ChatRow:
    """Where a person's chat stands (`rev`) and what of it the person has seen (`shown`)."""

    person: str
    negotiation: int | None
    place: str
    aside: str
    settle: str
    paper: str | None
    fresh: bool
    rev: int
    shown: int
    message_id: int | None
    answering: str | None


@dataclass(frozen=True, slots=True)
class LastSeenRow:
    """How far a person has seen a negotiation (`seq`), and how far they had before this sitting (`since`)."""

    person: str
    negotiation: int
    seq: int
    at: str
    since: int | None
    since_at: str | None


@dataclass(frozen=True, slots=True)
class ProcessedUpdateRow:
    """An update that was heard, and what came of it."""

    update_id: int
    at: str
    person: str | None
    message_id: int | None
    negotiation: int | None
    place: str | None
    seq: int | None
    mark: bytes | None = None


@dataclass(frozen=True, slots=True)
class SentMessageRow:
    """What a message of ours showed last (``at`` in seconds since 1970), and before it was edited."""

    person: str
    message_id: int
    at: int
    negotiation: int | None
    place: str
    negotiation_before: int | None = None
    place_before: str | None = None


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file somebody sent; `size` is in bytes."""

    id: str
    negotiation: int
    name: str
    mime: str
    size: int
    body: bytes


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser that is signed in as a person; only the hash of its secret is kept."""

    hash: str
    person: str
    made_at: str
    used_at: str
    unlocked: str | None = None  # the marks of the passphrases entered in it
