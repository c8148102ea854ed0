"""End to end: the bot's own process against the Bot API double, killed in the middle, with nothing lost."""

from __future__ import annotations

import asyncio
import json
import random
import re
import signal
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.dialog.callback_data import stored
from bot.dialog.refusals import REFUSED
from bot.dialog.screens.evidence import ItemEvidence
from bot.telegram.formatting import cut
from tests.api import Chat, of_process
from tests.e2e import SOON, TOKEN, command, environment, kennel, serving, taps, types
from tests.telegram_double import Broken, Flood, Reset, TelegramDouble
from tests.telegram_double.faults import Silent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.telegram_double import Person, Screen

pytest_plugins = ["tests.conftest_store"]
pytestmark = pytest.mark.slow

PATIENT = 100.0  # seconds; on a busy machine process after process may be killed before it can show an answer
ENOUGH = 5  # answers typed by each, however slow the machine: else nothing was tried
KILLS = {"sqlite": 50, "postgresql": 10}
TALKS_ON = datetime.now(UTC).date() + timedelta(days=120)
WORKERS, CLERKS = ("Maya", "Omar", "Lina"), ("Ines", "Jin")
TABLES = {"Maya": "goals", "Omar": "goals", "Lina": "linkages"}
SHARING = ("Maya", "Omar", *CLERKS)  # one table, and the evidence of one item
FIRST_FIELD = {"goals": "goal", "linkages": "relation"}
CHOICE = {"goals": ("Must have", "want"), "linkages": ("Better", "effect")}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """DATABASE_URL of each kind; empty means SQLite in the data folder."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres_database"))


@pytest.fixture
async def double() -> AsyncIterator[TelegramDouble]:
    async with TelegramDouble(token=TOKEN) as started:
        yield started


# A whole negotiation


@pytest.mark.prove
async def test_three_people_prepare_their_talks(double: TelegramDouble, tmp_path: Path, database: str):
    """From the first code to the exported file, and nobody else gets in."""
    env = environment(double, tmp_path, database, LOG_LEVEL="DEBUG")
    maya, omar, lina = (double.person(number, name) for number, name in enumerate(WORKERS, start=501))
    stranger = double.person(599, "Stranger")
    async with serving(env, tmp_path) as bot:
        code = re.search(r"/start (\S+) to @", await bot.says("Nobody leads yet"))
        assert code is not None
        refused = await types(stranger, "hello", "its own delegations only")
        await _open(maya, code[1])
        await types(stranger, f"/start {code[1]}", refused.text)
        for person in (omar, lina):
            secret = await _invite(maya)
            await types(person, f"/start {secret}", "Talks with China")
        await stranger.type(f"/start {secret}")
        await _walk(omar)
        await _rows(lina)
        await _first_pass(lina)
        await _evidence(omar)
        await _waive(maya)
        markdown, exported = await _take_away(maya)
        assert await bot.stop() == 0
    assert "Orbit data, typed in one message" in markdown
    assert len(stranger.messages) == len([one for one in stranger.messages if one.text == refused.text]) == 3
    assert TOKEN not in bot.said
    assert TOKEN.partition(":")[2] not in bot.said
    number, again = await command(env, tmp_path, "export", "1")
    assert (number, _lasting(json.loads(again))) == (0, _lasting(exported))
    assert "Traceback" not in bot.said
    await _comes_back_in(double, tmp_path, again)


async def _open(maya: Person, code: str) -> None:
    await types(maya, f"/start {code}", "You belong to no negotiation")
    await taps(maya, "Open a negotiation", "which checklist")
    await taps(maya, "China", "with whom will you talk")
    await taps(maya, "China", "What are the talks about")
    await taps(maya, "civil space", "On which day")
    await types(maya, TALKS_ON.isoformat(), "Open this negotiation?")
    await taps(maya, "Open it", "you lead it")


async def _invite(maya: Person) -> str:
    await types(maya, "/team", "Maya, lead (you)")
    shown = await taps(maya, "Invite a member", "Send this link to one person")
    secret = re.search(r"https://t\.me/readiness_bot\?start=(\S+)", shown.text)
    assert secret is not None
    await taps(maya, "Done", "The delegation")
    return secret[1]


async def _walk(omar: Person) -> None:
    await types(omar, "/sections", "Settled items")
    await taps(omar, "Limit expectations", "settled · ⛔ blocker")
    await taps(omar, "Crewed flight", "Crewed flight")
    await taps(omar, "Why", "Why: Crewed flight")
    await taps(omar, "Back", "Limit expectations · ")
    await types(omar, "perhaps", "Not recorded.")
    await types(omar, "no", "Recorded: No")
    await taps(omar, "Undo", "Taken back.")
    await taps(omar, "Yes", "Recorded: Yes")
    await omar.type("one that nobody asked for, to be corrected by an edit")
    await types(omar, "/summary", "Worst first:")


async def _rows(lina: Person) -> None:
    await types(lina, "/sections", "Settled items")
    await taps(lina, "Demand transparency", "settled · ⛔ blocker")
    await taps(lina, "Our goals", "No rows yet")
    await taps(lina, "Add a row", "new row")
    await types(lina, "See who approves budgets", "Recorded: See who approves budgets")
    await lina.edit("See who approves the budget")
    await lina.expect("Your edited message counts", SOON)
    await taps(lina, "Must have", "Recorded: Must have")
    await taps(lina, "Back to the table", "1 row.")
    await types(lina, "Goal: Orbit data, typed in one message\nMust or want: want\nRank: 2", "Is this right?")
    await taps(lina, "Record 1 row", "Recorded 1 row.")
    await taps(lina, "Back to the table", "2 rows.")
    await types(lina, "Pasted & <b>bold</b>\twant\t3\nPasted too\tmust\t4", "Is this right?")
    await taps(lina, "Record 2 rows", "4 rows.")


async def _first_pass(lina: Person) -> None:
    await types(lina, "/sections", "Settled items")
    await taps(lina, "Consult allies", "settled · ⛔ blocker")
    await taps(lina, "First pass", "1 of 3")
    await taps(lina, "In hand", "2 of 3")
    await taps(lina, "Partly", "3 of 3")
    await taps(lina, "Unknown", "unknown")


async def _evidence(omar: Person) -> None:
    letter = b"%PDF-1.7\n" + bytes(range(256)) * 40
    await types(omar, "/sections", "Settled items")
    await taps(omar, "Authority and decision", "settled · ⛔ blocker")
    await taps(omar, "Our mandate", "Our mandate")
    await omar.send_file("letter of mandate.pdf", letter, "application/pdf")
    await omar.expect("Added as evidence: letter of mandate.pdf", SOON)
    await taps(omar, "Evidence (1)", "Send a file, a link")
    await taps(omar, "letter of mandate.pdf", "10 KiB")
    await omar.tap("Send me the file")
    await _until(lambda: len(omar.documents) == 1)
    assert (omar.documents[0].name, omar.documents[0].data) == ("letter of mandate.pdf", letter)
    await omar.expect("10 KiB", SOON)


async def _waive(maya: Person) -> None:
    await types(maya, "/summary", "Worst first:")
    assert maya.pictures[-1].data.startswith(b"\x89PNG")
    assert maya.pictures[-1].caption.startswith("Readiness for talks with China")
    await maya.tap("Trend")
    await _until(lambda: len(maya.pictures) == 2)
    await maya.expect("Worst first:", SOON)
    await taps(maya, "Gaps (", "Gaps · 1–6 of")
    await taps(maya, "2", "How to mend it")
    await taps(maya, "Waive…", "Why may we go in without it?")
    await types(maya, "The letter is signed and arrives on Monday.", "Until when does this hold?")
    await taps(maya, "Until the talks", "in the name of Maya")


async def _take_away(maya: Person) -> tuple[str, dict[str, Any]]:
    await types(maya, "/take", "Markdown, to read")
    await maya.tap("Markdown, to read")
    await _until(lambda: len(maya.documents) == 1)
    await maya.expect("Take away: China", SOON)
    await maya.tap("JSON, complete")
    await _until(lambda: len(maya.documents) == 2)
    await maya.expect("Take away: China", SOON)
    markdown, exported = maya.documents
    assert markdown.name.endswith(".md")
    assert exported.name.endswith(".json")
    return markdown.data.decode(), json.loads(exported.data)


async def _comes_back_in(double: TelegramDouble, tmp_path: Path, exported: str) -> None:
    """Import into an empty database elsewhere, and export the same again."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "talks.json").write_text(exported, encoding="utf-8")
    env = environment(double, elsewhere)
    number, said = await command(env, elsewhere, "import", "talks.json")
    assert number == 0, said
    assert "of the file gets a seat as lead, as somebody new." in said
    assert (await command(env, elsewhere, "link", "Maya"))[1].startswith("/start ")
    number, again = await command(env, elsewhere, "export", "1")
    assert (number, _lasting(json.loads(again))) == (0, _lasting(json.loads(exported)))


def _lasting(exported: dict[str, Any]) -> dict[str, Any]:
    """What an export says, apart from when it was made."""
    return {key: value for key, value in exported.items() if key != "exported"}


async def test_in_a_group_the_bot_says_nothing_of_content_and_the_removed_see_nothing(
    double: TelegramDouble, tmp_path: Path
):
    """A group is pointed to the private chat, once; who is removed is shown nothing more."""
    people = _opened(double, tmp_path, "", WORKERS)
    group = double.group(-100, "Delegation")
    async with serving(environment(double, tmp_path), tmp_path):
        await people["Omar"].type("what are our red lines?", group=group)
        await people["Omar"].type("/summary@readiness_bot", group=group)
        nudged = await group.expect(REFUSED, SOON)
        await people["Omar"].type("/gaps@readiness_bot", group=group)
        before = await types(people["Lina"], "/summary", "Worst first:")
        await types(people["Maya"], "/team", "The delegation")
        await taps(people["Maya"], "Lina…", "A member of this delegation.")
        await taps(people["Maya"], "Remove…", "Remove Lina from the delegation?")
        await taps(people["Maya"], "Remove", "Lina was removed.")
        old_button = next(label for label in before.labels if label.startswith("Gaps"))
        await people["Lina"].tap(old_button, screen=before)
        await people["Lina"].expect(REFUSED, SOON)
        assert (await types(people["Lina"], "/gaps", REFUSED)).labels == []
    assert [one.text for one in group.messages] == [nudged.text]
    assert "China" not in nudged.text


async def test_a_file_sent_where_evidence_is_asked_for_is_kept(double: TelegramDouble, tmp_path: Path):
    """Where the screen says "send a file", a file is taken."""
    people = _opened(double, tmp_path, "", CLERKS)
    ines = people["Ines"]
    async with serving(environment(double, tmp_path), tmp_path):
        await ines.send_file("note.txt", b"a sample", "text/plain")
        await ines.expect("Added as evidence: note.txt", SOON)


# Killed in the middle


@dataclass
class Day:
    """What was said to the bot while it was being killed, in order, by person."""

    typed: dict[str, list[str]] = field(default_factory=dict)
    gone_home: set[str] = field(default_factory=set)
    over: asyncio.Event = field(default_factory=asyncio.Event)


@pytest.mark.prove
async def test_nothing_said_is_lost_or_recorded_twice_while_the_bot_is_killed(
    double: TelegramDouble, tmp_path: Path, database: str
):
    """However often the bot is killed, every answer typed is recorded exactly once and every chat goes on."""
    people = _opened(double, tmp_path, database, (*WORKERS, *CLERKS))
    env = environment(double, tmp_path, database)
    day, chance = Day(), random.Random(20270315)  # noqa: S311 (a test must repeat)
    async with kennel(env, tmp_path) as den, _at_work(people, day):
        for _ in range(KILLS["postgresql" if database else "sqlite"]):
            await den.start()
            await _some_time(double, chance)
            assert await den.end() == signal.SIGKILL
        await den.start()
        await _until(lambda: min(map(len, day.typed.values())) >= ENOUGH, seconds=60)
        day.over.set()
        await _until(lambda: day.gone_home == set(people), seconds=PATIENT)  # each ends what they began
        await _until(lambda: not len(double.world.inbox), seconds=60)
        await _wait_for(people, tmp_path, database)
        assert await den.end(signal.SIGTERM) == 0
    number, exported = await command(env, tmp_path, "export", "1")
    assert number == 0, exported
    recorded = _recorded(json.loads(exported))
    ids = {name: _person_ids(tmp_path, database)[name] for name in people}
    assert {name: day.typed[name] for name in people} == {name: recorded.get(ids[name], []) for name in people}
    _each_row_was_chosen_once(json.loads(exported))


@pytest.mark.prove
@pytest.mark.parametrize(("bugs", "repeats"), [(("send_anew",), True), ((), False)], ids=["sent anew", "ours"])
async def test_what_telegram_took_from_a_killed_bot_is_not_sent_again(
    double: TelegramDouble, tmp_path: Path, database: str, bugs: tuple[str, ...], *, repeats: bool
):
    """Five people have their answers, and the bot is killed before Telegram says so: each stays the one answer.

    The control sends all five again.
    """
    people = _opened(double, tmp_path, database, (*WORKERS, *CLERKS))
    async with kennel(environment(double, tmp_path, database), tmp_path, *bugs) as den:
        await den.start()
        await _answered_unheard(double, people)
        assert await den.end() == signal.SIGKILL
        await den.start()
        assert await _sent_again(double, people, tmp_path, database) == (len(people) if repeats else 0)
        assert await den.end(signal.SIGTERM) == 0


async def _answered_unheard(double: TelegramDouble, people: dict[str, Person]) -> None:
    """Let each see the answer to what they typed, while Telegram has not told the bot that it took it."""
    for person in people.values():
        await types(person, "/sections", "Settled items")
    double.faults.fail_next(Silent(SOON, done=True), "sendMessage", times=len(people))
    for person in people.values():
        await person.type("/gaps")
    for person in people.values():
        await person.expect("Gaps · 1–6", SOON)


async def _sent_again(double: TelegramDouble, people: dict[str, Person], tmp_path: Path, database: str) -> int:
    """How many messages are sent until every phone shows where its person stands, once and with buttons there alone."""
    before = len(double.world.sent)
    await _wait_for(people, tmp_path, database)
    again = len(double.world.sent) - before
    await _until(lambda: again or not any(one.labels for each in people.values() for one in each.messages[:-1]))
    return again


@pytest.mark.prove
@pytest.mark.parametrize(("bugs", "loses"), [(("acknowledge_first",), True), ((), False)], ids=["too early", "ours"])
async def test_a_bot_that_acknowledges_before_it_commits_is_found_out(
    double: TelegramDouble, tmp_path: Path, bugs: tuple[str, ...], *, loses: bool
):
    """The control: killed as soon as all is acknowledged, such a bot has lost answers, and ours has none."""
    people = _opened(double, tmp_path, "", CLERKS)
    ids, env, lost = _person_ids(tmp_path, ""), environment(double, tmp_path), 0
    async with kennel(env, tmp_path, *bugs) as den:
        for kill in range(5):
            typed = {name: [f"note {name} {kill}.{n}" for n in range(40)] for name in people}
            for name, texts in typed.items():
                for text in texts:
                    await people[name].type(text)
            await den.start()
            await _until(lambda: not len(double.world.inbox))
            await den.end()
            recorded = _recorded(json.loads((await command(env, tmp_path, "export", "1"))[1]))
            lost += sum(len(set(texts) - set(recorded.get(ids[name], []))) for name, texts in typed.items())
            if lost:
                break
    assert loses == (lost > 0)


@pytest.mark.prove
async def test_a_document_comes_once_although_the_bot_is_killed_while_it_is_made(
    double: TelegramDouble, tmp_path: Path, database: str
):
    """By itself after the next start, recorded once for each asking; and it can be asked for again."""
    people = _opened(double, tmp_path, database, ("Maya", "Omar"))
    maya, env = people["Maya"], environment(double, tmp_path, database)
    menu = await _killed_while_drawing(people, tmp_path, env, times=2)
    async with kennel(env, tmp_path) as den:
        await den.start()
        await _until(lambda: maya.documents, seconds=PATIENT)
        await maya.expect("Taken away as PDF.", PATIENT)
        await types(maya, "/sections", "Settled items")
        assert len(maya.documents) == 1
        await maya.tap("PDF, to carry", screen=menu)
        await _until(lambda: len(maya.documents) == 2, seconds=PATIENT)
        await maya.expect("Taken away as PDF.", PATIENT)
        assert await den.end(signal.SIGTERM) == 0
    assert all(one.data.startswith(b"%PDF-") for one in maya.documents)
    number, said = await command(env, tmp_path, "export", "1")
    assert number == 0, said
    assert [one["event"]["kind"] for one in json.loads(said)["events"]].count("exported") == 2


@pytest.mark.prove
async def test_a_bot_that_forgets_what_was_asked_for_is_found_out(double: TelegramDouble, tmp_path: Path):
    """The control: such a bot brings nothing after it was killed."""
    people = _opened(double, tmp_path, "", ("Maya", "Omar"))
    env = environment(double, tmp_path)
    await _killed_while_drawing(people, tmp_path, env, times=1)
    async with kennel(env, tmp_path, "forget_requests") as den:
        await den.start()
        await types(people["Maya"], "/sections", "Settled items", within=PATIENT)
        assert people["Maya"].documents == []


async def _killed_while_drawing(people: dict[str, Person], tmp_path: Path, env: dict[str, str], times: int) -> Screen:
    """Maya asks for a PDF, and each bot is killed while it draws it and answers Omar; the menu she tapped."""
    maya = people["Maya"]
    async with kennel(env, tmp_path, "drawing_never_ends") as den:
        for nth in range(times):
            await den.start()
            if not nth:
                menu = await types(maya, "/take", "PDF, to carry", within=PATIENT)
                await maya.tap("PDF, to carry")
            await _until(lambda: sum("drawing 3 of 7…" in one.text for one in maya.messages) > nth, seconds=PATIENT)  # noqa: B023 (called within the loop)
            await types(people["Omar"], "/sections", "Settled items")
            assert await den.end() == signal.SIGKILL
    assert maya.documents == []
    return menu


def _opened(double: TelegramDouble, tmp_path: Path, database: str, names: tuple[str, ...]) -> dict[str, Person]:
    """A negotiation that these people already belong to, the first as its lead; each stands where they work."""
    (tmp_path / "data").mkdir()
    members = [f"{name} member" for name in names[1:]]
    with of_process(tmp_path, database) as there:
        there.opens("us-china-space", f"{names[0]} lead", *members, subject="orbits", talks_on=TALKS_ON)
        people = {name: double.person(there.telegram[name], name) for name in names}
        for name, person in people.items():
            double.world.chat(person.id, "private", name).open = True
            if name in CLERKS:
                there.chat(name).is_left(place=stored(ItemEvidence("promises")))
    return people


@asynccontextmanager
async def _at_work(people: dict[str, Person], day: Day) -> AsyncIterator[None]:
    """Let everybody work until the day is over; whatever keeps one from it fails the test."""
    async with asyncio.TaskGroup() as group:
        for name, person in people.items():
            day.typed[name] = []
            group.create_task(_clerk(name, person, day) if name in CLERKS else _worker(name, person, day))
        yield


async def _worker(name: str, person: Person, day: Day) -> None:
    """Add rows one after the other: a typed name, a tapped choice, back, again."""
    table = TABLES[name]
    chance = random.Random(name)  # noqa: S311 (a test must repeat)
    await types(person, "/sections", "Settled items", within=PATIENT)
    await taps(person, "Demand" if table == "goals" else "Consult", "settled · ⛔ blocker", within=PATIENT)
    await taps(
        person, "Our goals" if table == "goals" else "Wider effects", "Add a row with the button", within=PATIENT
    )
    while not day.over.is_set():
        await taps(person, "Add a row", "new row", within=PATIENT)
        text = f"row {len(day.typed[name])} of {name}"
        day.typed[name].append(text)
        await types(person, text, f"Recorded: {text}", within=PATIENT)
        await taps(person, CHOICE[table][0], f"Recorded: {CHOICE[table][0]}", within=PATIENT)
        await taps(person, "Back to the table", "Add a row with the button", within=PATIENT)
        await asyncio.sleep(chance.random() / 50)
    day.gone_home.add(name)


async def _clerk(name: str, person: Person, day: Day) -> None:
    """Send references in bursts, without waiting for the bot within one."""
    chance = random.Random(name)  # noqa: S311 (a test must repeat)
    while not day.over.is_set():
        for _ in range(chance.randint(1, 6)):
            day.typed[name].append(f"note {len(day.typed[name])} of {name}")
            await person.type(day.typed[name][-1])
        await person.expect(day.typed[name][-1], PATIENT)
        await asyncio.sleep(chance.random() / 20)
    day.gone_home.add(name)


async def _some_time(double: TelegramDouble, chance: random.Random) -> None:
    """Let the bot run for a random while: often until it works, sometimes not even that."""
    if chance.random() < 0.2:
        await asyncio.sleep(chance.random() * 0.3)
        return
    confirmed = double.world.inbox.confirmed
    await _until(lambda: double.world.inbox.confirmed > confirmed, seconds=60)
    await asyncio.sleep(chance.random() * 0.3)


async def _wait_for(people: dict[str, Person], tmp_path: Path, database: str) -> None:
    """Wait until every phone shows where the database says its person stands."""
    with of_process(tmp_path, database) as there:
        for name, person in people.items():
            await _until(lambda: _shows(there.chat(name), person, sharing=name in SHARING))  # noqa: B023 (called within the loop)


def _shows(chat: Chat, person: Person, *, sharing: bool) -> bool:
    if chat.shown_in is None or chat.shown_in != person.screen.message_id:
        return False
    said = chat.screen
    if sharing:  # what a colleague adds later is seen at the next look, so the place is compared, and what was told
        return person.screen.text.startswith(f"{said.title}\n\n{chat.told}".rstrip())
    whole = cut(f"{said.title}\n\n{said.text}".rstrip(), 4096)
    return person.screen.labels == said.labels and person.screen.text == whole


def _person_ids(tmp_path: Path, database: str) -> dict[str, str]:
    with of_process(tmp_path, database) as there:
        return there.people


def _recorded(exported: dict[str, Any]) -> dict[str, list[str]]:
    """What each person typed, as the events tell it, in their order."""
    recorded: dict[str, list[str]] = {}
    for one in exported["events"]:
        event, by = one["event"], one["by"]
        if event["kind"] == "evidence_added":
            recorded.setdefault(by, []).append(event["evidence"]["text"])
        elif event["kind"] == "row_put" and event["item"] in FIRST_FIELD:  # what they were asked for
            first = event["cells"].get(FIRST_FIELD[event["item"]])
            recorded.setdefault(by, []).extend([first["text"]] if first else [])
    return recorded


def _each_row_was_chosen_once(exported: dict[str, Any]) -> None:
    """Every tap of a choice was recorded once: one such cell for each row that was named."""
    events = (one["event"] for one in exported["events"])
    puts = [event for event in events if event["kind"] == "row_put" and event["item"] in FIRST_FIELD]
    named = Counter((put["item"], put["row"]) for put in puts if FIRST_FIELD[put["item"]] in put["cells"])
    chosen = Counter((put["item"], put["row"]) for put in puts if CHOICE[put["item"]][1] in put["cells"])
    assert named == chosen
    assert set(chosen.values()) == {1}


async def _until(there: Any, seconds: float = SOON) -> None:
    for _ in range(int(seconds / 0.01)):
        if there():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")


# Stopping, and what Telegram may say


@pytest.mark.prove
async def test_a_stop_signal_ends_the_bot_in_good_order(double: TelegramDouble, tmp_path: Path):
    """SIGTERM and SIGINT exit with 0, and without a traceback."""
    for number in (signal.SIGTERM, signal.SIGINT):
        double.waits.clear()
        async with serving(environment(double, tmp_path), tmp_path) as bot:
            async with asyncio.timeout(SOON):
                await double.waits.wait()
            assert await bot.stop(number) == 0
            assert "Traceback" not in bot.said


async def test_a_wrong_token_is_one_clear_line(double: TelegramDouble, tmp_path: Path):
    """A token Telegram refuses ends the bot with exit code 78 and one line, without the token."""
    wrong = "123456789:AAG-another_token_not_to_be_seen"
    env = environment(double, tmp_path, LOG_LEVEL="WARNING", TELEGRAM_BOT_TOKEN=wrong)
    number, said = await command(env, tmp_path, "serve")
    assert number == 78
    assert said.startswith("readiness: Telegram refuses TELEGRAM_BOT_TOKEN.")
    assert said.count("\n") == 1
    assert wrong.partition(":")[2] not in said


@pytest.mark.prove
@pytest.mark.parametrize("setting", ["TELEGRAM_BOT_TOKEN", "TELEGRAM_API_URL", "READINESS_CHECKLISTS", "LOG_LEVEL"])
async def test_a_setting_that_makes_no_sense_is_one_clear_line(setting: str, tmp_path: Path):
    """A wrong setting is named in one line, with exit code 78 and without its value where that is a secret."""
    secret = "no-such-thing"
    number, said = await command(environment("http://127.0.0.1:9", tmp_path, **{setting: secret}), tmp_path, "serve")
    assert number == 78
    assert said.startswith(f"readiness: {setting} ")
    assert said.count("\n") == 1
    assert secret not in said or setting != "TELEGRAM_BOT_TOKEN"


@pytest.mark.prove
async def test_a_second_bot_on_the_same_token_is_told_and_neither_ends(double: TelegramDouble, tmp_path: Path):
    """409 is said in the log; when the other has gone, this one serves on."""
    people = _opened(double, tmp_path, "", WORKERS)
    (tmp_path / "other").mkdir()
    async with serving(environment(double, tmp_path), tmp_path) as bot:
        await types(people["Omar"], "/summary", "Worst first:")
        async with serving(environment(double, tmp_path / "other"), tmp_path / "other") as other:
            await bot.says("Another process polls with this token")
            assert await other.stop() == 0
        await types(people["Omar"], "/sections", "Settled items")
        assert await bot.stop() == 0


async def test_a_flood_limit_is_waited_out(double: TelegramDouble, tmp_path: Path):
    """Told to wait, the bot leaves that chat alone as long as it was told, and then shows it."""
    people = _opened(double, tmp_path, "", WORKERS)
    async with serving(environment(double, tmp_path), tmp_path):
        await types(people["Omar"], "/summary", "Worst first:")
        double.faults.fail_next(Flood(2), "sendMessage", "editMessageText", times=2)
        for person in people.values():
            await person.type("/sections")
        for person in people.values():
            await person.expect("Settled items", SOON)
    assert double.faults.violations == []


@pytest.mark.prove
async def test_an_outage_of_telegram_is_outlasted(double: TelegramDouble, tmp_path: Path):
    """Whatever fails for a while, what was said is recorded and shown afterwards."""
    people = _opened(double, tmp_path, "", WORKERS)
    omar = people["Omar"]
    async with serving(environment(double, tmp_path), tmp_path):
        await types(omar, "/summary", "Worst first:")
        for fault in (Broken(502), Reset(), Reset(done=True)):
            double.faults.fail_share(fault, 1.0)
            await omar.type("/sections")
            await asyncio.sleep(1)
            double.faults.clear()
            await omar.expect("Settled items", SOON)
            await types(omar, "/gaps", "Gaps · 1–6")


@pytest.mark.prove
async def test_a_bot_that_starts_before_telegram_can_be_reached_waits_for_it(tmp_path: Path):
    """Nobody listens at first; as soon as somebody does, the bot serves."""
    async with TelegramDouble(token=TOKEN) as first:
        port = int(first.url.rpartition(":")[2])
    async with serving(environment(f"http://127.0.0.1:{port}", tmp_path), tmp_path) as bot:
        await bot.says("Telegram cannot be reached")
        async with TelegramDouble(token=TOKEN, port=port):
            await bot.says("Nobody leads yet")
        assert await bot.stop() == 0
    assert TOKEN not in bot.said


@pytest.mark.prove
async def test_a_database_that_goes_away_while_the_bot_starts_is_waited_for(double: TelegramDouble, tmp_path: Path):
    """Its tables are open already, so that nothing is wrong with the settings."""
    people = _opened(double, tmp_path, "", WORKERS)
    async with kennel(environment(double, tmp_path), tmp_path, "database_away_at_start") as den:
        await den.start()
        await types(people["Omar"], "/summary", "Worst first:")
        assert await den.end(signal.SIGTERM) == 0
