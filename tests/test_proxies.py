"""The pages behind nginx and Caddy, set up as docs/operate/browser.md says or as they come: all stays live."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e import SOON, Bot, environment

NGINX = """
daemon off; pid nginx.pid; error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://127.0.0.1:{bot};
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
        }}
    }}
}}
"""
CADDY = """
{{
    admin off
    auto_https off
}}
http://127.0.0.1:{port} {{
    reverse_proxy 127.0.0.1:{bot}
}}
"""
PROXIES = {
    "nginx": (NGINX, ["nginx", "-p", ".", "-c", "config", "-e", "stderr"]),
    "caddy": (CADDY, ["caddy", "run", "--config", "config", "--adapter", "caddyfile"]),
}


def free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@asynccontextmanager
async def proxied(name: str, port: int, bot: int, folder: Path) -> AsyncIterator[None]:
    """A proxy on one port that passes on to another."""
    words = set_up(name, port, bot, folder)
    own = {"PATH": os.environ["PATH"], "HOME": str(folder)}  # where Caddy keeps what it was set up as
    with (folder / "said").open("wb") as said:
        process = await asyncio.create_subprocess_exec(*words, cwd=folder, env=own, stdout=said, stderr=said)
    try:
        async with asyncio.timeout(SOON):
            while not await answers(port):
                assert process.returncode is None, (folder / "said").read_text(encoding="utf-8")
                await asyncio.sleep(0.05)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def set_up(name: str, port: int, bot: int, folder: Path) -> list[str]:
    """The words that start it in a folder."""
    config, words = PROXIES[name]
    folder.mkdir()
    (folder / "config").write_text(config.format(port=port, bot=bot), encoding="utf-8")
    return words


async def answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@pytest.mark.prove
@pytest.mark.parametrize("name", PROXIES)
async def test_a_page_behind_a_proxy_shows_what_others_change_as_they_change_it(name: str, tmp_path: Path) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"There is no {name} on this machine (apt-get install {name}).")
    port, inside = free(), free()
    given = {"READINESS_LISTEN": f"127.0.0.1:{inside}", "READINESS_URL": f"http://127.0.0.1:{port}"}
    own = {key: value for key, value in environment("", tmp_path).items() if not key.startswith("TELEGRAM")}
    bot = Bot(own | given, tmp_path)
    await bot.start()
    try:
        said = await bot.says("Nobody leads yet. Open ")
        link = re.search(r"Open (\S+)", said)
        assert link
        async with proxied(name, port, inside, tmp_path / name), httpx.AsyncClient(follow_redirects=True) as page:
            await follows(page, link[1], f"http://127.0.0.1:{port}")
    finally:
        await bot.stop(signal.SIGKILL)


async def follows(page: httpx.AsyncClient, link: str, url: str) -> None:
    """Come in by a link, look on, and see one's own answer come back on the stream."""
    secret = link.rpartition("=")[2]
    assert (await page.get(link)).status_code == 200
    there = (await page.post(f"{url}/join", data={"s": secret, "name": "Maya"}, headers={"origin": url})).text
    found = re.search(r'data-person="(\w+)"', there)
    csrf = re.search(r'name="csrf" value="([^"]+)"', there)
    assert found
    assert csrf
    async with asyncio.timeout(SOON), page.stream("GET", f"{url}/live?as={found[1]}") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == ": here"
        form = {"csrf": csrf[1], "text": "/help"}
        assert (await page.post(f"{url}/chat/{found[1]}", data=form, headers={"origin": url})).status_code == 200
        while not (await anext(lines)).startswith("data: "):
            pass
