"""What was refused: the part of a transaction that keeps the audit. Never what was said, nor of which talks."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, exists, func, select

from bot.storage.integrity.encryption import CHAIN
from bot.storage.schema import refusals
from bot.storage.upsert import upsert

if TYPE_CHECKING:
    from bot.storage.integrity.encryption import KeyRing

A_DAY = 1000  # rows; who comes after these is counted under `OTHERS`, so that no flood fills the disk
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """How often somebody was refused one kind of thing on a day; a person of ours, or a Telegram account's hash."""

    day: str
    who: str
    kind: str
    count: int
    first_at: str
    last_at: str


_day = refusals.c.day == bindparam("the_day")
_again = upsert(refusals).values(count=1)
note = _again.on_conflict_do_update(
    index_elements=[refusals.c.day, refusals.c.who, refusals.c.kind],
    set_={"count": refusals.c.count + 1, "last_at": _again.excluded.last_at},
)
there = select(exists().where(_day, refusals.c.who == bindparam("the_who"), refusals.c.kind == bindparam("the_kind")))
rows_of = select(func.count()).select_from(refusals).where(_day)
every = select(refusals).order_by(refusals.c.day, refusals.c.first_at, refusals.c.who, refusals.c.kind)
forget = delete(refusals).where(refusals.c.day < bindparam("before"))


class SecurityLogRepository:
    """What `bot.storage.UnitOfWork` can do about refusals."""

    _run: Any  # the connection's execute
    _vault: KeyRing

    def stranger(self, telegram_id: int) -> str:
        """A Telegram account without its number, which is nobody's business until they are let in; always the same."""
        mac = hmac.new(self._vault.key(CHAIN), f"telegram/{telegram_id}".encode(), hashlib.sha256)
        return f"telegram:{mac.hexdigest()[:16]}"

    def note_refusal(self, at: str, who: str, kind: str) -> None:
        """Count a refusal."""
        day = at[:10]
        if not self._run(there, {"the_day": day, "the_who": who, "the_kind": kind}).scalar():
            full = self._run(rows_of, {"the_day": day}).scalar_one() >= A_DAY
            who = OTHERS if full else who
        self._run(note, {"day": day, "who": who, "kind": kind, "first_at": at, "last_at": at})

    def refusals(self) -> list[RefusalRow]:
        """All that is kept, the oldest day first."""
        return [RefusalRow(*row) for row in self._run(every)]

    def forget_refusals(self, before: str) -> None:
        """Forget the days before one."""
        self._run(forget, {"before": before})
