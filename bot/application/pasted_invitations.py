"""An invitation that somebody pastes instead of opening it: Telegram then sends words, and no command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.application.messages import IncomingUpdate
from bot.dialog.contract import Command, TextReply

SCHEME = re.compile(r"https?://", re.IGNORECASE)
SECRET = re.compile(r"[A-Za-z0-9_-]{1,64}")  # what a link to a bot may carry
BARE_SECRET = re.compile(r"[A-Za-z0-9_-]{22}")  # 128 bits in base64url, as every invitation of ours


def opened_link(arrived: IncomingUpdate, links: Sequence[str], *, stranger: bool) -> IncomingUpdate:
    """An update, as if its sender had opened the invitation that it holds; as it is where it holds none.

    ``links`` is how our invitations begin. Of somebody known a link counts alone in its message, and no bare code: what
    they type may be an answer. A stranger has nothing else to say.
    """
    if not isinstance(arrived.said, TextReply) or arrived.edited:
        return arrived
    words = arrived.said.text.split()
    if len(words) != 1 and not stranger:
        return arrived
    found = next((secret for word in words if (secret := _secret(word, links))), "")
    if not found and stranger and len(words) == 1 and BARE_SECRET.fullmatch(words[0]):
        found = words[0]
    return replace(arrived, said=Command("start", found)) if found else arrived


def _secret(word: str, links: Sequence[str]) -> str:
    """The secret of an invitation that a word is the link of; empty where it is none."""
    address = SCHEME.sub("", word, count=1)
    beginnings = [SCHEME.sub("", link, count=1) for link in links if link]
    rest = next((address[len(start) :] for start in beginnings if address.casefold().startswith(start.casefold())), "")
    found = SECRET.match(rest)  # a full stop of the sentence may follow
    return found[0] if found else ""
