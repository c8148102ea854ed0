"""A bare starlette route that answers every update with 200 and keeps nothing: the baseline of the webhook.

    python -m tests.bench.bare_route URL TOKEN PORT

It is served by uvicorn as our bot is, which takes httptools where that is installed, and the same parser for both.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request


async def take(request: Request) -> Response:
    """Take an update in."""
    await request.body()
    return Response()


def main(url: str, token: str, port: str) -> None:
    """Tell Telegram the address, and serve until killed."""
    body = json.dumps({"url": f"http://127.0.0.1:{port}/telegram", "max_connections": 40}).encode()
    asked = urllib.request.Request(  # noqa: S310 (loopback)
        f"{url}/bot{token}/setWebhook", body, {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(asked).close()  # noqa: S310 (loopback)
    app = Starlette(routes=[Route("/telegram", take, methods=["POST"])])
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_config=None, access_log=False, server_header=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
