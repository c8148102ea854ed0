"""The tables. A change here needs a revision in `migrations/versions`; a test compares the two.

Bodies that pass through the vault are bytes. Telegram's numbers need 64 bits.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

REVISION = "0016"  # the newest in `migrations/versions`, which is what these tables are

# On SQLite only INTEGER makes a primary key the row's own number, which saves an index.
UpdateId = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

persons = Table(
    "persons",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("telegram_id", BigInteger, unique=True),
    Column("lead", Boolean, nullable=False),
    Column("joined_at", Text, nullable=False),
    Column("mac", LargeBinary),  # of the row; never blank once `MaintenanceUnit.enter_old` has been here
)

# Every other key, wrapped by the master key: of negotiations by their numbers, "-" and "chain".
keys = Table(
    "keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

# What remains of a negotiation that was purged: that it was there, and that somebody destroyed it.
purged = Table(
    "purged",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("told", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

checklists = Table(
    "checklists",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("body", Text, nullable=False),
)

negotiations = Table(
    "negotiations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("head", Integer, nullable=False),
    Column("mac", LargeBinary),  # of the head; never blank once `MaintenanceUnit.seal_old` has been here
    sqlite_autoincrement=True,  # a purged negotiation's number is never given again
)

events = Table(
    "events",
    metadata,
    Column("negotiation", ForeignKey("negotiations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("by", Text),
    Column("update_id", BigInteger),
    Column("body", LargeBinary, nullable=False),
    Column("mac", LargeBinary),
)

seats = Table(
    "seats",
    metadata,
    Column("negotiation", ForeignKey("negotiations.id"), primary_key=True),
    Column("person", ForeignKey("persons.id"), primary_key=True, index=True),
    Column("role", Text, nullable=False),
    Column("mac", LargeBinary),  # of the row, as all columns of this name below
)

invites = Table(
    "invites",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("negotiation", ForeignKey("negotiations.id")),
    Column("role", Text, nullable=False),
    Column("person", ForeignKey("persons.id")),
    Column("expires_at", Text, nullable=False),
    Column("used_at", Text),
    Column("ran_out_at", Text),  # when its time was first seen to be over
    Column("mac", LargeBinary),
)

chats = Table(
    "chats",
    metadata,
    Column("person", ForeignKey("persons.id"), primary_key=True),
    Column("negotiation", ForeignKey("negotiations.id"), index=True),
    Column("place", LargeBinary, nullable=False),
    Column("aside", LargeBinary, nullable=False),
    Column("settle", LargeBinary, nullable=False),
    Column("paper", LargeBinary),
    Column("fresh", Boolean, nullable=False),
    Column("rev", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("message_id", BigInteger),
    Column("answering", LargeBinary),
    # Seconds since 1970 by the database's own clock, which replicas share.
    Column("behind_since", BigInteger),  # when it was moved from what is shown; means nothing once it is shown
    Column("held_by", Text),  # the process that shows it, where several may
    Column("held_until", BigInteger),
)

# Browsers that are signed in.
sessions = Table(
    "sessions",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("person", ForeignKey("persons.id"), nullable=False, index=True),
    Column("made_at", Text, nullable=False),
    Column("used_at", Text, nullable=False),
    Column("unlocked", Text),  # the marks of the passphrases that were entered in it, a space between
    Column("mac", LargeBinary),
)

# Passphrases of people's own, of which only a slow hash is kept, and that sealed.
passphrases = Table(
    "passphrases",
    metadata,
    Column("person", ForeignKey("persons.id"), primary_key=True),
    Column("mark", Text, nullable=False),  # another for every passphrase
    Column("body", LargeBinary, nullable=False),
    Column("wrong", Integer, nullable=False),  # tries since the last right one
    Column("wait_until", Text),
    Column("mac", LargeBinary),
)

# How far each person has seen what changed.
looks = Table(
    "looks",
    metadata,
    Column("person", ForeignKey("persons.id"), primary_key=True),
    Column("negotiation", ForeignKey("negotiations.id"), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("since", Integer),
    Column("since_at", Text),
)

# No foreign keys: this is a log of what came in, and it outlives what it names.
heard = Table(
    "heard",
    metadata,
    Column("update_id", UpdateId, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("person", Text),
    Column("message_id", BigInteger),
    Column("negotiation", Integer),
    Column("place", LargeBinary),
    Column("seq", Integer),
    Column("mark", LargeBinary),  # a keyed one of what was said: under a number that is known something else may come
    Index(None, "person", "message_id"),
)

# What each message of ours in a private chat showed last, and before it was edited: a reply to it finds its question.
# No foreign keys, as of `heard`.
sent_messages = Table(
    "sent_messages",
    metadata,
    Column("person", Text, primary_key=True),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),  # sent or edited last, in seconds since 1970 by Telegram's clock
    Column("negotiation", Integer),
    Column("place", LargeBinary, nullable=False),
    Column("negotiation_before", Integer),
    Column("place_before", LargeBinary),
)

# Messages in private chats that may not stay, until Telegram has deleted them or lets nobody do it any more.
deletions = Table(
    "deletions",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),  # since when, in seconds since 1970
)

set_aside = Table(
    "set_aside",
    metadata,
    Column("update_id", UpdateId, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("error", Text, nullable=False),
    Column("tries", Integer, nullable=False),
)

files = Table(
    "files",
    metadata,
    Column("id", Text, primary_key=True),
    Column("negotiation", ForeignKey("negotiations.id"), nullable=False),
    Column("name", LargeBinary, nullable=False),
    Column("mime", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# Files that still lie at Telegram. They are fetched beside the updates, and heard at the place they were sent to.
incoming_files = Table(
    "incoming_files",
    metadata,
    Column("update_id", UpdateId, primary_key=True, autoincrement=False),
    Column("person", ForeignKey("persons.id"), nullable=False),
    Column("negotiation", ForeignKey("negotiations.id"), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("held_until", BigInteger),  # who fetches it has it for themselves until then, by the database's own clock
)

# How a person wants to be reminded; who has no row has never changed anything.
prefs = Table(
    "prefs",
    metadata,
    Column("person", ForeignKey("persons.id"), primary_key=True),
    Column("zone", Text, nullable=False),
    Column("quiet_from", Integer),  # minutes after midnight in that zone; both or neither
    Column("quiet_to", Integer),
    Column("reminders", Boolean, nullable=False),
    Column("digest", Boolean, nullable=False),
)

# A notice belongs to whoever inserted its row, until it is sent or has been left for too long.
notices = Table(
    "notices",
    metadata,
    Column("negotiation", ForeignKey("negotiations.id"), primary_key=True),
    Column("person", ForeignKey("persons.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("claimed_at", Text, nullable=False),
    Column("sent_at", Text),
    Column("message_id", BigInteger),
    Column("body", LargeBinary),  # what a digest told, for the next one to compare with
)

# The cards in groups: one a group. Without a negotiation the card is to be taken away.
groups = Table(
    "groups",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("negotiation", ForeignKey("negotiations.id"), index=True),
    Column("asked_by", ForeignKey("persons.id"), nullable=False),
    Column("title", LargeBinary, nullable=False),
    Column("message_id", BigInteger),
    Column("pinned", BigInteger),  # the message that was pinned last
    Column("refused", Boolean, nullable=False),  # pinning was, and somebody was told
    Column("gone", Boolean, nullable=False),  # the bot was removed from the group
    Column("text", LargeBinary),  # what the card says
    Column("seq", Integer, nullable=False),  # up to which event, and
    Column("day", Text, nullable=False),  # on which day
    Column("held_until", Text, nullable=False),  # who edits it has it for themselves until then
)

office = Table(
    "office",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("mac", LargeBinary),  # blank where the value is sealed
)

# What was refused, counted: no number of refusals makes more rows than there are people, kinds and days.
refusals = Table(
    "refusals",
    metadata,
    Column("day", Text, primary_key=True),
    Column("who", Text, primary_key=True),  # a person's id, or a Telegram account's keyed hash
    Column("kind", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("first_at", Text, nullable=False),
    Column("last_at", Text, nullable=False),
)
