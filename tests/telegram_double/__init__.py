"""A Bot API double: Telegram on loopback, with people to talk to the bot."""

from .clients import Client
from .faults import Broken, Fault, Faults, Flood, Reset, Violation
from .origins import FromChannel, FromGroup, FromPerson, Origin
from .people import Button, Document, Group, Person, Screen
from .server import DEFAULT_TOKEN, TelegramDouble
from .world import Press

__all__ = [
    "DEFAULT_TOKEN",
    "Broken",
    "Button",
    "Client",
    "Document",
    "Fault",
    "Faults",
    "Flood",
    "FromChannel",
    "FromGroup",
    "FromPerson",
    "Group",
    "Origin",
    "Person",
    "Press",
    "Reset",
    "Screen",
    "TelegramDouble",
    "Violation",
]
