"""A bot that does only what durability needs, and no dialog: how cheap a durable answer can be.

    python -m tests.bench.floor_bot URL TOKEN FILE

It polls; one transaction for the updates of a poll, in one thread, keeps for each its number, the sealed event with its
MAC over the one before, and the sealed chat, and commits with a full sync; then the press is answered and the message
edited, side by side. The calls of a chat go out in order.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import aiohttp
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.bench.questions import OPTIONS, QUESTIONS, ask, is_tapped

try:
    import orjson as json
except ImportError:
    import json

if TYPE_CHECKING:
    from collections.abc import Sequence

POLL_SECONDS = 30
KEY = bytes(range(32))  # a sample
NONCE_BYTES = 12
KEYBOARD = {"inline_keyboard": [[{"text": label, "callback_data": key} for key, label in OPTIONS.items()]]}
TABLES = """
PRAGMA journal_mode = persist;
PRAGMA synchronous = full;
CREATE TABLE IF NOT EXISTS updates (number INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, body BLOB NOT NULL, mac BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS chats (chat INTEGER PRIMARY KEY, body BLOB NOT NULL);
"""


class Ledger:
    """What was answered, in one file. It is used by one thread."""

    def __init__(self, path: str) -> None:
        """Open the file, and read where everybody stands."""
        self._cipher = AESGCM(KEY)
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.executescript(TABLES)
        rows = self._database.execute("SELECT chat, body FROM chats")
        self._questions: dict[int, int] = {chat: json.loads(self._opened(body))["question"] for chat, body in rows}
        self._mac = next(self._database.execute("SELECT mac FROM events ORDER BY seq DESC LIMIT 1"), (bytes(32),))[0]

    def record(self, updates: Sequence[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
        """Keep what these updates say, once; the number of the question that each is followed by."""
        run = self._database.execute
        run("BEGIN IMMEDIATE")
        followed = [(self._kept(update), update) for update in updates]
        run("COMMIT")
        return followed

    def _kept(self, update: dict[str, Any]) -> int:
        run, chat = self._database.execute, _chat(update)
        if not run("INSERT OR IGNORE INTO updates VALUES (?)", (update["update_id"],)).rowcount:
            return self._questions.get(chat, 1)
        question = self._questions[chat] = self._questions.get(chat, 0) + 1
        if question > 1:
            body = self._sealed({"chat": chat, "question": question - 1, "answer": _answer(update)})
            self._mac = hmac.digest(KEY, self._mac + body, hashlib.sha256)
            run("INSERT INTO events (body, mac) VALUES (?, ?)", (body, self._mac))
        run("INSERT OR REPLACE INTO chats VALUES (?, ?)", (chat, self._sealed({"question": question})))
        return question

    def _sealed(self, value: dict[str, Any]) -> bytes:
        nonce, text = os.urandom(NONCE_BYTES), json.dumps(value)
        return nonce + self._cipher.encrypt(nonce, text if isinstance(text, bytes) else text.encode(), None)

    def _opened(self, body: bytes) -> bytes:
        return self._cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], None)


class Bot:
    """Takes updates in, and brings each chat to its next question."""

    def __init__(self, session: aiohttp.ClientSession, url: str, ledger: Ledger) -> None:
        """Call the Bot API at this address."""
        self._session, self._url, self._ledger = session, url, ledger
        self._last: dict[int, asyncio.Task[None]] = {}  # what a chat is brought at present

    async def poll(self) -> None:
        """Poll without end; a poll confirms what was committed before."""
        loop, offset = asyncio.get_running_loop(), 0
        with ThreadPoolExecutor(1) as writer:
            while True:
                updates = await self._call("getUpdates", {"offset": offset, "timeout": POLL_SECONDS})
                if updates:
                    followed = await loop.run_in_executor(writer, self._ledger.record, updates)
                    offset = updates[-1]["update_id"] + 1
                    for question, update in followed:
                        chat = _chat(update)
                        self._last[chat] = asyncio.create_task(self._bring(self._last.get(chat), question, update))

    async def _bring(self, before: asyncio.Task[None] | None, question: int, update: dict[str, Any]) -> None:
        if before is not None and not before.done():
            await before
        shown: dict[str, Any] = {"chat_id": _chat(update), "text": ask(question) if question <= QUESTIONS else "Done."}
        if is_tapped(question):
            shown["reply_markup"] = KEYBOARD
        press = update.get("callback_query")
        if press is None:
            await self._call("sendMessage", shown)
        else:
            edit = self._call("editMessageText", shown | {"message_id": press["message"]["message_id"]})
            await asyncio.gather(self._call("answerCallbackQuery", {"callback_query_id": press["id"]}), edit)

    async def _call(self, method: str, fields: dict[str, Any]) -> Any:
        async with self._session.post(f"{self._url}/{method}", json=fields) as answer:
            return json.loads(await answer.read())["result"]


def _chat(update: dict[str, Any]) -> int:
    message = update.get("message") or update["callback_query"]["message"]
    return int(message["chat"]["id"])


def _answer(update: dict[str, Any]) -> str:
    return str(update["message"]["text"] if "message" in update else update["callback_query"]["data"])


async def serve(url: str, token: str, path: str) -> None:
    """Serve until killed."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await Bot(session, f"{url}/bot{token}", Ledger(path)).poll()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
