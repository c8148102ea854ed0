"""Every statement, built once, so that SQLAlchemy compiles each only once per database.

The upserts are PostgreSQL's `INSERT ... ON CONFLICT`, which SQLite understands word for word. Parameters
that would be named as a column is have a leading `the_`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    extract,
    func,
    insert,
    not_,
    or_,
    select,
    text,
    union_all,
    update,
)

from bot.storage.schema import (
    chats,
    checklists,
    events,
    files,
    heard,
    invites,
    keys,
    looks,
    negotiations,
    notices,
    office,
    passphrases,
    persons,
    purged,
    seats,
    sent_messages,
    set_aside,
)
from bot.storage.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import Column, Table

    from bot.storage.upsert import Insert


def _is(column: Column[object]) -> ColumnElement[bool]:
    """A condition on one column, with the parameter `the_<column>`."""
    return column == bindparam(f"the_{column.name}")


def _put(table: Table, *, but: tuple[str, ...] = ()) -> Insert:
    """Insert a row whose key is one column, or write over the one that is there ``but`` some columns."""
    made = upsert(table)
    (key,) = table.primary_key
    kept = {
        column.name: made.excluded[column.name]
        for column in table.columns
        if column is not key and column.name not in but
    }
    return made.on_conflict_do_update(index_elements=[key], set_=kept)


NOW = cast(extract("epoch", func.current_timestamp()), BigInteger)  # the database's clock, the same for all processes
KEPT = ("shown", "message_id", "held_by", "held_until", "behind_since")  # of a chat, whatever a turn writes
PUT_OFF = "-"  # who holds a chat that cannot be shown, until it is moved
HOLDING = ("behind_since", "held_by", "held_until")  # of a chat: not where it stands, but who shows it

revisions = text("SELECT version_num FROM alembic_version")

hear = upsert(heard).on_conflict_do_nothing().returning(heard.c.update_id)
note_heard = (
    update(heard)
    .where(_is(heard.c.update_id))
    .values({name: bindparam(name) for name in ("person", "message_id", "negotiation", "place", "seq")})
)
# Not by update_id: it restarts at random after a quiet week.
heard_message = (
    select(heard)
    .where(_is(heard.c.person), _is(heard.c.message_id))
    .order_by(heard.c.at.desc(), heard.c.update_id.desc())
    .limit(1)
)
unmark = (
    update(heard)
    .where(_is(heard.c.update_id), heard.c.mark != bindparam("the_mark"))
    .values(mark=None)
    .execution_options(preserve_rowcount=True)
)
forget_heard = delete(heard).where(heard.c.at < bindparam("before"))

person = select(persons).where(_is(persons.c.id))
person_by_telegram = select(persons).where(_is(persons.c.telegram_id))
persons_by_telegram = select(persons).where(persons.c.telegram_id.in_(bindparam("telegram_ids", expanding=True)))
all_persons = select(persons).order_by(persons.c.joined_at, persons.c.id)
add_person = insert(persons)
lock_person = select(persons).where(_is(persons.c.id)).with_for_update(key_share=True)
change_person = (
    update(persons).where(_is(persons.c.id)).values({name: bindparam(name) for name in ("telegram_id", "lead", "mac")})
)

get_key = select(keys.c.wrapped).where(_is(keys.c.name))
put_key = upsert(keys).on_conflict_do_nothing().execution_options(preserve_rowcount=True)

purged_numbers = select(purged.c.number)

put_office = _put(office)
move_office = (
    update(office)
    .where(_is(office.c.key), office.c.value < bindparam("before"))
    .values(value=bindparam("new_value"), mac=bindparam("new_mac"))
    .execution_options(preserve_rowcount=True)
)
get_office = select(office.c.value, office.c.mac).where(_is(office.c.key))
lock_office = get_office.with_for_update()
del_office = delete(office).where(_is(office.c.key))
take_office = (
    delete(office)
    .where(_is(office.c.key), _is(office.c.value), _is(office.c.mac))
    .execution_options(preserve_rowcount=True)
)
office_macs = select(office.c.mac).where(office.c.key.in_(bindparam("keys", expanding=True)))

keep_checklist = upsert(checklists).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
checklist = select(checklists.c.body).where(_is(checklists.c.digest))
checklist_digests = select(checklists.c.digest)

new_negotiation = insert(negotiations).returning(negotiations.c.id)
negotiation_by_uid = select(negotiations.c.id).where(_is(negotiations.c.uid))
head = select(negotiations.c.head).where(_is(negotiations.c.id))
# NO KEY UPDATE: writers wait for each other, a foreign key that points here does not wait. SQLite leaves it
# out: there one writer holds the whole file.
at_head = select(negotiations.c.head, negotiations.c.uid, negotiations.c.mac).where(_is(negotiations.c.id))
lock = at_head.with_for_update(key_share=True)
move_head = (
    update(negotiations)
    .where(_is(negotiations.c.id), _is(negotiations.c.head))
    .values(head=bindparam("new_head"), mac=bindparam("new_mac"))
)
event_mac = select(events.c.mac).where(_is(events.c.negotiation), _is(events.c.seq))

events_after = (
    select(events.c.seq, events.c.at, events.c.by, events.c.update_id, events.c.body)
    .where(_is(events.c.negotiation), events.c.seq > bindparam("after_seq"))
    .order_by(events.c.seq)
)
whole_line = (
    select(events.c.seq, events.c.at, events.c.by, events.c.update_id, events.c.body, events.c.mac)
    .where(_is(events.c.negotiation))
    .order_by(events.c.seq)
)
append = insert(events)

seats_of = select(seats).where(_is(seats.c.person)).order_by(seats.c.negotiation)
seats_of_all = (
    select(seats).where(seats.c.person.in_(bindparam("persons", expanding=True))).order_by(seats.c.negotiation)
)
seats_at = select(seats).where(_is(seats.c.negotiation)).order_by(seats.c.person)
_seat = upsert(seats)
sit = _seat.on_conflict_do_update(
    index_elements=[seats.c.negotiation, seats.c.person], set_={"role": _seat.excluded.role, "mac": _seat.excluded.mac}
)
rise = delete(seats).where(_is(seats.c.negotiation), _is(seats.c.person))

add_invite = insert(invites)
invite = select(invites).where(_is(invites.c.hash))
_open = and_(invites.c.used_at.is_(None), invites.c.ran_out_at.is_(None))
open_ones = select(invites).where(_open)
open_at = open_ones.where(_is(invites.c.negotiation))
closed_ones = select(invites).where(not_(_open))
lapsed_at = (
    select(invites)
    .where(_is(invites.c.negotiation), invites.c.person.is_(None))
    .where(invites.c.used_at.is_(None), invites.c.ran_out_at.is_not(None))
    .order_by(invites.c.expires_at.desc(), invites.c.hash)
    .limit(bindparam("at_most"))
)
overdue = open_ones.where(invites.c.expires_at < bindparam("now")).limit(bindparam("at_most"))
# Only where it still is what was read: whoever else used, renewed or closed it meanwhile was first.
change_invite = (
    update(invites)
    .where(_is(invites.c.hash), _is(invites.c.mac))
    .values({name: bindparam(name) for name in ("expires_at", "used_at", "ran_out_at")} | {"mac": bindparam("new_mac")})
    .execution_options(preserve_rowcount=True)
)

# How chats stand; who shows them is asked apart.
_stands = select(*(column for column in chats.c if column.name not in HOLDING))
chat = _stands.where(_is(chats.c.person))
# In order, so that two who lock the same chats wait for each other and not both at once.
lock_chats = (
    _stands.where(chats.c.person.in_(bindparam("persons", expanding=True)))
    .order_by(chats.c.person)
    .with_for_update(key_share=True)
)
# What is shown is the presenter's to say: a turn that read it earlier must not write it back.
_moved = upsert(chats).values(behind_since=NOW)
_moves: dict[str, Any] = {
    **{column.name: _moved.excluded[column.name] for column in chats.c if column.name not in {"person", *KEPT}},
    "held_by": func.nullif(chats.c.held_by, PUT_OFF),
    "behind_since": case((chats.c.shown < chats.c.rev, chats.c.behind_since), else_=NOW),
}
put_chat = _moved.on_conflict_do_update(index_elements=[chats.c.person], set_=_moves)
# Not over what somebody else wrote since it was read: what their turn said, or this one's news, would never be shown.
put_chat_unlocked = _moved.on_conflict_do_update(
    index_elements=[chats.c.person], set_=_moves, where=chats.c.rev < _moved.excluded.rev
).execution_options(preserve_rowcount=True)
chats_at = _stands.where(_is(chats.c.negotiation)).order_by(chats.c.person)
mark_shown = (
    update(chats)
    .where(
        _is(chats.c.person),
        or_(
            chats.c.shown < bindparam("new_shown"),
            # Shown twice, by a killed process and by the next one: the later message is the live one.
            and_(chats.c.shown == bindparam("new_shown"), chats.c.message_id < bindparam("message_id")),
        ),
    )
    .values(
        shown=bindparam("new_shown"),
        message_id=bindparam("message_id"),
        held_by=func.nullif(chats.c.held_by, bindparam("holder")),
    )
)
# No index: it would be written on every turn to save a scan of one row a person.
unshown = select(chats.c.person).where(chats.c.shown < chats.c.rev).limit(bindparam("at_most"))
backlog = (
    select(func.count(), NOW - func.min(chats.c.behind_since))
    .join(persons, persons.c.id == chats.c.person)
    .where(chats.c.shown < chats.c.rev, persons.c.telegram_id.is_not(None))
)

# Several processes show chats: each chat is held by one at a time, for some seconds that it keeps renewing.
# Who no longer does may have sent a message and not noted it; who takes over what is left looks for that first.
_free = or_(chats.c.held_by.is_(None), chats.c.held_by == bindparam("holder"))
_hold = {"held_by": bindparam("holder"), "held_until": NOW + bindparam("seconds", type_=BigInteger)}
hold_chats = (
    update(chats)
    .where(chats.c.person.in_(bindparam("persons", expanding=True)), chats.c.shown < chats.c.rev, _free)
    .values(_hold)
    .returning(chats.c.person)
)
# Whoever is being moved or taken by another process just now is passed over. SQLite leaves SKIP LOCKED out.
left = (
    select(chats.c.person, chats.c.held_by)
    .join(persons, persons.c.id == chats.c.person)
    .where(chats.c.shown < chats.c.rev, persons.c.telegram_id.is_not(None))
    .where(or_(chats.c.held_by.is_(None), chats.c.held_until < NOW))
    .order_by(chats.c.behind_since)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True, key_share=True, of=chats)
)
take_chats = update(chats).where(chats.c.person.in_(bindparam("persons", expanding=True))).values(_hold)
put_off = (
    update(chats)
    .where(_is(chats.c.person), chats.c.held_by == bindparam("holder"))
    .values(held_by=PUT_OFF, held_until=NOW + bindparam("seconds", type_=BigInteger))
)
hold_on = (
    update(chats)
    .where(chats.c.person.in_(bindparam("persons", expanding=True)), chats.c.held_by == bindparam("holder"))
    .values(held_until=NOW + bindparam("seconds", type_=BigInteger))
)

# The messages of all private chats as far as they are known: the live ones, reminders, and what was typed or tapped.
# Telegram numbers all that an account writes and is written in private chats and small groups in one line; the Bot API
# does not say so, libraries do that speak with Telegram directly (Telethon, Pyrogram: "Message identifiers").
_messages = union_all(*(select(table.c.person, table.c.message_id) for table in (chats, notices, heard))).subquery()
last_message = select(func.max(_messages.c.message_id)).where(_messages.c.person == bindparam("the_person"))
known_messages = union_all(
    *(
        select(table.c.message_id).where(table.c.message_id.between(bindparam("first"), bindparam("last")))
        for table in (chats, notices)
    ),
    select(heard.c.message_id).where(
        heard.c.message_id.between(bindparam("first"), bindparam("last")),
        heard.c.person != bindparam("the_person"),
    ),
)

# One write for what was sent and what was edited. A note that comes late brings back neither what was shown before nor
# talks that were purged, whose key is gone.
_noted = [sent_messages.c[name] for name in ("person", "message_id", "at", "negotiation", "place")]
_sent = upsert(sent_messages).from_select(
    [column.name for column in _noted],
    select(*(cast(bindparam(f"the_{column.name}"), column.type) for column in _noted)).where(
        exists().where(keys.c.name == cast(bindparam("the_key"), keys.c.name.type))
    ),
)
note_sent = _sent.on_conflict_do_update(
    index_elements=[sent_messages.c.person, sent_messages.c.message_id],
    set_={
        "at": _sent.excluded.at,
        "negotiation": _sent.excluded.negotiation,
        "place": _sent.excluded.place,
        "negotiation_before": sent_messages.c.negotiation,
        "place_before": sent_messages.c.place,
    },
    where=sent_messages.c.at <= _sent.excluded.at,
)
sent_message = select(sent_messages).where(_is(sent_messages.c.person), _is(sent_messages.c.message_id))
forget_sent = delete(sent_messages).where(sent_messages.c.at < bindparam("before"))

_look = upsert(looks)
put_look = _look.on_conflict_do_update(
    index_elements=[looks.c.person, looks.c.negotiation],
    set_={name: _look.excluded[name] for name in ("seq", "at", "since", "since_at")},
)
look = select(looks).where(_is(looks.c.person), _is(looks.c.negotiation))

_again = upsert(set_aside).values(tries=1)
set_update_aside = _again.on_conflict_do_update(
    index_elements=[set_aside.c.update_id],
    set_={
        "at": _again.excluded.at,
        "raw": _again.excluded.raw,
        "error": _again.excluded.error,
        "tries": set_aside.c.tries + 1,
    },
)

forget_set_aside = delete(set_aside).where(set_aside.c.at < bindparam("before"))

passphrase_macs = select(passphrases.c.mac)

add_file = insert(files)
file = select(files).where(_is(files.c.id))

# What neither asks nor changes anything that a transaction may have put off, and what writes it at last.
APART = frozenset({hear, persons_by_telegram, seats_of, lock, get_key, move_head, append, put_chat, note_heard})
