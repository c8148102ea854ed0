"""Faults by name: bugs put into the bot on purpose, what befalls it, and its paces and limits brought near.

In this process `with on("send_anew"):`, `with pace(poll=1):`, `with limits(rows=3):`, or the fixture `faults` for the
rest of a test. In a process of its own `python -m tests.faults send_anew poll=1 -- serve`, or a kennel given the same
words. No fault is source text.

Rule: what has been renamed since is an error when this module is imported; what is of another kind or called in
another way is an error when the fault is put in. Neither may pass as a bug that was "not found".
"""

from __future__ import annotations

import asyncio
import errno
import inspect
import logging
import os
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from sqlalchemy import select, text, update

from bot.__main__ import main as main_command
from bot.application import documents, file_use, maintenance, negotiations, outbox, retention, returned_files, turns
from bot.application.administration import AdminService
from bot.application.browser_sessions import BrowserSessionService
from bot.application.membership import MembershipService
from bot.application.messages import UpdateResult
from bot.application.negotiations import NegotiationRepository
from bot.application.outbox import Outbox
from bot.application.reply_router import ReplyRouter
from bot.application.retry import WorkerPool
from bot.application.updates import UpdateHandler
from bot.authoring import yaml_reader
from bot.dialog import engine
from bot.dialog import limit_messages as dialog_limits
from bot.dialog.contract import TextReply
from bot.dialog.engine import handle
from bot.domain import purgeable_cache
from bot.domain.history import diff
from bot.exports.pdf import typst as export_drawing
from bot.exports.reimport import reader, reading_process
from bot.runtime import browser as web_run
from bot.runtime import terminal
from bot.runtime.cli import installation
from bot.runtime.cli import negotiations as negotiation_commands
from bot.storage import Database, StoreError, StoreUnavailable, UnitOfWork, backup, engines, schema
from bot.storage.integrity.encryption import Vault
from bot.storage.integrity.membership_digest import DigestKeeper
from bot.storage.integrity.verification import MaintenanceUnit
from bot.storage.repositories import security_log
from bot.storage.repositories.group_cards import GroupCardRepository
from bot.telegram import (
    bot,
    client,
    file_fetcher,
    group_presenter,
    http,
    presenter,
    receivers,
    reminder_sender,
    slow_notice,
    update_queue,
    uploads,
    webhook_queue,
)
from bot.telegram.client import BotClient
from bot.telegram.flood_control import FloodControl
from bot.telegram.parser import receive
from bot.telegram.update_queue import UpdateQueue
from bot.telegram.webhook_queue import WebhookQueue
from bot.web import connections, form_data, health, live_updates
from bot.web import passphrase as page_of_phrases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

NEVER_SECONDS = 1e6
HANGS_SECONDS = 600  # longer than any test waits
BOUNDLESS = 10**9
LATER_REVISION = "9999"


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something of the bot that a fault replaces: by the module or class it stands in, and its name there."""

    owner: Any
    name: str

    @property
    def value(self) -> Any:
        """What stands there now; a method as its class holds it."""
        return vars(self.owner)[self.name]

    @contextmanager
    def replaced(self, new: object) -> Iterator[None]:
        """Put something else there for a while. TypeError when it could not be used as what stands there is."""
        own = self.value
        if why := _misfit(own, new):
            raise TypeError(f"{self.owner.__name__}.{self.name} {why}. Mend the fault in tests/faults.py.")
        setattr(self.owner, self.name, new)
        try:
            yield
        finally:
            setattr(self.owner, self.name, own)


def attribute(owner: ModuleType | type, name: str) -> Attribute:
    """The attribute of a module or class, inherited or its own. LookupError when there is none."""
    for place in getattr(owner, "__mro__", (owner,)):
        if name in vars(place):
            return Attribute(place, name)
    raise LookupError(f"{owner.__name__} has no {name} any more. Tell tests/faults.py its new name.")


def _misfit(own: object, new: object) -> str:
    """Why the one cannot stand for the other; empty when it can."""
    if isinstance(own, classmethod | staticmethod | property):
        return "" if type(new) is type(own) else f"is a {type(own).__name__}, and its replacement is none"
    if isinstance(own, type) or not callable(own):
        kinds = (int, float) if isinstance(own, int | float) else (type(own), property)
        return "" if isinstance(new, kinds) else f"is of kind {type(own).__name__}, and its replacement is not"
    if not callable(new):
        return "is called, and its replacement cannot be"
    if inspect.iscoroutinefunction(own) and not inspect.iscoroutinefunction(new):
        return "is awaited, and its replacement cannot be"
    return "" if _takes(new, inspect.signature(own)) else "is called in another way than its replacement"


def _takes(new: Callable[..., object], signature: inspect.Signature) -> bool:
    """Whether a function can be called with all that a signature holds."""
    params = signature.parameters.values()
    named = {param.name: None for param in params if param.kind is param.KEYWORD_ONLY}
    placed = [None for param in params if param.kind in (param.POSITIONAL_ONLY, param.POSITIONAL_OR_KEYWORD)]
    try:
        inspect.signature(new).bind(*placed, **named)
    except TypeError:
        return False
    return True


# Faults


@dataclass(frozen=True, slots=True)
class Fault:
    """What can be put into the bot. ``found_by``: for a bug, the test that must find it; else empty."""

    does: str
    attributes: tuple[Attribute, ...]
    change: Callable[..., Any]
    found_by: str = ""

    @contextmanager
    def on(self, *given: Any) -> Iterator[None]:
        """Have the fault for a while; ``given`` is what it wants to know."""
        changed_to = self.change(*(place.value for place in self.attributes), *given)
        replacements = changed_to if len(self.attributes) > 1 else (changed_to,)
        with ExitStack() as stack:
            for place, new in zip(self.attributes, replacements, strict=True):
                stack.enter_context(place.replaced(new))
            yield


FAULTS: dict[str, Fault] = {}


def fault(*places: tuple[ModuleType | type, str], found_by: str = "") -> Callable[[Callable[..., Any]], object]:
    """Enter a function as a fault under its name. It is given what stands at the places, and gives what replaces it."""
    attributes = tuple(attribute(*place) for place in places)

    def entered(change: Callable[..., Any]) -> object:
        FAULTS[change.__name__] = Fault(inspect.cleandoc(change.__doc__ or ""), attributes, change, found_by)
        return change

    return entered


def on(name: str, *given: Any) -> AbstractContextManager[None]:
    """Have a fault in this process for a while. LookupError when there is none of that name."""
    if name not in FAULTS:
        raise LookupError(f"There is no fault {name!r}. There are: {', '.join(sorted(FAULTS))}.")
    return FAULTS[name].on(*given)


# Bugs: with one of these the bot breaks a promise, and a test finds it out


@fault(
    (UpdateQueue, "put"),
    (BotClient, "confirm"),
    found_by="test_e2e::test_a_bot_that_acknowledges_before_it_commits_is_found_out",
)
def acknowledge_first(put: Any, confirm: Any) -> tuple[object, object]:
    """Acknowledges what only lies in memory: what a bot without our inbox does."""
    kept = set()

    async def unkept(self: Any, item: Any) -> None:
        confirm(self._line, item.update_id)
        kept.add(asyncio.create_task(put(self, item)))

    return unkept, lambda _line, _number: None


@fault((turns, "left_unsaid"), found_by="test_nothing_vanishes::test_a_bot_that_forgets_what_waits_is_found_out")
def forgets_what_waits(_left_unsaid: object) -> object:
    """Says nothing of what somebody leaves that was not recorded yet."""
    return lambda _context, _place, outcome: outcome


@fault(
    (engine, "_rewritten"),
    found_by="test_nothing_vanishes::test_a_bot_that_takes_no_correction_is_found_out",
)
def forgets_corrections(_rewritten: object) -> object:
    """Says nothing of a corrected message whose first words wait to be agreed to."""
    return lambda context, place, _then, _text: engine.still(context, place, "")


@fault((WebhookQueue, "take"), found_by="test_replicas::test_a_replica_that_answers_before_it_commits_is_found_out")
def answer_first(take: Any) -> object:
    """Answers Telegram while the update only lies in memory: what a bot without our intake does."""
    kept = set()

    async def unkept(self: WebhookQueue, raw: dict[str, Any]) -> None:
        kept.add(asyncio.create_task(take(self, raw)))

    return unkept


@fault((UnitOfWork, "unnoted"), found_by="test_e2e::test_what_telegram_took_from_a_killed_bot_is_not_sent_again")
def send_anew(_unnoted: object) -> object:
    """Looks for nothing that an earlier process sent: what a bot does that knows only what it noted."""
    return lambda _tx, _person, _limit: []


@fault((outbox, "wanted"), found_by="test_e2e::test_a_bot_that_forgets_what_was_asked_for_is_found_out")
def forget_requests(_wanted: object) -> object:
    """Knows after a restart nothing of what was asked for before: what a bot does that keeps that in memory."""
    return lambda _chat: ()


@fault(
    (Outbox, "holder"), found_by="test_replicas::test_what_two_replicas_heard_of_one_chat_is_shown_once_and_in_order"
)
def show_unheld(_holder: object) -> object:
    """Shows what it heard without asking whether another process is at it."""
    return property(lambda _: "", lambda _, __: None)


@fault((ReplyRouter, "_apart"), found_by="test_replies::test_a_bot_that_hears_replies_where_one_stands_is_found_out")
def hear_replies_here(_apart: object) -> object:
    """Hears whatever is typed where its sender stands: what a bot does that does not see what it replies to."""
    return lambda _handler, _tx, _person, _chat, _context, _reply: None


@fault((turns, "handle"), found_by="test_silence::test_the_harness_finds_a_careless_log_call")
def log_what_is_heard(handle: Any) -> object:
    """Has one line that logs what was said."""

    def careless(context: Any, place: Any, said: Any, undo: str = "") -> object:
        logging.getLogger("bot.careless").debug("heard %s", said)
        return handle(context, place, said, undo)

    return careless


@fault((UnitOfWork, "append"), found_by="test_canary::test_the_same_search_finds_what_leaks_into_each_of_them")
def leak_what_is_recorded(append: Any) -> object:
    """Logs what is recorded, has it in temporary files, and writes it beside the database and, unsealed, into it.

    Of the files, one is gone at once, one soon and one never.
    """

    def careless(tx: Any, negotiation: int, rows: Any, head: int) -> None:
        for row in rows:
            logging.getLogger("bot.careless").debug("heard %s", row.body.decode())
            with tempfile.TemporaryFile() as file:
                file.write(row.body)
            with tempfile.NamedTemporaryFile(prefix="soon") as file:
                file.write(row.body)
                file.flush()
                time.sleep(0.2)
            (Path(tempfile.gettempdir()) / f"never{uuid.uuid4().hex}").write_bytes(row.body)
            Path(f"beside{uuid.uuid4().hex}").write_bytes(row.body)
            tx.set_office(uuid.uuid4().hex, row.body.decode())
        append(tx, negotiation, rows, head)

    return careless


@fault((maintenance, "rekey"), found_by="test_rekey::test_the_harness_finds_a_rekey_that_is_not_one_transaction")
def rekey_one_by_one(_rekey: object) -> object:
    """Wraps every key in a transaction of its own, so that a kill leaves some of them as they were."""

    def one_by_one(store: Database, new: bytes) -> int:
        with store.operating() as tx:
            names = [row.name for row in tx._connection.execute(select(schema.keys))]  # noqa: SLF001
        for name in names:
            time.sleep(0.002)  # so that the kill comes before the end, however quick the database
            with store.operating() as tx:
                wrapped = Vault(new).wrap(name, tx.secret(name))
                named = update(schema.keys).where(schema.keys.c.name == name)
                tx._connection.execute(named.values(wrapped=wrapped))  # noqa: SLF001
        return len(names)

    return one_by_one


@fault((UnitOfWork, "first_times"), found_by="test_soak::test_what_is_promised_holds_under[disorder]")
def hear_again(first_times: Any) -> object:
    """Hears updates again that came before."""

    def forgetful(tx: UnitOfWork, update_ids: Any, at: str, *marks: Any) -> set[int]:
        first_times(tx, update_ids, at, *marks)
        return set(update_ids)

    return forgetful


@fault(
    (MaintenanceUnit, "broken_line"),
    (maintenance, "_unopenable"),
    found_by="test_soak::test_what_is_promised_holds_under[tampering]",
)
def ignore_the_chain(broken_line: Any, _unopenable: object) -> tuple[object, object]:
    """Does not mind what the chain of events says when it verifies."""

    def blind(deep: MaintenanceUnit, number: int, look: Any) -> str:
        broken_line(deep, number, look)
        return ""

    return blind, lambda _tx, _archive, _number: iter(())


@fault((DigestKeeper, "_is_ours"), found_by="test_tampering::test_a_check_that_is_left_out_is_found")
def ignore_row_macs(_is_ours: object) -> object:
    """Takes every row for one that the bot wrote, whatever its MAC."""
    return lambda _tx, _what, _expected, _mac: True


@fault((UpdateQueue, "_opened"), found_by="test_soak::test_what_is_promised_holds_under[hostile]")
def hold_up_all(_opened: object) -> object:
    """Lets an update that does not parse hold up all others, as it would in a stock poll."""
    return lambda box, letter: receive(letter.open(box._line), box._line.username, box._largest)  # noqa: SLF001


@fault((FloodControl, "asked"), found_by="test_soak::test_what_is_promised_holds_under[telegram_fails]")
def ignore_flood_waits(_asked: object) -> object:
    """Does not hear that Telegram wishes to be left alone."""
    return lambda _quiet, _chat, _error: 0.01


@fault((WorkerPool, "do"), found_by="test_soak::test_what_is_promised_holds_under[postgres_stops]")
def drop_what_the_database_refused(_do: object) -> object:
    """Counts as done what the database did not take."""

    async def once(backroom: WorkerPool, work: Any, *args: Any, **kwargs: Any) -> object:
        try:
            return await backroom.once(work, *args, **kwargs)
        except Exception:  # noqa: BLE001 (it is the bug)
            return []

    return once


@fault((UpdateHandler, "hear_all"), found_by="test_soak::test_what_is_promised_holds_under[disk_fails]")
def claim_what_the_disk_refused(hear_all: Any) -> object:
    """Counts an answer as heard although the disk refused it."""

    def claimed(desk: UpdateHandler, batch: Any, *rest: Any, **named: Any) -> list[UpdateResult]:
        try:
            heard: list[UpdateResult] = hear_all(desk, batch, *rest, **named)
        except StoreError:
            return [UpdateResult(person=None, known=True) for _ in batch]
        return heard

    return claimed


@fault((engines, "SETTINGS"), found_by="test_soak::test_what_is_promised_holds_under[power_loss]")
def sync_less(own: dict[str, Any], synchronous: int = 0) -> object:
    """Lets SQLite sync as little as this to the disk: not at all, else."""
    return own | {"synchronous": synchronous}


@fault((slow_notice, "SLOW_SECONDS"), found_by="test_soak::test_what_is_promised_holds_under[database_slow]")
def never_tell_of_a_slow_database(_seconds: float) -> float:
    """Never tells a person that their answer is not yet recorded."""
    return NEVER_SECONDS


@fault((turns, "left_unsaid"), found_by="test_soak::test_what_is_promised_holds_under[human]")
def leave_words_unsaid(_left_unsaid: object) -> object:
    """Says nothing of words that somebody leaves unrecorded."""

    def unsaid(_context: Any, _place: Any, outcome: Any) -> Any:
        return outcome

    return unsaid


@fault((turns, "amend"), found_by="test_soak::test_what_is_promised_holds_under[human]")
def edit_where_they_stand(_amend: object) -> object:
    """Takes an edited message for an answer to the question at which its sender stands by now."""

    def edited(context: Any, place: Any, _then: Any, text: str, _seq: int) -> Any:
        return handle(context, place, TextReply(text))

    return edited


@fault((NegotiationRepository, "load"), found_by="test_soak::test_a_full_store_is_measured_and_verifies")
def forget_negotiations(load: Any) -> object:
    """Keeps nothing of the negotiations it has read, and reads each from its first event again."""

    def forgetful(
        there: NegotiationRepository, tx: UnitOfWork, number: int, *, write: bool = False, once: bool = False
    ) -> object:
        there.forget(list(there._known._values))  # noqa: SLF001
        return load(there, tx, number, write=write, once=once)

    return forgetful


@fault(
    (UnitOfWork, "_last_mac"), found_by="test_store_batches::test_a_last_event_that_is_not_proven_would_break_the_chain"
)
def trust_the_last_event(_last_mac: object) -> object:
    """Takes the event written last here for the last there is."""
    return lambda tx, number, there: tx._kept.tails.get(number) or tx._mac_of(number, there.seq)  # noqa: SLF001


@fault((purgeable_cache, "_forgets"), found_by="test_forgotten::test_a_cache_that_is_left_out_is_found")
def leave_out_a_cache(forgets: list[Any], cache: object = None) -> object:
    """Leaves a cache out when all that was worked out from talks is to be forgotten; the first one, else."""
    left_out = cache or forgets[0].__self__
    return [forget for forget in forgets if forget.__self__ is not left_out]


@fault((reader, "MOST_ROWS"), found_by="test_bombs::test_two_million_blank_lines_take_no_memory")
def read_rows_without_end(_most: int) -> int:
    """Reads every row that a file claims to have."""
    return BOUNDLESS


# What befalls a bot that is as it should be


@fault((BrowserSessionService, "may"))
def forbids(may: Any, verb: Any) -> object:
    """Lets nobody do one thing on our own pages, whoever they are."""

    def allowed(self: BrowserSessionService, person: str, asked: object, number: int | None = None) -> bool:
        return asked is not verb and bool(may(self, person, asked, number))

    return allowed


@fault((AdminService, "first_code"))
def database_away_at_start(first_code: Any) -> object:
    """The database goes away when the bot has learnt its own name, and comes back after two tries."""
    times = iter([True, True])

    def away(office: AdminService) -> object:
        if next(times, False):
            raise StoreUnavailable("away")
        return first_code(office)

    return away


def _hangs(*_args: object, **_named: object) -> None:
    """Say so, and do not come back."""
    sys.stdout.write("hangs\n")
    sys.stdout.flush()
    time.sleep(HANGS_SECONDS)


@fault((UpdateHandler, "hear_all"))
def database_hangs_at_updates(_hear_all: object) -> object:
    """The database hangs in the middle of an update, and cannot be called back."""
    return _hangs


@fault((UpdateHandler, "alive"))
def database_hangs_at_rounds(_alive: object) -> object:
    """The database hangs in the middle of what the bot does by itself, and cannot be called back."""
    return _hangs


@fault((Database, "open"))
def store_never_opens(_open: object) -> object:
    """A start takes long: its tables are brought up to date, for one."""
    return classmethod(_hangs)


@fault((UnitOfWork, "put_chat"))
def disk_full(_put_chat: object) -> object:
    """The disk takes nothing more, which is noticed when a chat is written."""

    def fails(_tx: object, _chat: object) -> None:
        raise StoreError("the disk is full")

    return fails


@fault((UnitOfWork, "note_heard"))
def poison_update(note_heard: Any, update_id: int) -> object:
    """An update fails by a fault of the program after all else of it was done."""

    def fails(tx: UnitOfWork, heard: int, *rest: Any) -> None:
        note_heard(tx, heard, *rest)
        if heard == update_id:
            raise RuntimeError("poison")

    return fails


@fault((turns, "handle"), (UpdateHandler, "__init__"))
def errors_that_quote(handle: Any, init: Any) -> tuple[object, object]:
    """What is typed with "value", "raise" or "store" in it fails at that layer, and the error quotes it."""
    stores: list[Database] = []

    class Narrow(BaseModel):
        number: int

    def fails(context: Any, place: Any, said: Any, undo: str = "") -> object:
        typed = getattr(said, "text", "")
        if "value" in typed:
            Narrow.model_validate({"number": typed})
        if "raise" in typed:
            raise RuntimeError(f"no good: {typed}")
        if "store" in typed:
            with stores[0].reading() as tx:
                tx._connection.execute(text("SELECT :typed FROM nowhere"), {"typed": typed})  # noqa: SLF001
        return handle(context, place, said, undo)

    def opened(desk: UpdateHandler, store: Database, *rest: Any, **named: Any) -> None:
        stores.append(store)
        init(desk, store, *rest, **named)

    return fails, opened


@fault((NegotiationRepository, "load"))
def negotiations_unreadable(_load: object) -> object:
    """No negotiation can be read."""

    def fails(_there: object, _tx: object, number: int, *, write: bool = False, once: bool = False) -> None:  # noqa: ARG001
        raise AssertionError(f"negotiation {number} was read{' to write' if write else ''}")

    return fails


@fault((retention, "judged"))
def talks_have_run_out(_judged: object) -> object:
    """All talks have come to the day on which they are to be destroyed."""
    return lambda _n, _on, _told, _noted: "destroy"


@fault((MaintenanceUnit, "seal_names"))
def migration_fails(_seal_names: object) -> object:
    """The disk fails when the tables are brought up to date, after the backup that is written before."""

    def fails(_deep: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), "sample")

    return fails


@fault((backup, "write"), (backup, "_tables"))
def newer_program_backs_up(write: Any, tables: Any) -> tuple[object, object]:
    """A backup is written by a later program, whose schema this one does not know."""
    return (
        lambda connection, master, out, _revision=schema.REVISION: write(connection, master, out, LATER_REVISION),
        lambda _revision: tables(schema.REVISION),
    )


@fault((engines, "SETTINGS"))
def journal_mode_refused(own: dict[str, Any]) -> object:
    """SQLite does not take a setting, which it says nothing of."""
    return own | {"journal_mode": "nonsense"}


@fault((negotiation_commands, "is_terminal"))
def at_a_terminal(_is_terminal: object) -> object:
    """What is written goes to a terminal."""
    return lambda: True


@fault((web_run, "end_in_any_case"))
def process_is_not_ended(_end: object) -> object:
    """The process goes on after its bot has ended: it is that of the tests."""
    return lambda: None


# What stands in for a part of the bot, given by a test


@fault((installation, "desk"))
def commands_at(_desk: object, desk: object) -> object:
    """The command line works at this desk."""
    return lambda _chosen, _checklists=None, **_makes: desk


@fault((Database, "operating"))
def operations_told_to(operating: Any, tell: Callable[[], object]) -> object:
    """Whenever a transaction of an operator's begins, this function is told before."""

    def told(store: Database) -> object:
        tell()
        return operating(store)

    return told


@fault((documents, "written"))
def documents_drawn_by(_written: object, draw: object) -> object:
    """Documents are drawn by this function."""
    return draw


@fault((documents, "written"))
def drawing_never_ends(_written: object) -> object:
    """A document is never done, and stays at the third of seven steps."""

    def slowly(_form: str, _report: object, progress: Any) -> None:
        while True:
            progress(3, 7)
            time.sleep(0.02)

    return slowly


@fault((documents, "card_png"))
def card_drawn_by(_card_png: object, draw: object) -> object:
    """The card of a summary is drawn by this function."""
    return draw


@fault((documents, "trend_png"))
def trend_drawn_by(_trend_png: object, draw: object) -> object:
    """The trend is drawn by this function."""
    return draw


@fault((reading_process, "MAIN"))
def reading_does(main: str, costs: str) -> str:
    """The process that reads files sent back does this instead, within its limits."""
    limited = main.replace("import main; main(", "import _limit; _limit(")
    return limited + "\n" + str(costs).replace("{", "{{").replace("}", "}}")


@fault((file_use, "read_apart"))
def readings_counted_in(read_apart: Any, times: list[int]) -> object:
    """Each file that is read is noted here by its size."""

    def counted(body: bytes, name: str = "") -> object:
        times.append(len(body))
        return read_apart(body, name)

    return counted


@fault((returned_files, "changes"))
def meanwhile_as_files_are_compared(changes: Any, meanwhile: Callable[[], object]) -> object:
    """While the first edited file is compared with what is there, this happens."""
    told = [meanwhile]

    def compared(*args: Any) -> object:
        if told:
            told.pop()()
        return changes(*args)

    return compared


@fault((form_data._InMemory, "on_part_data"))  # noqa: SLF001
def uploads_counted_in(on_part_data: Any, sizes: list[int]) -> object:
    """Each piece of a file that is kept in memory is noted here by its size."""

    def counted(parser: Any, data: bytes, start: int, end: int) -> None:
        sizes.append(end - start)
        on_part_data(parser, data, start, end)

    return counted


@fault((export_drawing, "TEMPLATES"))
def templates_in(_folder: Path, folder: Path) -> Path:
    """What is drawn is laid out by the templates of this folder."""
    return folder


@fault((page_of_phrases, "fits"))
def passphrases_judged_by(_fits: object, fits: object) -> object:
    """Whether a passphrase is right is judged by this function."""
    return fits


@fault((MembershipService, "_is_first_code"), (MembershipService, "_opening"))
def look_together(is_first_code: Any, opening: Any, barrier: Any) -> tuple[object, object]:
    """All who bring a code or an invitation have looked whether it opens something before the first of them acts."""

    def looks(doors: MembershipService, tx: UnitOfWork, code: str) -> object:
        found = is_first_code(doors, tx, code)
        if found:
            barrier.wait(10)
        return found

    def finds(doors: MembershipService, tx: UnitOfWork, code: str) -> object:
        found = opening(doors, tx, code)
        if found is not None:
            barrier.wait(10)
        return found

    return looks, finds


@fault((GroupCardRepository, "group"))
def look_at_groups_together(group: Any, barrier: Any) -> object:
    """All who ask about a group that is not known have looked before the first of them acts."""

    def finds(tx: UnitOfWork, chat_id: int, *, write: bool = False) -> object:
        found = group(tx, chat_id, write=write)
        if found is None:
            barrier.wait(10)
        return found

    return finds


# Paces and limits


def _numbers(*places: tuple[ModuleType, str]) -> tuple[Attribute, ...]:
    """A number of the program, in each module that has it. TypeError when it is none."""
    found = tuple(attribute(*place) for place in places)
    for place in found:
        if not isinstance(place.value, int | float | timedelta):
            raise TypeError(f"{place.owner.__name__}.{place.name} is no number.")
    return found


# In seconds.
PACES = {
    "database_answer": _numbers((health, "DATABASE_SECONDS")),  # for the database to say that it is there
    "database_lock": _numbers((engines, "WAIT_SECONDS")),  # for another's lock
    "database_slow": _numbers((slow_notice, "SLOW_SECONDS")),  # until a person is told that it does not answer
    "database_slow_again": _numbers((slow_notice, "LOOK_SECONDS")),  # between two looks at who else waits for it
    "file_fetch": _numbers((file_fetcher, "FETCHING_SECONDS")),  # for Telegram to hand over a file
    "file_made": _numbers((uploads, "PATIENCE_SECONDS")),  # until a person is told that a file is being made
    "file_made_again": _numbers((uploads, "EVERY_SECONDS")),  # between two words on that
    "file_made_terminal": _numbers((terminal, "PATIENCE_SECONDS")),  # the same in the terminal
    "group_card": _numbers((group_presenter, "EVERY_SECONDS")),  # between two changes of a group's card
    "group_card_again": _numbers((group_presenter, "AGAIN_SECONDS")),  # until the next try when Telegram is away
    "page_heartbeat": _numbers((live_updates, "BEAT_SECONDS")),  # until a silent page hears that it is still connected
    "poll": _numbers((receivers, "POLL")),  # of one long poll
    "presses_kept": _numbers((client, "PRESSES_SECONDS")),  # that Telegram keeps the press of a button
    "reading": _numbers((reading_process, "WALL_SECONDS")),  # of the process that reads a file sent back
    "reminders": _numbers((reminder_sender, "EVERY_SECONDS")),  # between two looks at what is due
    "request_body": _numbers((connections, "BODY_SECONDS")),  # for all of a request's body to come
    "request_head": _numbers((connections, "HEAD_SECONDS")),  # for all of its head
    "telegram_silence": _numbers((http, "READ_SECONDS"), (client, "READ_SECONDS")),  # of silence on a connection
    "undeleted": _numbers((bot, "UNDELETED_SECONDS")),  # between two looks for what may not stay in a chat
    "webhook_retry": _numbers((bot, "GIVES_UP_SECONDS")),  # until Telegram is told to bring an update again
    "webhook_check": _numbers((receivers, "CHECKED_SECONDS")),  # between two looks whether Telegram knows the address
}
LIMITS = {
    "connections": _numbers((connections, "MOST")),  # that pages have open at once
    "events_known": _numbers((negotiations, "EVENTS_KEPT")),  # in memory, of the negotiations used last
    "events_collected": _numbers((negotiations, "LONG")),  # events in memory that the garbage collector still walks
    "events": _numbers((dialog_limits, "EVENTS")),  # of one negotiation
    "evidence": _numbers((dialog_limits, "EVIDENCE")),  # pieces behind one item
    "file_bytes": _numbers((http, "MOST_BYTES")),  # of a file at Telegram of which more is not read
    "file_bytes_in_flight": _numbers((file_fetcher, "IN_FLIGHT_BYTES")),  # of all files that are fetched at a time
    "files": _numbers((dialog_limits, "FILES")),  # bytes of all files of one negotiation
    "invitations": _numbers((dialog_limits, "INVITES")),  # open at a time
    "led": _numbers((dialog_limits, "LED")),  # negotiations that one person leads
    "reading_bytes": _numbers((reading_process, "MEMORY_BYTES")),  # of the process that reads a file sent back
    "reading_cpu_seconds": _numbers((reading_process, "CPU_SECONDS")),  # of the same
    "refusals_a_day": _numbers((security_log, "A_DAY")),  # rows of a day
    "rows": _numbers((dialog_limits, "ROWS")),  # of one table
    "states_kept": _numbers((diff, "STATES")),  # kept on the way while causes are looked for
    "updates_together": _numbers(
        (update_queue, "TOGETHER"), (webhook_queue, "TOGETHER")
    ),  # updates that share a transaction
    "upload_bytes": _numbers((presenter, "UPLOAD_BYTES")),  # bytes of a file that Telegram takes
}


def pace(**seconds: float) -> AbstractContextManager[None]:
    """Have some of the bot's paces be these for a while. LookupError when there is none of that name."""
    return _set(PACES, seconds)


def limits(**most: int) -> AbstractContextManager[None]:
    """Have some of the bot's limits be these for a while. LookupError when there is none of that name."""
    return _set(LIMITS, most)


@contextmanager
def _set(table: Mapping[str, tuple[Attribute, ...]], values: Mapping[str, float]) -> Iterator[None]:
    if unknown := values.keys() - table.keys():
        raise LookupError(f"There is no {', '.join(sorted(unknown))}. There are: {', '.join(sorted(table))}.")
    with ExitStack() as stack:
        for name, value in values.items():
            for place in table[name]:
                is_span = isinstance(place.value, timedelta)
                stack.enter_context(place.replaced(timedelta(seconds=value) if is_span else value))
        yield


def read_each_text_once() -> None:
    """No fault: read what ships once in this process, as hundreds of tests do, at a third of a second a file."""
    for name in "_read", "slips_in":
        read = attribute(yaml_reader, name)
        setattr(read.owner, read.name, lru_cache(maxsize=8)(read.value))


# For a whole test, and for a process of its own


@dataclass(frozen=True, slots=True)
class Hooks:
    """Faults, paces and limits that stay until the test has ended: what the fixture `faults` gives."""

    _stack: ExitStack

    def on(self, name: str, *given: Any) -> None:
        """Have a fault from now on."""
        self._stack.enter_context(on(name, *given))

    def pace(self, **seconds: float) -> None:
        """Have these paces from now on."""
        self._stack.enter_context(pace(**seconds))

    def limits(self, **most: int) -> None:
        """Have these limits from now on."""
        self._stack.enter_context(limits(**most))


@contextmanager
def applied(words: Iterable[str]) -> Iterator[None]:
    """Have what words name: a fault by its name, a pace or limit as `poll=1`."""
    with ExitStack() as stack:
        for word in words:
            name, is_number, value = word.partition("=")
            if not is_number:
                stack.enter_context(on(name))
            elif name in PACES:
                stack.enter_context(pace(**{name: float(value)}))
            else:
                stack.enter_context(limits(**{name: int(value)}))
        yield


def main() -> None:
    """Run a command of `readiness` with faults: their words, then `--`, then the command."""
    words = iter(sys.argv[1:])
    with applied(iter(words.__next__, "--")):
        sys.argv = ["readiness", *words]
        main_command()


if __name__ == "__main__":
    main()
