"""The Telegram of the bench with its people, as a process of its own: `python -m tests.bench.double`.

The first line it prints is its address. Then it reads verbs of the load, a JSON line each, as ["flood", {"each": 3}],
and answers each with a JSON line: what was measured, or {"error": why not}. It ends with its input.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from typing import Any

from tests.bench.load import Load
from tests.bench.telegram import Connection, Telegram


async def serve() -> None:
    """Serve on a free port of loopback until the input ends."""
    telegram = Telegram()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(telegram), "127.0.0.1", 0)
    gc.freeze()
    gc.set_threshold(100_000)  # what is kept here grows all the time, and is looked through in vain
    _tell(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    load = Load(telegram)
    verbs = asyncio.StreamReader(limit=2**20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(verbs), sys.stdin)
    async for line in verbs:
        _tell(await _done(load, *json.loads(line)))
    await telegram.delivery.close()
    server.close()


async def _done(load: Load, verb: str, wanted: dict[str, Any]) -> object:
    try:
        return await getattr(load, verb)(**wanted)
    except Exception as error:  # noqa: BLE001 (who asked tells it)
        return {"error": f"{type(error).__name__}: {error}"}


def _tell(answer: object) -> None:
    sys.stdout.write(f"{json.dumps(answer)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve())
