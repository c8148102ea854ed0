"""The cards in groups: the part of a transaction that they use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, delete, or_, select, update

from bot.storage.schema import groups, negotiations
from bot.storage.upsert import replacing, upsert


@dataclass(frozen=True, slots=True)
class GroupCardRow:
    """A group and its card.

    Without a negotiation but with a message the card is to be taken away. ``asked_by`` asked for it;
    ``text`` is what it says, as of event ``seq`` and ``day``; ``pinned`` is the message that was pinned;
    ``refused``: pinning was, and the lead was told; ``gone``: the bot is not in the group any more.
    """

    chat_id: int
    negotiation: int | None
    asked_by: str
    title: str
    message_id: int | None = None
    pinned: int | None = None
    refused: bool = False
    gone: bool = False
    text: str | None = None
    seq: int = 0
    day: str = ""
    held_until: str = ""


PUT_GROUP = replacing(groups, "chat_id")
ADD_GROUP = upsert(groups).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
GROUP = select(groups).where(groups.c.chat_id == bindparam("the_chat_id"))
LOCKED_GROUP = GROUP.with_for_update()
GROUPS_OF = (
    select(groups)
    .where(groups.c.negotiation == bindparam("the_negotiation"), groups.c.gone.is_(False))
    .order_by(groups.c.chat_id)
)
DEL_GROUP = delete(groups).where(groups.c.chat_id == bindparam("the_chat_id"))
# What is not as its negotiation is, or not of today.
BEHIND = (
    select(groups.c.chat_id)
    .join(negotiations, negotiations.c.id == groups.c.negotiation, isouter=True)
    .where(
        groups.c.gone.is_(False),
        groups.c.held_until < bindparam("now"),
        or_(
            and_(groups.c.negotiation.is_(None), groups.c.message_id.is_not(None)),
            groups.c.seq != negotiations.c.head,
            and_(groups.c.negotiation.is_not(None), groups.c.day != bindparam("today")),
        ),
    )
    .limit(bindparam("at_most"))
)
HOLD = (
    update(groups)
    .where(groups.c.chat_id == bindparam("the_chat_id"), groups.c.held_until < bindparam("now"))
    .values(held_until=bindparam("until"))
)


class GroupCardRepository:
    """What `bot.storage.UnitOfWork` can do about groups."""

    _run: Any  # the transaction's, which settles first

    def group(self, chat_id: int, *, write: bool = False) -> GroupCardRow | None:
        """A group by Telegram's number; to write, other writers wait."""
        row = self._run(LOCKED_GROUP if write else GROUP, {"the_chat_id": chat_id}).first()
        return None if row is None else self._group(row)

    def groups_of(self, negotiation: int) -> list[GroupCardRow]:
        """The groups that show a negotiation's card."""
        return [self._group(row) for row in self._run(GROUPS_OF, {"the_negotiation": negotiation})]

    def put_group(self, row: GroupCardRow) -> None:
        """Keep a group, in place of what was there under its number."""
        self._run(PUT_GROUP, self._sealed_group(row))

    def add_group(self, row: GroupCardRow) -> bool:
        """Keep a group that is not known yet; False when it is."""
        return bool(self._run(ADD_GROUP, self._sealed_group(row)).rowcount == 1)

    def del_group(self, chat_id: int) -> None:
        """Forget a group; no matter if it is not known."""
        self._run(DEL_GROUP, {"the_chat_id": chat_id})

    def groups_behind(self, today: str, now: str, limit: int) -> list[int]:
        """The groups whose card does not say what is so today, and that nobody works on."""
        return list(self._run(BEHIND, {"today": today, "now": now, "at_most": limit}).scalars())

    def hold_group(self, chat_id: int, now: str, until: str) -> bool:
        """Work on a group's card alone until then; False when somebody else does."""
        return bool(self._run(HOLD, {"the_chat_id": chat_id, "now": now, "until": until}).rowcount == 1)

    def _group(self, row: Any) -> GroupCardRow:
        found = dict(row._mapping)  # noqa: SLF001 (SQLAlchemy's public name for a row by column)
        home = f"groups/{found['negotiation'] or '-'}/{found['chat_id']}"
        opened = {name: self._open(f"{home}/{name}", found[name]) for name in ("title", "text")}
        return GroupCardRow(**(found | opened))

    def _sealed_group(self, row: GroupCardRow) -> dict[str, Any]:
        home = f"groups/{row.negotiation or '-'}/{row.chat_id}"
        values = {name: getattr(row, name) for name in row.__slots__}
        return values | {name: self._seal(f"{home}/{name}", getattr(row, name)) for name in ("title", "text")}

    def _seal(self, row: str, text: str | None) -> bytes | None:
        raise NotImplementedError

    def _open(self, row: str, body: bytes | None) -> str | None:
        raise NotImplementedError
