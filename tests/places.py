"""Every place there is, whether or not something that a test happened to import leads to it."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import bot.dialog
from bot.dialog.contract import Place


def every_place() -> frozenset[type[Place]]:
    """The kinds of places that the dialog's modules declare, all of them imported."""
    for module in pkgutil.walk_packages(bot.dialog.__path__, f"{bot.dialog.__name__}."):
        import_module(module.name)
    return frozenset(kind for kind in _below(Place) if kind.__module__.startswith("bot."))


def _below(kind: type[Place]) -> Iterator[type[Place]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _below(subclass)
