"""Run the double as a process of its own: `python -m tests.telegram_double`.

The first line it prints is its address. It stops on SIGTERM, on Ctrl-C, or when
its lifetime is over, so that a bench which dies leaves nothing behind.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from .control import Control
from .server import DEFAULT_TOKEN, TelegramDouble


async def serve(*, port: int, token: str, seed: int, lifetime: float) -> None:
    """Serve until told to stop, or for `lifetime` seconds."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    double = TelegramDouble(token=token, seed=seed, port=port)
    double.app.add_routes(Control(double).routes())
    async with double:
        sys.stdout.write(f"{double.url}\n")
        sys.stdout.flush()
        try:
            await asyncio.wait_for(stop.wait(), lifetime)
        except TimeoutError:
            sys.stderr.write(f"stopped after {lifetime} seconds\n")


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.telegram_double")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=DEFAULT_TOKEN)
    parser.add_argument("--seed", type=int, default=0, help="for shares of failures")
    parser.add_argument("--lifetime", type=float, default=900, help="seconds at most")
    asyncio.run(serve(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
