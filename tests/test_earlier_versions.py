"""What earlier versions left behind is understood as they meant it: databases, buttons, sessions, exports, backups.

`fixtures/cb11cc6` holds what that commit wrote, on both databases, and in ``expected.json`` what it said of it on a
fixed day; `fixtures/backups` holds a backup of each earlier schema. `fixtures/make.py` made them. They never change.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import io
import json
import re
import zipfile
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from alembic import command
from alembic.config import Config
from pypdf import PdfReader

from bot.application import maintenance
from bot.application.chats import says, wanted
from bot.application.documents import document
from bot.application.messages import IncomingReply
from bot.application.passphrases import PassphraseService, fits
from bot.application.turns import OLD_BUTTON
from bot.dialog.contract import DocumentRequest, TextReply
from bot.domain.access.need_to_know import hidden_from
from bot.domain.checklist import Checklist
from bot.domain.events import WaiverExpired
from bot.domain.history.trend import trend
from bot.domain.ownership import due
from bot.domain.readiness.readiness import gaps, readiness
from bot.domain.sign_off import sign_off as signed_off
from bot.domain.sign_off import standing, state_hash
from bot.exports.json.archive import load
from bot.exports.registry import blank
from bot.storage import StoreError, engines
from bot.storage.migrate import REVISIONS
from tests.api import AdminService, IncomingUpdate, ReminderService, UpdateHandler, open_store
from tests.browsers import served
from tests.edited import edited_csv, edited_excel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest_plugins = ["tests.conftest_store"]
pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parent / "fixtures"
LEFT = FIXTURES / "cb11cc6"
EXPECTED = json.loads((LEFT / "expected.json").read_text(encoding="utf-8"))
KEY = base64.b64decode((LEFT / "sample.key").read_bytes())
NOW = datetime.fromisoformat(EXPECTED["now"])
SOON = timedelta(minutes=6)  # after which what somebody was to be told, and was not, is told by another process
MESSAGE = 9000  # the number of everybody's live message
EARLIER = sorted(path.name for path in (FIXTURES / "backups").iterdir())
KIND = re.compile(r"\w+([>!]|\*\w+!)([^:~@]*)(?::[^@]*)?(?:@([^~]*))?.*")  # of a button: its act and its place


# --------------------------------------------------------------------------- how the present program is driven


class Undone(Exception):
    """Rolls a turn back once it was looked at."""


class Left:
    """What was left behind, opened by the present program: all that these tests know of its insides."""

    def __init__(self, url: str, now: datetime = NOW) -> None:
        """Open a database. Of checklists it has the own one alone: the others are read as they were kept."""
        self.url = url
        self.store = open_store(url, KEY)
        own = Checklist.model_validate(json.loads(kept("small.json"))["checklist"])
        self.desk = UpdateHandler(self.store, {own.id: own}, clock=lambda: now, link="https://t.me/sample_bot?start=")
        self.office = AdminService(self.desk)

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()

    def wrong(self, witness: str) -> list[str]:
        """What does not verify."""
        return maintenance.verify(self.store, self.desk.archive, witness)

    def numbers(self) -> dict[str, int]:
        """The number of all talks by their uids."""
        with self.store.inspecting() as tx:
            return {uid: number for number, uid, _ in tx.negotiations()}

    def talks(self, number: int) -> dict[str, Any]:
        """How talks stand on the fixed day."""
        on = NOW.date()
        with self.store.reading() as tx:
            n, line = self.desk.archive.load(tx, number), self.desk.archive.events(tx, number)
        ready, off, stand = readiness(n, on), signed_off(n, on), standing(n)
        tallies = trend(line, n.checklist, on).tallies
        return {
            "counterpart": n.counterpart,
            "checklist": n.checklist.digest,
            "verdict": ready.state,
            "raw": ready.raw,
            "days_left": ready.days_left,
            "settled": {one.section.id: [one.settled, one.total] for one in ready.sections},
            "gaps": [
                [
                    gap.key,
                    gap.severity,
                    digest(gap.says),
                    sorted(map(n.name, gap.owners)),
                    day(gap.due),
                    bool(gap.waiver),
                ]
                for gap in gaps(n, on)
            ],
            "due": {item.id: day(due(n, item)) for item in n.checklist.item.values() if due(n, item)},
            "state": state_hash(n),
            "signatures": [
                [n.name(given.by), given.verdict, given.words, given.state, given in stand] for given in n.signatures
            ],
            "signed": [len(off.signed), off.wanted, off.complete, [gap.key for gap in off.worse]],
            "waivers": {gap: [one.reason, day(one.until), n.name(one.by)] for gap, one in n.waivers.items()},
            "trend": [
                [day(tally.day), *([count.open, count.raw] for count in tally.counts)]
                for tally in (*tallies[::5], tallies[-1])
            ],
            "archived": n.archived,
            "shields": dict(n.shields),
            "events": len(line),
            "dissents": [given.words for given in off.dissents],
            "people": {member.name: member.role for member in n.here},
        }

    def people(self) -> dict[str, dict[str, Any]]:
        """Everybody by their ids: where they sit, and what is kept from them there."""
        uids = {number: uid for uid, number in self.numbers().items()}
        found = {}
        with self.store.reading() as tx:
            for row in tx.persons():
                seats = tx.seats_of(row.id)
                hidden = {uids[number]: hidden_from(self.desk.archive.load(tx, number), row.id) for number, _ in seats}
                found[row.id] = {
                    "name": row.name,
                    "telegram": row.telegram_id,
                    "lead": row.lead,
                    "seats": {uids[number]: role for number, role in seats},
                    "kept": {uid: sorted(sections) for uid, sections in hidden.items() if sections},
                }
        return found

    def shows(self, person: str, *, on_telegram: bool) -> tuple[int | None, str]:
        """In which talks somebody's chat stands, and the title of what it shows."""
        with self.store.reading() as tx:
            chat = tx.chat(person)
        assert chat is not None
        return chat.negotiation, self.desk.view(person, veiled=on_telegram).title

    def taps(self, person: str, account: int | None, packed: str, message: int) -> list[Any]:
        """What a button does, without doing it: “old”, “refused”, or where it leads and what changes with it."""
        if account is None:
            return self._tried(
                person, lambda: self.desk.reply_all((IncomingReply(person, None, packed),)), veiled=False
            )
        tap = IncomingUpdate(900_000, account, "Sample", None, message, packed)
        return self._tried(person, lambda: self.desk.hear(tap), veiled=True)

    def edits(self, person: str, account: int, message: int, text: str) -> list[Any]:
        """What it does to edit a message that gave an answer, without doing it."""
        edit = IncomingUpdate(900_000, account, "Sample", TextReply(text), message, edited=True)
        return self._tried(person, lambda: self.desk.hear(edit), veiled=True)

    def _tried(self, person: str, turn: Callable[[], object], *, veiled: bool) -> list[Any]:
        seen: list[Any] = []
        begun = type(self.store).transaction
        with self.store.inspecting() as tx:
            heads = {number: head for number, _, head in tx.negotiations()}
            before, wished = tx.chat(person), self._wishes(tx, person)
        assert before is not None

        @contextmanager
        def transaction() -> Iterator[Any]:
            with begun(self.store) as tx:
                yield tx
                seen.extend(self._came(tx, before, heads, veiled=veiled))
                if len(seen) > 1:
                    seen.append(self._wishes(tx, person) != wished)
                raise Undone

        self.store.transaction = transaction  # type: ignore[method-assign]
        try:
            turn()
        except Undone:
            return seen
        finally:
            del self.store.transaction  # type: ignore[method-assign]
        return ["refused"]

    def _came(self, tx: Any, before: Any, heads: dict[int, int], *, veiled: bool) -> list[Any]:
        chat = tx.chat(before.person)
        if chat.rev == before.rev:
            return ["refused"]
        if OLD_BUTTON in chat.aside:
            return ["old"]
        number = chat.negotiation
        context = self.desk._context(tx, tx.person(chat.person), number, veiled=veiled)  # noqa: SLF001 (a turn that is undone)
        about = before.negotiation if number is None else number
        line = self.desk.archive.events(tx, about, heads.get(about, 0)) if about else ()
        brings = [f"{paper.form} {paper.arg}".strip() for paper, asked in wanted(chat) if asked == chat.rev]
        elsewhere = number if number != before.negotiation else None
        done = [one.event.kind for one in line if not isinstance(one.event, WaiverExpired)]  # which time does
        return [says(chat, context).title, done, brings, elsewhere]

    def _wishes(self, tx: Any, person: str) -> list[Any]:
        """How somebody wants to be reminded, and which groups are to show which talks."""
        groups = [tx.group(int(group)) for group in EXPECTED["groups"]]
        return [tx.prefs(person), *((one.negotiation, one.gone) if one else None for one in groups)]

    def opens(self, secret: str) -> bool:
        """Whether an invitation opens anything."""
        with self.store.reading() as tx:
            return self.desk.doors.awaited(tx, secret) is not None

    def knows_phrase(self, person: str, words: str) -> bool:
        """Whether this is somebody's passphrase."""
        begun = PassphraseService(self.desk).begin(person)
        return begun.kept is not None and fits(words, begun.kept)

    def papers(self, person: str) -> list[str]:
        """The documents that somebody's chat waits for."""
        with self.store.reading() as tx:
            chat = tx.chat(person)
        return [f"{paper.form} {paper.arg}".strip() for paper, _ in wanted(chat)] if chat else []

    def groups(self, number: int) -> list[str]:
        """The groups that show these talks' card."""
        with self.store.reading() as tx:
            return [str(group.chat_id) for group in tx.groups_of(number)]

    def told(self) -> list[tuple[str, int, str]]:
        """Who is told something unasked now: person, talks, which."""
        reminding, found, more = ReminderService(self.desk), [], True
        while more:
            due_now, more = reminding.due()
            found += [(one.person, one.negotiation, key) for one in due_now for key in one.keys]
        return found

    def file(self, number: int, form: str, variant: str) -> bytes:
        """Talks as a file, as they stand on the fixed day."""
        with self.store.reading() as tx:
            n, line = self.desk.archive.load(tx, number), self.desk.archive.events(tx, number)
            return document(DocumentRequest(form, variant), n, line, tx.file, NOW, "Sample Maya").body

    def blank(self, form: str) -> bytes:
        """The own checklist as a blank form."""
        return blank(form, self.desk.checklists["small"])

    def whole(self, number: int) -> str:
        """Talks as complete JSON, without who takes them away."""
        return self.office.exported(number)

    def imports(self, text: str, **choice: str) -> int:
        """Take talks in; their number."""
        return self.office.imported(load(text), choice)

    def proposes(self, number: int, body: bytes) -> list[str]:
        """What a table that comes back would change."""
        return self.office.proposed(number, body)

    def restores(self, backup: Path) -> str:
        """Put a backup back; why not, empty when it is back."""
        try:
            maintenance.restore(self.store, backup)
        except StoreError as error:
            return str(error)
        return ""


def begin(url: str, revision: str) -> None:
    """Make a database's tables as they were at a schema."""
    writes, reads = engines.engines(url)
    with writes.begin() as connection:
        config = Config()
        config.set_main_option("script_location", REVISIONS)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    writes.dispose()
    reads.dispose()


def newest() -> str:
    """The schema of the present program."""
    from bot.storage.schema import REVISION

    return REVISION


@contextmanager
def pages(left: Left) -> Iterator[str]:
    """The address under which the pages of a database are served."""
    with served(database=left.url, key=KEY, clock=lambda: NOW, begun=False) as there:
        yield there.url


# --------------------------------------------------------------------------- what was left


def kept(name: str) -> str:
    """An exported file that is text."""
    return gzip.decompress((LEFT / "exports" / f"{name}.gz").read_bytes()).decode()


def put_back(url: str) -> None:
    """Put the database that was left at an address, of whichever kind that is."""
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True)
        path.write_bytes(gzip.decompress((LEFT / "readiness.db.gz").read_bytes()))
        return
    begin(url, EXPECTED["revision"])
    lines = iter(gzip.decompress((LEFT / "postgresql.copy.gz").read_bytes()).splitlines(keepends=True))
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for line in lines:
            if line.startswith(b"COPY "):
                with cursor.copy(line.decode().rstrip(";\n")) as copy:
                    for row in iter(lambda: next(lines), b"\\.\n"):
                        copy.write(row)


def digest(words: str) -> str:
    """What tells texts apart."""
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def day(on: object) -> str | None:
    """A day as JSON has it."""
    return str(on) if on else None


def lasting(talks: dict[str, Any]) -> dict[str, Any]:
    """How talks stand, without the words of rules that every checklist has: our own, which may be reworded."""
    found = [[key, *rest] for key, *rest in talks["gaps"]]
    return {**talks, "gaps": [[key, one, "" if "/_" in key else words, *rest] for key, one, words, *rest in found]}


def alike(talks: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What is known of talks in both."""
    return {name: talks[name] for name in sorted(talks.keys() & other.keys())}


def read(form: str, body: bytes) -> str:
    """What a reader of a file gets, without what only sets words apart."""
    match form:
        case "pdf":
            words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
        case "word" | "excel":
            with zipfile.ZipFile(io.BytesIO(body)) as file:
                parts = [file.read(name).decode() for name in file.namelist() if name.endswith(".xml")]
            words = html.unescape(re.sub("<[^>]*>", "", "".join(parts)))
        case "csv":
            with zipfile.ZipFile(io.BytesIO(body)) as file:
                words = "".join(file.read(name).decode() for name in file.namelist())
        case "html":
            words = html.unescape(re.sub("<[^>]*>", "", body.decode()))
        case _:
            words = body.decode().replace("\r\n ", "")
    return flat(words)


def once(form: str, name: str) -> str:
    """What a reader got of a file that was left; of some only its words were kept."""
    path = LEFT / "exports" / name
    if path.exists():
        return read(form, path.read_bytes())
    return flat(kept(f"{name}.txt")) if form in {"pdf", "word"} else read(form, kept(name).encode())


def flat(words: str) -> str:
    """Words without blanks and escapes, which formats set as they need."""
    return re.sub(r"[\s\\\u00ad\u200b*`]", "", words)


def person(name: str) -> str:
    """The id of somebody by their short name."""
    found: str = EXPECTED["people"][name]["id"]
    return found


def account(name: str) -> int | None:
    """Somebody's Telegram account; None for who reads pages alone."""
    found: int | None = EXPECTED["people"][name]["telegram"]
    return found


def number(talks: str) -> int:
    """The number of talks by their short name."""
    found: int = EXPECTED["negotiations"][talks]["number"]
    return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def left(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    """The database that was left, opened by the present program; one for all tests that only look."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('left')}/data/readiness.db"
    else:
        server = request.getfixturevalue("postgres")
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute('CREATE DATABASE "left_behind"')
        url = server.replace("/postgres?", "/left_behind?")
    put_back(url)
    opened = Left(url)
    yield opened
    opened.close()


@pytest.fixture
def own(url: str) -> str:
    """The address of a database that was left, for a test alone."""
    put_back(url)
    return url


# --------------------------------------------------------------------------- the database


def test_all_that_was_kept_verifies_also_against_its_witness(left: Left) -> None:
    assert left.wrong(EXPECTED["witness"]) == []


@pytest.mark.parametrize("talks", EXPECTED["negotiations"])
def test_talks_stand_as_they_stood(left: Left, talks: str) -> None:
    """Verdicts, gaps, due days, settled items, state, signatures, waivers and trend are those of then."""
    then = lasting(EXPECTED["negotiations"][talks])
    now = lasting(left.talks(left.numbers()[then["uid"]]))
    assert alike(now, then) == alike(then, now)
    assert now["events"] == then["head"][0]


def test_nobody_knows_more_or_less_than_they_did(left: Left) -> None:
    """Names, accounts, roles, and the sections that are kept from each."""
    uids = {name: talks["uid"] for name, talks in EXPECTED["negotiations"].items()}
    then = {
        one["id"]: {
            **{name: one[name] for name in ("name", "telegram", "lead")},
            **{part: {uids[talks]: value for talks, value in one[part].items()} for part in ("seats", "kept")},
        }
        for one in EXPECTED["people"].values()
    }
    assert left.people() == then


def test_every_chat_stands_where_it_stood(left: Left) -> None:
    """There is one at every place of the dialog, of leads, members and observers, on Telegram and on pages."""
    now = {name: left.shows(person(name), on_telegram=account(name) is not None) for name in EXPECTED["chats"]}
    then = {name: (number(talks) if talks else None, title) for name, (talks, _, title) in EXPECTED["chats"].items()}
    then["member at Wy"] = now["member at Wy"]  # the shortest way, from which such a member was thrown home
    assert "Shortest way" in str(now["member at Wy"])
    assert {name: now[name] for name in now if now[name] != then[name]} == {}


def test_every_old_button_means_what_it_said(left: Left) -> None:
    """It leads there, records and brings that; what was answered as old still is, and what was refused is refused.

    Where that would void a signature, or give partners everything, it is asked first today.
    On PostgreSQL one of each kind is tapped: the database changes how things are kept, not what buttons mean.
    """
    buttons = EXPECTED["buttons"]
    if left.url.startswith("postgresql"):
        buttons = {KIND.sub(r"\1\2@\3", packed): button for button in buttons for packed in button[2:3]}.values()
    changed = {}
    for name, label, packed, message, then in buttons:
        now = left.taps(person(name), account(name), packed, message or MESSAGE)
        asked = (
            then[1:2] != [[]] and now[1:] == [[], [], None, False] and now[0].startswith(("Sign-off", "For partners"))
        )
        mended = label == "Shortest way" and now[0].startswith("Shortest way")  # it led home without a word
        if now != then and not asked and not mended:
            changed[f"{name}: [{label}] {packed}"] = (now, then)
    assert changed == {}


def test_an_edit_of_an_old_message_amends_the_answer_it_gave(left: Left) -> None:
    for edit in EXPECTED["edits"]:
        name = edit["person"]
        _, events, *_ = left.edits(person(name), account(name) or 0, edit["message"], edit["typed"])
        assert events == edit["events"]


def test_an_open_invitation_opens_and_a_used_one_does_not(left: Left) -> None:
    assert left.opens(EXPECTED["invitations"]["open"])
    assert not left.opens(EXPECTED["invitations"]["used"])


def test_chats_wait_for_their_documents_and_groups_for_their_cards(left: Left) -> None:
    assert {name: left.papers(person(name)) for name in EXPECTED["papers"]} == EXPECTED["papers"]
    for group, talks in EXPECTED["groups"].items():
        assert talks is None or group in left.groups(number(talks))


def test_what_was_refused_is_still_told(left: Left) -> None:
    assert left.office.audited() == EXPECTED["audit"]


def test_what_nobody_was_told_is_told_and_nothing_is_told_twice(own: str) -> None:
    later = Left(own, NOW + SOON)
    unsent = [(person(one["person"]), number(one["talks"]), key) for one in EXPECTED["unsent"] for key in one["keys"]]
    assert sorted(later.told()) == sorted(unsent)
    later.close()


@pytest.mark.parametrize("session", EXPECTED["sessions"], ids=lambda one: one["person"])
def test_a_browser_that_was_signed_in_still_is(left: Left, session: dict[str, str]) -> None:
    """And where it had entered a passphrase, it has; whoever has no such session stands at the door."""
    with pages(left) as url:
        page = f"{url}/chat/{person(session['person'])}"
        assert httpx.get(page, cookies={"readiness": session["token"]}).status_code == httpx.codes.OK
        assert httpx.get(page, cookies={"readiness": f"{session['token']}x"}).status_code == httpx.codes.UNAUTHORIZED


def test_a_passphrase_that_was_chosen_still_fits(own: str) -> None:
    left = Left(own)
    chosen = next(one for one in EXPECTED["sessions"] if one["passphrase"])
    assert left.knows_phrase(person(chosen["person"]), chosen["passphrase"])
    assert not left.knows_phrase(person(chosen["person"]), "another sample passphrase")
    left.close()


# --------------------------------------------------------------------------- exports


@pytest.mark.parametrize("talks", ["small", "space", "bilateral"])
def test_talks_that_were_exported_complete_come_in_and_go_out_the_same(url: str, talks: str) -> None:
    """Nothing is lost: the file is the same again but for who took it, and the talks stand as they stood."""
    there = Left(url)
    text = kept(f"{talks}.json")
    taken_in = there.imports(text)
    then = json.loads(text)
    del then["exported"]
    assert json.loads(there.whole(taken_in)) == then
    stood, stands = lasting(EXPECTED["negotiations"][talks]), lasting(there.talks(taken_in))
    assert alike(stands, stood) == alike(stood, stands)
    there.close()


@pytest.mark.parametrize("name", ["small.zip", "small.xlsx", "space.zip", "bilateral.zip"])
def test_tables_that_were_exported_come_back_as_no_change(left: Left, name: str) -> None:
    body = (LEFT / "exports" / name).read_bytes()
    assert left.proposes(number(name.partition(".")[0]), body) == []


@pytest.mark.parametrize("name", ["small.zip", "small.xlsx"])
def test_what_was_typed_into_a_table_that_was_exported_comes_back(left: Left, name: str) -> None:
    body, edits = (LEFT / "exports" / name).read_bytes(), {("items", "budget", "answer"): "99"}
    edits[("table-goals", "r1", "goal")] = "A sample goal that was edited"
    edited = edited_excel(body, edits) if name.endswith("xlsx") else edited_csv(body, edits)
    proposed = left.proposes(number("small"), edited)
    assert ["99" in proposed[0], "A sample goal that was edited" in proposed[1]] == [True, True]
    assert len(proposed) == len(edits)


@pytest.mark.parametrize("name", EXPECTED["exports"])
def test_whoever_read_a_file_reads_the_same_in_it_today(left: Left, name: str) -> None:
    """What was told is told; what was kept from partners is kept from them."""
    then = EXPECTED["exports"][name]
    form, variant = then["form"], "partner" if "-partner" in name else ""
    body = left.blank(form) if name.startswith("blank") else left.file(number("small"), form, variant)
    for words in (once(form, name), read(form, body)):
        assert [fact for fact in then["tells"] if flat(fact) not in words] == []
        assert [fact for fact in then["keeps"] if flat(fact) in words] == []


@pytest.mark.parametrize("name", ["small.ics", "small-partner.ics"])
def test_a_calendar_that_was_imported_is_updated_and_not_doubled(left: Left, name: str) -> None:
    """Its entries are known by the same names."""
    now = left.file(number("small"), "calendar", "partner" if "-partner" in name else "").decode()
    assert re.findall(r"^UID:.*", now, re.MULTILINE) == re.findall(r"^UID:.*", kept(name), re.MULTILINE) != []


# --------------------------------------------------------------------------- backups


def test_a_backup_restores_to_all_that_was_backed_up(left: Left, tmp_path: Path) -> None:
    there = Left(f"sqlite:///{tmp_path}/restored.db")
    assert there.restores(LEFT / "backup") == ""
    assert there.wrong(EXPECTED["witness"]) == []
    assert there.people() == left.people()
    for talks in EXPECTED["negotiations"]:
        assert there.talks(number(talks)) == left.talks(number(talks))
        assert there.whole(number(talks)) == left.whole(number(talks))
    for name in EXPECTED["chats"]:
        on_telegram = account(name) is not None
        assert there.shows(person(name), on_telegram=on_telegram) == left.shows(person(name), on_telegram=on_telegram)
    there.close()


def test_a_backup_restores_onto_an_empty_database_of_either_kind(url: str) -> None:
    there = Left(url)
    assert there.restores(LEFT / "backup") == ""
    assert there.wrong(EXPECTED["witness"]) == []
    there.close()


@pytest.mark.parametrize("revision", EARLIER)
def test_a_backup_of_an_earlier_schema_is_restored_and_brought_up_to_date(url: str, revision: str) -> None:
    assert restored(url, revision) == ""


def restored(url: str, revision: str) -> str:
    """What became of an earlier backup: why it was refused; empty when all is as it was backed up."""
    there = Left(url)
    folder = FIXTURES / "backups" / revision
    then = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    try:
        if refused := there.restores(folder / "backup"):
            return refused
        assert there.wrong("") == []
        now = there.talks(there.numbers()[then["uid"]])
        now["gaps"] = [[key, severity, words, on, waived] for key, severity, words, _, on, waived in now["gaps"]]
        now, then = lasting(now), lasting(then)
        assert alike(now, then) == alike(then, now)
    finally:
        there.close()
    return ""
