"""Nothing that is secret stands in anything the bot says of itself, at DEBUG, through faults of every kind."""

from __future__ import annotations

import asyncio
import base64
import gc
import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from bot.domain.events import ANY_EVENT
from bot.runtime.log_redaction import RedactionFilter, unheeded
from bot.runtime.settings import settings_of
from bot.storage.schema import set_aside
from tests.api import of_process
from tests.e2e import KEY, TOKEN, Kennel, environment, kennel, taps, types
from tests.telegram_double import Broken, Reset, TelegramDouble

ANSWER, FILE, NAME = "canaryanswer fourteenth parallel", "canarybytes in a file", "canaryname.txt"
POISON = "canarypoison makes it fail"


async def conversation(double: TelegramDouble, tmp_path: Path, *faults: str) -> tuple[str, dict[str, str]]:
    """A lead opens talks, invites, answers, sends a file, and meets faults; what was said of it, and the canaries."""
    env = environment(double, tmp_path, LOG_LEVEL="DEBUG")
    out = tmp_path / "kennel.out"
    maya, omar = double.person(501, "Maya"), double.person(502, "Omar")
    async with kennel(env, tmp_path, *faults) as running:
        await running.start()
        code = await first_code(running)
        await types(maya, f"/start {code}", "You belong to no negotiation")
        for label, expects in (
            ("Open a negotiation", "which checklist"), ("China", "with whom"), ("China", "What are the talks about"),
            ("civil space", "On which day"),
        ):  # fmt: skip
            await taps(maya, label, expects)
        await types(maya, "in 90 days", "Open this negotiation?")
        await taps(maya, "Open it", "you lead it")
        await types(maya, "/team", "Maya, lead (you)")
        shown = await taps(maya, "Invite a member", "Send this link to one person")
        link = re.search(r"start=(\S+)", shown.text)
        assert link is not None
        await types(omar, f"/start {link[1]}", "Talks with China")
        double.faults.fail_next(Reset(), "sendMessage", "getUpdates", times=2)
        double.faults.fail_next(Broken(), "sendMessage", times=2)
        await types(omar, "/sections", "Settled items")
        await taps(omar, "Limit expectations", "Small and testable steps")
        await taps(omar, "Minimum acceptable outcome", "Minimum acceptable outcome")
        await types(omar, ANSWER, "Minimum acceptable outcome")
        await omar.send_file(NAME, FILE.encode())
        await omar.expect("Added as evidence")
        for fault in ("value", "raise", "store"):
            await types(omar, f"{POISON} {fault}", "Something went wrong here")
        await types(omar, "/summary", "NOT READY")
        await running.end(15)
    canaries = {
        "token": TOKEN.partition(":")[2], "key": base64.b64encode(KEY).decode(), "invite": link[1],
        "answer": ANSWER, "file": FILE, "name": NAME, "poison": "canarypoison",
    }  # fmt: skip
    return out.read_text(encoding="utf-8"), canaries | {"code": code}


async def first_code(running: Kennel) -> str:
    """The first code, which is said once, on the terminal and not in the log."""
    assert running.process.stdout is not None
    while not (found := re.search(rb"/start (\S+) to @", await running.process.stdout.readline())):
        pass
    return found[1].decode()


@pytest.fixture
async def double():
    async with TelegramDouble(token=TOKEN) as started:
        yield started


@pytest.mark.slow
async def test_a_whole_conversation_leaves_no_secret_in_any_log(double: TelegramDouble, tmp_path: Path):
    said, canaries = await conversation(double, tmp_path, "errors_that_quote")
    assert said.count("was set aside") == 3  # so that there was something to be careless about
    assert "DEBUG" in said
    assert [name for name, canary in canaries.items() if canary in said] == []
    with of_process(tmp_path) as there, there.store.operating() as tx:
        errors = [row.error for row in tx._connection.execute(select(set_aside))]  # noqa: SLF001
    assert len(errors) == 3
    assert not any("canary" in error for error in errors)


@pytest.mark.prove
async def test_the_harness_finds_a_careless_log_call(double: TelegramDouble, tmp_path: Path):
    """The control: one line that logs what was heard."""
    said, canaries = await conversation(double, tmp_path, "errors_that_quote", "log_what_is_heard")
    assert {"answer", "name", "poison"} <= {name for name, canary in canaries.items() if canary in said}


def test_errors_of_what_was_said_do_not_quote_it():
    """Pydantic quotes its input by default."""
    with pytest.raises(ValidationError) as error:
        ANY_EVENT.validate_python({"kind": "handling", "text": ["canary"], "more": "canary"})
    assert "canary" not in str(error.value)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged, as a bot that runs writes it."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(RedactionFilter("1:token"))
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)


def test_a_traceback_that_somebody_else_logs_tells_where_and_not_what(written: io.StringIO):
    """The server below our pages logs what fails in the middle of one."""

    def fails(words: str) -> None:
        raise RuntimeError(words) from KeyError(words)

    words = "canary"
    try:
        fails(words)
    except RuntimeError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    said = written.getvalue()
    assert "test_silence.py" in said
    assert "\nRuntimeError\n\nwhich came after\n" in said
    assert said.endswith("KeyError\n")
    assert words not in said


@pytest.mark.slow
async def test_a_task_that_nobody_awaits_tells_no_words_of_its_error(written: io.StringIO):
    asyncio.get_running_loop().set_exception_handler(unheeded)
    words = "canary"

    async def fails() -> None:
        raise RuntimeError(words)

    task = asyncio.create_task(fails())
    await asyncio.wait([task])
    del task
    gc.collect()
    assert "Task exception was never retrieved" in written.getvalue()
    assert "canary" not in written.getvalue()


def test_keys_and_passwords_are_known_to_what_redacts():
    key = base64.b64encode(b"canary-key-of-thirty-two-bytes-!").decode()
    settings = settings_of({"READINESS_KEY": key, "DATABASE_URL": "postgresql://me:canary%2Fword@host/name"})
    assert settings.secrets == (key, "canary/word")
    assert "canary" not in repr(settings)
    elsewhere = settings_of({"DATABASE_URL": "postgresql:///name?user=me&password=canary%2Fword"})
    assert elsewhere.secrets == ("canary/word",)
    proxy = settings_of({"TELEGRAM_BOT_TOKEN": "1:token", "HTTPS_PROXY": "http://me:canary-proxy@host:3128"})
    assert proxy.secrets == ("canary-proxy",)
    assert "canary" not in repr(proxy)
    clean = RedactionFilter("1:token", settings.secrets).clean
    assert clean(f"at postgresql://me:canary%2Fword@host with {key} or canary/word") == (
        "at postgresql://me:[secret]@host with [secret] or [secret]"
    )
