"""The double behaves as Telegram does, as the real python-telegram-bot sees it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
)

from tests.bench import questions
from tests.telegram_double import (
    Broken,
    Client,
    Flood,
    FromChannel,
    FromGroup,
    FromPerson,
    Group,
    Origin,
    Person,
    Reset,
    TelegramDouble,
    Violation,
)
from tests.telegram_double.clients import messages_of
from tests.telegram_double.markup import MarkupError, parse_html

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.prove

MAYA, OMAR, TEAM = 11, 12, -100
ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _newer_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PTB say waits as timedelta; else it warns each time it is told to wait."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest_asyncio.fixture
async def double() -> AsyncIterator[TelegramDouble]:
    async with TelegramDouble(seed=7) as double:
        yield double


@pytest_asyncio.fixture
async def bot(double: TelegramDouble) -> AsyncIterator[Bot]:
    async with bot_at(double) as bot:
        yield bot


@pytest_asyncio.fixture
async def maya(double: TelegramDouble, bot: Bot) -> Person:
    """Maya, who has started the bot; her first message is confirmed."""
    maya = double.person(MAYA, "Maya")
    await maya.type("/start")
    await all_updates(bot)
    return maya


def bot_at(double: TelegramDouble, token: str = "") -> Bot:
    base, files = f"{double.url}/bot", f"{double.url}/file/bot"
    return Bot(token or double.token, base_url=base, base_file_url=files)


def buttons(*labels: str, data: str = "") -> InlineKeyboardMarkup:
    made = [InlineKeyboardButton(x, callback_data=data or x) for x in labels]
    return InlineKeyboardMarkup([made])


async def all_updates(bot: Bot) -> list[Any]:
    """Receive what waits and confirm it."""
    updates = await bot.get_updates()
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1, limit=1)
    return list(updates)


def says(words: str) -> str:
    """Match a refusal in PTB's spelling, which drops "Bad Request: "."""
    return f"(?i)^{re.escape(words)}"


# Who may call


async def test_the_bot_learns_its_name(bot: Bot) -> None:
    """GetMe tells the bot who it is."""
    assert bot.username == "readiness_bot"


async def test_a_wrong_token_is_unauthorized(double: TelegramDouble) -> None:
    """A token the double does not know opens neither methods nor files."""
    refusal = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    async with aiohttp.ClientSession() as session:
        for path in ("bot1:wrong/getMe", "file/bot1:wrong/documents/file_1"):
            async with session.get(f"{double.url}/{path}") as answer:
                assert answer.status == 401
                assert await answer.json() == refusal


async def test_an_unknown_method_is_not_found(bot: Bot) -> None:
    """A method that does not exist is answered with 404."""
    with pytest.raises(InvalidToken, match="Not Found"):
        await bot._post("sendNothing")  # noqa: SLF001  (PTB's own check gets in the way)


async def test_json_and_query_say_the_same_as_a_form(double: TelegramDouble, maya: Person) -> None:
    """A call may come as JSON by POST or as a query by GET."""
    url = f"{double.url}/bot{double.token}/sendMessage"
    async with aiohttp.ClientSession() as session:
        await session.post(url, json={"chat_id": MAYA, "text": "by JSON"})
        await session.get(url, params={"chat_id": MAYA, "text": "by query"})
    assert [screen.text for screen in maya.messages] == ["by JSON", "by query"]


async def test_commands_are_kept_apart_by_language(bot: Bot) -> None:
    """The menu set for one language is not the menu of another."""
    await bot.set_my_commands([BotCommand("go", "Go on")], language_code="en")
    assert [c.command for c in await bot.get_my_commands(language_code="en")] == ["go"]
    assert await bot.get_my_commands() == ()


async def test_settings_without_effect_are_taken(bot: Bot, maya: Person) -> None:
    """What a bot sets about itself is taken."""
    assert await bot.set_my_description("Helps to prepare talks")
    assert await bot.set_my_short_description("Talks")
    assert await bot.send_chat_action(maya.id, "typing")


# Receiving updates


async def test_updates_stay_until_a_higher_offset(double: TelegramDouble, bot: Bot) -> None:
    """An update comes again until a poll asks for those after it."""
    maya = double.person(MAYA, "Maya")
    for text in ("one", "two", "three"):
        await maya.type(text)
    first = await bot.get_updates(limit=2)
    again = await bot.get_updates(limit=2)
    rest = await bot.get_updates(offset=first[-1].update_id + 1)
    assert [u.message.text for u in again if u.message] == ["one", "two"]
    assert [u.message.text for u in rest if u.message] == ["three"]
    assert double.world.inbox.confirmed == 2


async def test_update_ids_are_consecutive(double: TelegramDouble, bot: Bot) -> None:
    """Each update is numbered one above the last."""
    await double.person(MAYA, "Maya").type("one")
    await double.person(OMAR, "Omar").type("two")
    one, two = await bot.get_updates()
    assert two.update_id == one.update_id + 1


async def test_a_negative_offset_forgets_all_but_the_last(double: TelegramDouble, bot: Bot) -> None:
    """An offset of -1 returns the last update and forgets those before it."""
    maya = double.person(MAYA, "Maya")
    for text in ("one", "two", "three"):
        await maya.type(text)
    await bot.get_updates(offset=-1)
    left = await bot.get_updates()
    assert [u.message.text for u in left if u.message] == ["three"]


async def test_a_long_poll_returns_when_something_comes(double: TelegramDouble, bot: Bot) -> None:
    """A waiting poll ends as soon as somebody writes."""
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await double.waits.wait()
    await double.person(MAYA, "Maya").type("hello")
    (update,) = await poll
    assert update.message is not None
    assert update.message.text == "hello"


async def test_a_second_poll_ends_the_first(double: TelegramDouble, bot: Bot) -> None:
    """Of two bots that wait, the earlier one is told that there is a conflict."""
    async with bot_at(double) as second:
        earlier = asyncio.create_task(bot.get_updates(timeout=30))
        await double.waits.wait()
        later = asyncio.create_task(second.get_updates(timeout=30))
        wording = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
        with pytest.raises(Conflict, match=says(wording)):
            await earlier
        await double.person(MAYA, "Maya").type("for the second")
        assert len(await later) == 1


async def test_a_webhook_excludes_polling(bot: Bot) -> None:
    """While a webhook is set polls are refused, until it is deleted."""
    await bot.set_webhook("https://example.org/hook")
    assert (await bot.get_webhook_info()).url == "https://example.org/hook"
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_pending_updates_are_dropped_on_request(double: TelegramDouble, bot: Bot) -> None:
    """Deleting the webhook can forget what waits."""
    await double.person(MAYA, "Maya").type("old news")
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


async def test_only_allowed_kinds_are_queued(maya: Person, bot: Bot) -> None:
    """A kind not asked for is dropped when it happens, and cannot be had later."""
    await bot.get_updates(allowed_updates=["callback_query"])
    await maya.type("unheard")
    await bot.get_updates(allowed_updates=[])
    await maya.type("heard")
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.text == "heard"


async def test_messages_are_kept_for_a_day(double: TelegramDouble, bot: Bot) -> None:
    """A message that nobody fetched within 24 hours is gone."""
    await double.person(MAYA, "Maya").type("hello")
    double.advance(86_390)
    assert len(await bot.get_updates()) == 1
    double.advance(20)
    assert await bot.get_updates() == ()


async def test_presses_are_kept_for_150_seconds(double: TelegramDouble, maya: Person, bot: Bot) -> None:
    """A press goes sooner than the message typed before it."""
    await bot.send_message(MAYA, "Ready?", reply_markup=buttons("Yes"))
    await maya.type("wait")
    await maya.tap("Yes")
    double.advance(151)
    (left,) = await bot.get_updates()
    assert left.message is not None
    assert len(double.world.inbox.lapsed) == 1


async def test_update_ids_may_begin_afresh_below(double: TelegramDouble, maya: Person, bot: Bot) -> None:
    """After a jump down, a bot that asks from the old number gets the new ones."""
    await maya.type("before")
    (before,) = await all_updates(bot)
    double.jump_update_ids(to=5000)
    await maya.type("after")
    (after,) = await bot.get_updates(offset=before.update_id + 1)
    assert after.update_id == 5000


async def test_update_ids_do_not_jump_over_waiting_updates(
    double: TelegramDouble,
) -> None:
    """Numbers begin afresh only when nothing waits."""
    await double.person(MAYA, "Maya").type("still here")
    with pytest.raises(ValueError, match="1 updates wait"):
        double.jump_update_ids(to=5000)


async def test_a_malformed_update_arrives_as_it_is(double: TelegramDouble, bot: Bot) -> None:
    """What is pushed reaches the bot unread; PTB cannot parse a chat without id."""
    double.push({"message": {"message_id": 1, "date": 0, "chat": {}}})
    with pytest.raises(TypeError):
        await bot.get_updates()


# What may be said


async def test_text_may_have_4096_utf16_units(maya: Person, bot: Bot) -> None:
    """Length counts after parsing, and a character beyond the basic plane is two."""
    await bot.send_message(MAYA, f"<b>{'🏟' * 2048}</b>", parse_mode="HTML")
    with pytest.raises(BadRequest, match=says("Message is too long")):
        await bot.send_message(MAYA, "🏟" * 2048 + "x")
    assert len(maya.messages) == 1


@pytest.mark.parametrize(
    ("text", "refusal"),
    [("", "Message text is empty"), (" \n ", "Text must be non-empty")],
)
@pytest.mark.usefixtures("maya")
async def test_text_may_not_be_empty(bot: Bot, text: str, refusal: str) -> None:
    """A message needs words; blanks are none."""
    with pytest.raises(BadRequest, match=says(refusal)):
        await bot.send_message(MAYA, text)


@pytest.mark.usefixtures("maya")
async def test_a_caption_may_have_1024_units(bot: Bot) -> None:
    """The words below a file are shorter than a message."""
    await bot.send_document(MAYA, b"x", caption="c" * 1024)
    with pytest.raises(BadRequest, match=says("Message caption is too long")):
        await bot.send_document(MAYA, b"x", caption="c" * 1025)


@pytest.mark.usefixtures("maya")
async def test_a_button_carries_64_bytes(bot: Bot) -> None:
    """Data of a button is counted in bytes, not in characters."""
    await bot.send_message(MAYA, "Fits", reply_markup=buttons("A", data="é" * 32))
    with pytest.raises(BadRequest, match=says("Button_data_invalid")):
        await bot.send_message(MAYA, "No", reply_markup=buttons("A", data="é" * 33))


@pytest.mark.usefixtures("maya")
async def test_a_button_may_not_open_this_machine(bot: Bot) -> None:
    """A link in a button must lead somewhere on the net."""
    link = InlineKeyboardButton("Open", url="http://localhost/x")
    with pytest.raises(BadRequest, match=says("Inline keyboard button URL 'http://localhost/x' is invalid")):
        await bot.send_message(MAYA, "x", reply_markup=InlineKeyboardMarkup([[link]]))


@pytest.mark.usefixtures("maya")
async def test_html_that_does_not_parse_is_refused(bot: Bot) -> None:
    """A stray sign in HTML costs the whole message."""
    wording = 'Can\'t parse entities: unsupported start tag "3" at byte offset 2'
    with pytest.raises(BadRequest, match=says(wording)):
        await bot.send_message(MAYA, "1 <3 > 2", parse_mode="HTML")


async def test_html_becomes_text_and_entities(maya: Person, bot: Bot) -> None:
    """People see the words; what was marked comes back as entities."""
    sent = await bot.send_message(MAYA, "\n🏟 <b>Asks &amp; <i>gives</i></b> &copy;", parse_mode="HTML")
    assert maya.screen.text == "🏟 Asks & gives &copy;"
    assert sent.text_html == "🏟 <b>Asks &amp; <i>gives</i></b> &amp;copy;"


# The examples are those of tdlib/td, test/message_entities.cpp.
@pytest.mark.parametrize(
    ("html", "refusal"),
    [
        ("🏟 🏟&lt;<abacaba", "Unclosed start tag at byte offset 13"),
        ("🏟 🏟&lt;<abac aba>", 'Unsupported start tag "abac" at byte offset 13'),
        ("🏟 🏟&lt;<i   =aba>", 'Empty attribute name in the tag "i" at byte'),
        ("🏟 🏟&lt;<i    aba>", "Expected equal sign in declaration of an attribute"),
        ("🏟 🏟&lt;<i    aba  =  ", 'Unclosed start tag "i" at byte offset 13'),
        ("🏟 🏟&lt;<i    aba  =  190azAz-.,", "Unexpected end of name token at byte"),
        ('🏟 🏟&lt;<i    aba  =  "&lt;&gt;&quot;>', "Unclosed start tag at byte"),
        ("🏟 🏟&lt;</", "Unexpected end tag at byte offset 13"),
        ("🏟 🏟&lt;<b></b></", "Unexpected end tag at byte offset 20"),
        ("🏟 🏟&lt;<i>a</i   ", "Unclosed end tag at byte offset 17"),
        ("🏟 🏟&lt;<i>a</em   >", 'offset 17, expected "</i>", found "</em>"'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler"'),
        ("&#xDFDF;", "Text contains invalid Unicode characters"),
    ],
)
def test_html_fails_where_telegram_says(html: str, refusal: str) -> None:
    """Errors in HTML are found at the byte where Telegram finds them."""
    with pytest.raises(MarkupError, match=re.escape(refusal)):
        parse_html(html)


@pytest.mark.parametrize(
    ("html", "text", "marks"),
    [
        ("&lt;&gt;&amp;&quot;&laquo;&#12345678;", '<>&"&laquo;&#12345678;', []),
        ("🏟 🏟<i>🏟 &lt🏟</i>", "🏟 🏟🏟 <🏟", [("italic", 5, 6)]),
        ("&lt;<i aba = '&lt;&quot;'>a</>", "<a", [("italic", 1, 1)]),
        ("<b></b>x", "x", []),
        ("<i><b>a</b>b</i>", "ab", [("italic", 0, 2), ("bold", 0, 1)]),
        ("<a href=x.org>a</a>", "a", [("text_link", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
    ],
)
def test_html_marks_what_telegram_marks(html: str, text: str, marks: list[tuple[str, int, int]]) -> None:
    """Entities are counted in UTF-16 units of the text people see."""
    seen, entities = parse_html(html)
    assert seen == text
    assert [(e["type"], e["offset"], e["length"]) for e in entities] == marks


# Where it may be said


async def test_a_person_must_speak_first(double: TelegramDouble, bot: Bot) -> None:
    """A bot cannot write to somebody who never started it."""
    double.person(OMAR, "Omar")
    with pytest.raises(BadRequest, match=says("Chat not found")):
        await bot.send_message(OMAR, "Hello?")


async def test_a_blocked_bot_is_told(maya: Person, bot: Bot) -> None:
    """Blocking refuses every message and is an update of its own."""
    await maya.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(MAYA, "Hello?")
    (update,) = await bot.get_updates()
    assert update.my_chat_member is not None
    await maya.unblock()
    await bot.send_message(MAYA, "Welcome back")


async def test_a_long_text_is_typed_in_parts(maya: Person, bot: Bot) -> None:
    """A phone cuts what is too long for one message."""
    numbers = await maya.type("x" * 5000)
    heard = [update.message for update in await all_updates(bot)]
    assert [len(message.text) for message in heard] == [4096, 904]
    assert [message.id for message in heard] == numbers == [numbers[0], numbers[0] + 1]


PARAGRAPHS = f"{'a' * 2455}.\n\n{'b' * 1200}.\n{'c' * 240}\n{'d' * 50}\n{'e' * 1200}"


@pytest.mark.parametrize(
    ("client", "lengths"),
    [(Client.DESKTOP, [2456, 2694]), (Client.IOS, [3951, 1200]), (Client.ANDROID, [3900, 1251])],
)
async def test_each_app_cuts_where_it_does(maya: Person, bot: Bot, client: Client, lengths: list[int]) -> None:
    """Desktop at a blank line past the half; iOS at the last line or full stop; Android within 300 of the limit."""
    maya.client = client
    await maya.type(PARAGRAPHS)
    assert [len(update.message.text) for update in await all_updates(bot)] == lengths


async def test_desktop_cuts_nowhere_in_the_first_half(maya: Person, bot: Bot) -> None:
    """A sentence's end past the half is better than a blank line before it."""
    maya.client = Client.DESKTOP
    await maya.type(f"{'a' * 1500}\n\n{'sentence. ' * 300}")
    first, _ = [update.message.text for update in await all_updates(bot)]
    assert (len(first), first[-9:]) == (4091, "sentence.")


@pytest.mark.parametrize(("client", "number"), [(Client.DESKTOP, 1), (Client.IOS, 2), (Client.ANDROID, 2)])
async def test_desktop_counts_characters_and_phones_count_units(
    maya: Person, bot: Bot, client: Client, number: int
) -> None:
    maya.client = client
    await maya.type("🏟" * 4096)
    heard = [update.message.text for update in await all_updates(bot)]
    assert (len(heard), "".join(heard)) == (number, "🏟" * 4096)


@settings(deadline=None)
@given(st.text(st.sampled_from("a.,!\n\t /:-🏟ä\u200b\u00a0"), max_size=30), st.sampled_from(Client))
def test_no_app_loses_a_word_where_it_cuts(words: str, client: Client) -> None:
    """But a phone may cut a character beyond the basic plane in two."""

    def letters(text: str) -> str:
        return re.sub(r"[\s\u200b🏟\ufffd]", "", text)

    parts = messages_of(words * 400, client)
    assert letters("".join(parts)) == letters(words * 400)
    assert all(0 < len(part) <= 4096 for part in parts)


async def test_parts_may_come_in_another_order_and_a_second_later(maya: Person, bot: Bot) -> None:
    first, second = await maya.type("a" * 4096 + "b", pause=1, order=(1, 0))
    late, early = [update.message for update in await all_updates(bot)]
    assert (late.id, early.id) == (second, first)
    assert late.date - early.date == timedelta(seconds=1)


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("  blank\n\nends \n", "blank\n\nends"),
        ("\u00a0kept\u3000", "\u00a0kept\u3000"),
        ("a\x0bb\x0cc\x00d\x1fe", "a b c d e"),
        ("one\r\ntwo\rthree", "one\ntwothree"),
        ("a\u2028b\u2029c\u202ed\u202c", "abcd"),
        ("A\u030angstrom", "Angstrom"),
        ("a\u200e\u200f\u200eb\u200fc", "a\u200c\u200c\u200eb\u200fc"),
        ("zero\u200bwidth\u2060\ufeff", "zero\u200bwidth\u2060\ufeff"),
        ("del\x7f\x85", "del\x7f\x85"),
    ],
)
async def test_text_arrives_as_telegram_cleans_it(maya: Person, bot: Bot, typed: str, heard: str) -> None:
    """Control characters are spaces, some marks are gone, only blanks and line feeds are trimmed."""
    await maya.type(typed)
    await maya.edit(f"edited {typed}")
    await maya.send_file("a.txt", b"x", caption=typed)
    message, edited, file = await all_updates(bot)
    assert message.message.text == file.message.caption == heard
    assert edited.edited_message.text == f"edited {typed}".replace(typed.strip(" \n"), heard).strip(" \n")


async def test_desktop_makes_two_spaces_of_a_tab(maya: Person, bot: Bot) -> None:
    maya.client = Client.DESKTOP
    await maya.type("Goal\tMust or want")
    (update,) = await all_updates(bot)
    assert update.message.text == "Goal  Must or want"


@pytest.mark.parametrize("nothing", ["", " \n", "\u200b\u200d", "\u2800", "\ufeff", "\r"])
async def test_nothing_to_see_is_not_sent(maya: Person, bot: Bot, nothing: str) -> None:
    """Neither by an app, nor by a bot."""
    assert await maya.type(nothing) == []
    assert await all_updates(bot) == []
    with pytest.raises(BadRequest, match=says("Text must be non-empty" if nothing else "Message text is empty")):
        await bot.send_message(MAYA, nothing)


async def test_an_app_lets_nobody_write_too_much(maya: Person) -> None:
    """Neither in an edit nor below a file: it cuts only what is sent for the first time."""
    await maya.type("one")
    with pytest.raises(ValueError, match="one message into 2"):
        await maya.edit("x" * 4097)
    with pytest.raises(ValueError, match="1024 are the most"):
        await maya.send_file("a.txt", b"x", caption="c" * 1025)


# Replies, quotes and what others wrote


async def test_a_reply_shows_what_it_replies_to(maya: Person, bot: Bot) -> None:
    """As that stands now, and without what that one replied to; a deleted message is not shown."""
    await bot.send_message(MAYA, "Which day?")
    (own,) = await maya.reply("Friday", maya.screen)
    await maya.reply("Saturday, I mean", own, pause=1)
    await bot.edit_message_text("Which day, at last?", MAYA, maya.screen.message_id)
    first, second = [update.message for update in await all_updates(bot)]
    assert first.reply_to_message.text == "Which day?"
    assert (second.reply_to_message.id, second.reply_to_message.reply_to_message) == (own, None)
    asked = maya.screen
    await maya.reply("Sunday", asked)
    await bot.delete_message(MAYA, asked.message_id)
    await maya.edit("Sunday morning")
    third, edited = await all_updates(bot)
    assert third.message.reply_to_message.text == "Which day, at last?"
    assert edited.edited_message.reply_to_message is None


async def test_a_quote_says_where_it_stands(maya: Person, bot: Bot) -> None:
    """In UTF-16 code units, and a quote is of words that are there."""
    await bot.send_message(MAYA, "🏟 Least we accept: a second meeting")
    await maya.reply("in April", maya.screen, quote="a second meeting")
    (update,) = await all_updates(bot)
    quote = update.message.quote
    assert (quote.text, quote.position, quote.is_manual) == ("a second meeting", 20, True)
    with pytest.raises(ValueError, match="substring"):
        await maya.reply("in April", maya.screen, quote="a third meeting")


async def test_each_part_of_a_long_reply_is_a_reply(maya: Person, bot: Bot) -> None:
    await bot.send_message(MAYA, "Why?")
    await maya.reply("x" * 5000, maya.screen)
    assert [update.message.reply_to_message.text for update in await all_updates(bot)] == ["Why?", "Why?"]


async def test_a_file_may_be_a_reply_or_forwarded(maya: Person, bot: Bot) -> None:
    await bot.send_message(MAYA, "Our mandate")
    await maya.send_file("letter.pdf", b"%PDF", to=maya.screen)
    await maya.send_photo(b"\xff\xd8\xff", origin=FromPerson("Rana", 77), caption="The page")
    await maya.edit_caption("The last page")
    file, photo, edited = await all_updates(bot)
    assert file.message.reply_to_message.text == "Our mandate"
    assert photo.message.forward_origin.sender_user.first_name == "Rana"
    assert edited.edited_message.caption == "The last page"


async def test_a_reply_to_another_chat_names_only_where_it_was_said(maya: Person, bot: Bot) -> None:
    channel = FromChannel("Ministry", -1001, 5, "Press")
    await maya.reply_elsewhere("So they say", channel, said="We meet in March.", quote="in March")
    (update,) = await all_updates(bot)
    assert update.message.reply_to_message is None
    assert (update.message.external_reply.origin.chat.title, update.message.quote.position) == ("Ministry", 8)


@pytest.mark.parametrize(
    ("origin", "kind", "before"),
    [
        (FromPerson("Rana", 77), "user", "forward_from"),
        (FromPerson("Rana"), "hidden_user", "forward_sender_name"),
        (FromGroup("Delegation", -1002), "chat", "forward_from_chat"),
        (FromChannel("Ministry", -1001, 5), "channel", "forward_from_message_id"),
    ],
)
async def test_a_forwarded_message_says_whose_it_is(
    maya: Person, bot: Bot, origin: Origin, kind: str, before: str
) -> None:
    """As today, and as servers said it before; what its sender adds comes first."""
    await maya.forward("We accept.", origin, comment="Look at this:", ago=60)
    comment, forwarded = [update.message for update in await all_updates(bot)]
    assert (comment.text, comment.forward_origin) == ("Look at this:", None)
    assert (forwarded.text, forwarded.from_user.first_name) == ("We accept.", "Maya")
    assert forwarded.forward_origin.type == kind
    assert forwarded.date - forwarded.forward_origin.date >= timedelta(seconds=60)
    assert before in forwarded.api_kwargs


# Topics


FORUM = -1001234567890


@pytest_asyncio.fixture
async def forum(double: TelegramDouble) -> Group:
    return double.forum(FORUM, "Delegation")


async def test_what_is_written_in_a_topic_replies_to_its_beginning(forum: Group, maya: Person, bot: Bot) -> None:
    topic = forum.open_topic("Logistics", maya)
    await maya.type("/card", group=forum, topic=topic)
    await maya.type("/card", group=forum)
    opened, there, general = [update.message for update in await all_updates(bot)]
    assert (opened.forum_topic_created.name, opened.chat.is_forum) == ("Logistics", True)
    assert (there.message_thread_id, there.is_topic_message, there.reply_to_message.id) == (topic, True, topic)
    assert (general.message_thread_id, general.is_topic_message, general.reply_to_message) == (None, None, None)


async def test_the_bot_speaks_in_general_unless_it_names_the_topic(forum: Group, maya: Person, bot: Bot) -> None:
    topic = forum.open_topic("Logistics", maya)
    await bot.send_message(FORUM, "to all")
    await bot.send_message(FORUM, "to some", message_thread_id=topic)
    await bot.send_document(FORUM, b"x", filename="a.txt", message_thread_id=topic)
    answered = await bot.send_message(FORUM, "an answer", reply_parameters=ReplyParameters(forum.screen.message_id))
    assert [screen.topic for screen in forum.messages] == [0, topic, topic, topic]
    assert (answered.message_thread_id, answered.is_topic_message) == (topic, True)


async def test_a_topic_that_is_none_is_refused(forum: Group, maya: Person, bot: Bot) -> None:
    """General has no number, a reply in General names a thread that is no topic, and topics are deleted."""
    await bot.send_message(FORUM, "to all")
    await maya.reply("/card", forum.screen, group=forum)
    (update,) = await all_updates(bot)
    thread = update.message.message_thread_id
    assert (thread, update.message.is_topic_message) == (forum.screen.message_id, None)
    topic = forum.open_topic("Logistics", maya)
    forum.delete_topic(topic)
    for chat, number in ((FORUM, 1), (FORUM, thread), (FORUM, topic), (MAYA, 1)):
        with pytest.raises(BadRequest, match=says("Message thread not found")):
            await bot.send_message(chat, "to nobody", message_thread_id=number)
    with pytest.raises(BadRequest, match=says("Message to be replied not found")):
        await bot.send_message(FORUM, "to nobody", reply_parameters=ReplyParameters(9999))


async def test_a_group_lets_replies_to_the_bot_through(double: TelegramDouble, bot: Bot) -> None:
    team, omar = double.group(TEAM, "Team"), double.person(OMAR, "Omar")
    (own,) = await omar.type("hello", group=team)
    await bot.send_message(TEAM, "A card")
    await omar.reply("to myself", own, group=team)
    await omar.reply("to the bot", team.screen, group=team)
    (update,) = await bot.get_updates()
    assert (update.message.text, update.message.message_thread_id) == ("to the bot", None)


# What the bot has no words for


async def test_an_old_server_knows_less_of_polls(double: TelegramDouble, maya: Person) -> None:
    """A server of one's own may be older than the library: fields that it requires are missing then."""
    await maya.send_poll("When?", ["March", "April"])
    await maya.send_poll("When?", ["March", "April"], old_server=True)
    await maya.send_content()
    async with aiohttp.ClientSession() as session, session.get(f"{double.url}/bot{double.token}/getUpdates") as answer:
        now, before, nothing = [update["message"] for update in (await answer.json())["result"]]
    assert set(now["poll"]) - set(before["poll"]) == {"allows_revoting", "members_only"}
    assert set(now["poll"]["options"][0]) - set(before["poll"]["options"][0]) == {"persistent_id"}
    assert set(nothing) == {"message_id", "from", "chat", "date"}


async def test_a_group_lets_only_commands_through(double: TelegramDouble, bot: Bot) -> None:
    """In a group the bot hears commands for it, and nothing else."""
    team, omar = double.group(TEAM, "Team"), double.person(OMAR, "Omar")
    for text in ("hello", "/start@other_bot", "/start@readiness_bot", "/help now"):
        await omar.type(text, group=team)
    heard = await bot.get_updates()
    assert [u.message.text for u in heard if u.message] == [
        "/start@readiness_bot",
        "/help now",
    ]
    await bot.send_message(TEAM, "Let us talk in private.")
    assert team.screen.text == "Let us talk in private."


async def test_commands_and_links_are_marked(maya: Person, bot: Bot) -> None:
    """Telegram marks commands and links in what people type."""
    await maya.type("/note 🏟 https://example.org/a")
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert list(update.message.parse_entities().values()) == [
        "/note",
        "https://example.org/a",
    ]


# Changing what was said


async def test_an_edit_must_change_something(maya: Person, bot: Bot) -> None:
    """The same words with the same buttons are refused; other buttons are not."""
    sent = await bot.send_message(MAYA, "<b>Hi</b>", parse_mode="HTML")
    wording = "Message is not modified: specified new message content and reply markup"
    with pytest.raises(BadRequest, match=says(wording)):
        await bot.edit_message_text("<b>Hi</b> ", MAYA, sent.id, parse_mode="HTML")
    await bot.edit_message_reply_markup(MAYA, sent.id, reply_markup=buttons("A"))
    with pytest.raises(BadRequest, match=says(wording)):
        await bot.edit_message_reply_markup(MAYA, sent.id, reply_markup=buttons("A"))
    assert maya.screen.labels == ["A"]


async def test_an_edit_without_buttons_removes_them(maya: Person, bot: Bot) -> None:
    """Buttons that an edit does not give again are gone."""
    sent = await bot.send_message(MAYA, "Ready?", reply_markup=buttons("Yes"))
    await bot.edit_message_text("Recorded.", MAYA, sent.id)
    assert str(maya.screen) == "Recorded."


async def test_only_own_messages_that_exist_are_edited(maya: Person, bot: Bot) -> None:
    """A deleted message is not found, a person's cannot be edited."""
    await maya.type("mine")
    (update,) = await bot.get_updates()
    assert update.message is not None
    with pytest.raises(BadRequest, match=says("Message can't be edited")):
        await bot.edit_message_text("yours", MAYA, update.message.id)
    sent = await bot.send_message(MAYA, "soon gone")
    await bot.delete_message(MAYA, sent.id)
    with pytest.raises(BadRequest, match=says("Message to edit not found")):
        await bot.edit_message_text("late", MAYA, sent.id)
    with pytest.raises(BadRequest, match=says("Message to delete not found")):
        await bot.delete_message(MAYA, sent.id)


@pytest.mark.usefixtures("maya")
async def test_a_file_has_no_text_to_edit(bot: Bot) -> None:
    """The words below a file are edited as its caption."""
    sent = await bot.send_document(MAYA, b"x", caption="old")
    with pytest.raises(BadRequest, match=says("There is no text in the message")):
        await bot.edit_message_text("new", MAYA, sent.id)
    edited = await bot.edit_message_caption(MAYA, sent.id, caption="new")
    assert not isinstance(edited, bool)
    assert edited.caption == "new"


async def test_messages_older_than_two_days_stay(double: TelegramDouble, maya: Person, bot: Bot) -> None:
    """A bot cannot delete what it sent more than 48 hours ago."""
    sent = await bot.send_message(MAYA, "Old")
    double.advance(49 * 3600)
    with pytest.raises(BadRequest, match=says("Message can't be deleted for everyone")):
        await bot.delete_message(MAYA, sent.id)
    assert maya.screen.text == "Old"


async def test_an_edited_message_is_an_update(maya: Person, bot: Bot) -> None:
    """What a person edits comes again, with the same number and new words."""
    await maya.type("one")
    await maya.edit("two")
    first, second = await bot.get_updates()
    assert first.message is not None
    assert first.message.text == "one"
    assert second.edited_message is not None
    assert second.edited_message.text == "two"
    assert second.edited_message.id == first.message.id


# Presses


async def test_a_press_reaches_the_bot_and_is_answered(maya: Person, bot: Bot) -> None:
    """The bot gets the data behind the label, and the person its notice."""
    await bot.send_message(MAYA, "Ready?", reply_markup=buttons("Yes", data="y:1"))
    press = await maya.tap("Yes")
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    assert update.callback_query.data == "y:1"
    await update.callback_query.answer("Noted")
    assert press.answered
    assert press.notice == "Noted"


async def test_a_tap_means_the_newest_button(maya: Person, bot: Bot) -> None:
    """Of two messages with the label, the one further down is tapped."""
    await bot.send_message(MAYA, "Old", reply_markup=buttons("Go", data="old"))
    await bot.send_message(MAYA, "New", reply_markup=buttons("Go", data="new"))
    await bot.send_message(MAYA, "No buttons")
    await maya.tap("Go")
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    assert update.callback_query.data == "new"


async def test_only_visible_labels_can_be_tapped(maya: Person, bot: Bot) -> None:
    """A label that is not there is an error that tells which ones are."""
    await bot.send_message(MAYA, "Ready?", reply_markup=buttons("Yes", "No"))
    with pytest.raises(LookupError, match=re.escape("There are: ['No', 'Yes']")):
        await maya.tap("Perhaps")


async def test_an_old_screen_can_still_be_tapped(maya: Person, bot: Bot) -> None:
    """A phone that missed a change sends what its own screen shows."""
    sent = await bot.send_message(MAYA, "Ready?", reply_markup=buttons("Yes"))
    old = maya.screen
    await bot.delete_message(MAYA, sent.id)
    await maya.tap("Yes", screen=old)
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    assert update.callback_query.message is not None
    assert not update.callback_query.message.is_accessible


async def test_a_press_can_be_answered_for_150_seconds(double: TelegramDouble, maya: Person, bot: Bot) -> None:
    """An answer that comes too late, or to no press at all, is refused."""
    await bot.send_message(MAYA, "Ready?", reply_markup=buttons("Yes"))
    press = await maya.tap("Yes")
    wording = says("Query is too old and response timeout expired or query id is invalid")
    double.advance(149)
    await bot.answer_callback_query(press.query_id)
    double.advance(2)
    with pytest.raises(BadRequest, match=wording):
        await bot.answer_callback_query(press.query_id)
    with pytest.raises(BadRequest, match=wording):
        await bot.answer_callback_query("12345")


# Files


async def test_a_persons_file_can_be_fetched(maya: Person, bot: Bot) -> None:
    """A document arrives with its name and type, and its bytes can be had."""
    await maya.send_file("letter.pdf", b"%PDF-1", "application/pdf", caption="Signed")
    (update,) = await bot.get_updates()
    assert update.message is not None
    document = update.message.document
    assert document is not None
    assert (document.file_name, document.mime_type) == ("letter.pdf", "application/pdf")
    file = await document.get_file()
    assert bytes(await file.download_as_bytearray()) == b"%PDF-1"


async def test_a_photo_comes_without_a_name(maya: Person, bot: Bot) -> None:
    """A picture has sizes instead of a name."""
    await maya.send_photo(b"jpeg", caption="The board")
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.caption == "The board"
    file = await update.message.photo[-1].get_file()
    assert bytes(await file.download_as_bytearray()) == b"jpeg"


async def test_a_file_over_20_mb_cannot_be_fetched(maya: Person, bot: Bot) -> None:
    """A bot is told of a large file and cannot download it."""
    await maya.send_file("film.mp4", b"x", "video/mp4", size=21 * 1024 * 1024)
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.document is not None
    with pytest.raises(BadRequest, match=says("File is too big")):
        await update.message.document.get_file()


async def test_a_sent_document_can_be_sent_again_by_its_id(maya: Person, bot: Bot) -> None:
    """A file goes up once; its id brings the same bytes again."""
    sent = await bot.send_document(MAYA, b"# Report", filename="report.md")
    assert sent.document is not None
    await bot.send_document(MAYA, sent.document.file_id, caption="Again")
    one, two = maya.documents
    assert (one.name, one.data) == ("report.md", b"# Report")
    assert (two.data, two.caption) == (b"# Report", "Again")


async def test_a_photo_goes_up(maya: Person, bot: Bot) -> None:
    """A picture sent by the bot is a message with a caption."""
    png = b"\x89PNG\r\n\x1a\n and so on"
    sent = await bot.send_photo(MAYA, png, caption="Progress")
    assert sent.photo
    assert maya.screen.text == "Progress"
    assert [(one.data, one.caption) for one in maya.pictures] == [(png, "Progress")]
    assert maya.documents == []


@pytest.mark.usefixtures("maya")
async def test_what_is_no_picture_is_no_photo(bot: Bot) -> None:
    """Telegram looks into it."""
    with pytest.raises(BadRequest, match=says("IMAGE_PROCESS_FAILED")):
        await bot.send_photo(MAYA, b"%PDF")


@pytest.mark.usefixtures("maya")
async def test_an_unknown_file_is_refused(bot: Bot) -> None:
    """An id that names no file is wrong for getting and for sending."""
    with pytest.raises(BadRequest, match=says("Wrong file_id")):
        await bot.get_file("nothing")
    with pytest.raises(BadRequest, match=says("Wrong file_id")):
        await bot.send_document(MAYA, "nothing")


# Waiting for the bot


async def test_a_person_can_wait_for_words(maya: Person, bot: Bot) -> None:
    """Expecting ends when the newest message says it, also by an edit."""
    sent = await bot.send_message(MAYA, "Working on it")
    waiting = asyncio.create_task(maya.expect("Done"))
    await bot.edit_message_text("Done: 3 gaps", MAYA, sent.id)
    assert (await waiting).text == "Done: 3 gaps"


async def test_expecting_in_vain_shows_the_screen(maya: Person, bot: Bot) -> None:
    """When the words do not come, the failure tells what is there."""
    await bot.send_message(MAYA, "Something else", reply_markup=buttons("Back"))
    with pytest.raises(AssertionError, match=r"Something else\n\[Back\]"):
        await maya.expect("Done", timeout=0.01)


# Faults


async def test_a_flood_names_its_wait_and_notes_who_did_not_wait(
    double: TelegramDouble, maya: Person, bot: Bot
) -> None:
    """A chat told to wait stays closed until then, and calls before are recorded."""
    double.faults.fail_next(Flood(retry_after=30), "sendMessage")
    with pytest.raises(RetryAfter) as told:
        await bot.send_message(MAYA, "One")
    assert told.value.retry_after == timedelta(seconds=30)
    with pytest.raises(RetryAfter):
        await bot.send_message(MAYA, "Too soon")
    (violation,) = double.faults.violations
    assert isinstance(violation, Violation)
    assert (violation.method, violation.chat_id) == ("sendMessage", MAYA)
    double.advance(30)
    await bot.send_message(MAYA, "In time")
    assert maya.texts == ["In time"]
    assert len(double.faults.violations) == 1


async def test_a_broken_server_did_nothing(double: TelegramDouble, maya: Person, bot: Bot) -> None:
    """A 502 means that the call had no effect; the next one has."""
    double.faults.fail_next(Broken(502), "sendMessage")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(MAYA, "Lost")
    await bot.send_message(MAYA, "Kept")
    assert maya.texts == ["Kept"]


@pytest.mark.parametrize(("done", "texts"), [(False, []), (True, ["Perhaps"])])
async def test_a_reset_leaves_the_bot_in_doubt(
    double: TelegramDouble, maya: Person, bot: Bot, *, done: bool, texts: list[str]
) -> None:
    """A broken connection looks the same whether or not the message was sent."""
    double.faults.fail_next(Reset(done=done), "sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(MAYA, "Perhaps")
    assert maya.texts == texts


async def test_a_share_of_calls_fails_the_same_each_time() -> None:
    """The seed decides which calls fail, so that a failure can be repeated."""
    first, second, other = [await kept_of_twenty(seed) for seed in (1, 1, 2)]
    assert first == second != other
    assert 0 < len(first) < 20


async def kept_of_twenty(seed: int) -> list[str]:
    """Send twenty messages of which half fail, and return those that did not."""
    async with TelegramDouble(seed=seed) as double, bot_at(double) as bot:
        maya = double.person(MAYA, "Maya")
        await maya.type("/start")
        double.faults.fail_share(Broken(500), 0.5, "sendMessage")
        for n in range(20):
            with contextlib.suppress(NetworkError):
                await bot.send_message(MAYA, str(n))
        return maya.texts


async def test_latency_holds_for_every_call(double: TelegramDouble, maya: Person, bot: Bot) -> None:
    """With latency set each call waits, and many wait at the same time."""
    slept: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    double.faults.latency = 0.05
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.telegram_double.server.asyncio.sleep", note)
        await asyncio.gather(*(bot.send_message(MAYA, str(n)) for n in range(5)))
    assert slept.count(0.05) == 5
    assert len(maya.texts) == 5


# As a process, with the echo bot of the benches


async def test_it_serves_an_echo_bot_from_a_process_of_its_own() -> None:
    """Loaded ahead and read by remote control, it sees each chat answered in order."""
    server = await run("-m", "tests.telegram_double", "--port", "0")
    url = await first_line(server)
    async with aiohttp.ClientSession(f"{url}/control/") as control:
        texts = ["/start", "{chat} says {n}", "bye"]
        load = {"chats": 3, "texts": texts}
        assert await ask(control, "load", load) == {"pending": 9}
        await ask(control, "latency", {"seconds": 0.001})
        echo = await run("-m", "tests.bench.echo_bot", url, "123456789:double")
        counters = await counted(control, confirmed=9)
        assert counters["texts"] == {str(chat): [questions.ask(n) for n in (1, 2, 3)] for chat in (1000, 1001, 1002)}
        assert counters["calls"]["sendMessage"] == 9
        assert (await ask(control, "fail", {"share": 2}))["error"].startswith("KeyError")
        assert await stopped(echo) == 0
    assert await stopped(server) == 0


async def run(*arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT, stdout=pipe)


async def first_line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(20):
        return (await process.stdout.readline()).decode().strip()


async def ask(control: aiohttp.ClientSession, verb: str, body: object) -> Any:
    async with control.post(verb, json=body) as answer:
        return await answer.json()


async def counted(control: aiohttp.ClientSession, *, confirmed: int) -> Any:
    """Read the counters once this many updates are confirmed."""
    async with asyncio.timeout(20):
        while True:
            async with control.get("counters") as answer:
                counters = await answer.json()
            if counters["confirmed"] >= confirmed:
                sent = sum(map(len, counters["texts"].values()))
                if sent >= confirmed:
                    return counters
            await asyncio.sleep(0.02)


async def stopped(process: asyncio.subprocess.Process) -> int:
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        return await process.wait()
