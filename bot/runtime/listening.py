"""The addresses that this process listens on. They are had before anything is made or said."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from bot.runtime.settings import Occupied, Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

WHY = {
    errno.EACCES: "which this user may not listen on. Give a port from 1024 on, and let a proxy pass others on to it",
    errno.EADDRINUSE: "where another program listens. Stop it, or give another port",
    errno.EADDRNOTAVAIL: "which is no address of this machine. Give one that is, such as 127.0.0.1 or 0.0.0.0",
}


def had(listen: str, where: socket.socket) -> str:
    """The host that was asked for, and the port that was had."""
    return f"{listen.rpartition(':')[0]}:{where.getsockname()[1]}"


def placed(chosen: Settings, pages: socket.socket | None, metrics: socket.socket | None) -> Settings:
    """The settings with the ports that were had, which port 0 leaves to the machine."""
    return replace(
        chosen,
        listen=had(chosen.listen, pages) if chosen.listen and pages else chosen.listen,
        metrics_listen=had(chosen.metrics_listen, metrics) if chosen.metrics_listen and metrics else None,
    )


class Sockets(NamedTuple):
    """What listens for pages and for metrics, each where it is set."""

    pages: socket.socket | None
    metrics: socket.socket | None


@contextmanager
def sockets(chosen: Settings) -> Iterator[Sockets]:
    """Sockets that listen. Wrong when one cannot be had."""
    with ExitStack() as stack:
        pages = stack.enter_context(socket_on("READINESS_LISTEN", chosen.listen)) if chosen.listen else None
        yield Sockets(pages, stack.enter_context(metrics_socket(chosen)))


@contextmanager
def metrics_socket(chosen: Settings) -> Iterator[socket.socket | None]:
    """A socket that listens for metrics, where they are to be served."""
    with ExitStack() as stack:
        name, listen = "READINESS_METRICS_LISTEN", chosen.metrics_listen
        yield stack.enter_context(socket_on(name, listen)) if listen else None


@contextmanager
def socket_on(name: str, listen: str, ports: int = 1) -> Iterator[socket.socket]:
    """A socket that listens where a setting says, on the first free one of so many ports."""
    from bot.web.server import listening

    host, _, first = listen.rpartition(":")
    for port in range(int(first), int(first) + ports):
        try:
            found = listening(host, port)
            break
        except OSError as error:
            kind = Occupied if error.errno == errno.EADDRINUSE else SettingsError
            refused = kind(
                f"{name} is {listen}, {WHY.get(error.errno or 0, f'which cannot be had: {error.strerror}')}."
            )
            if kind is SettingsError:
                raise refused from None
    else:
        raise refused
    with found:
        yield found
