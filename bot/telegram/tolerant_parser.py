"""Updates that PTB does not read, since another version of the server writes parts of them in another way.

A self-hosted Bot API server is as old as the day on which it was built. A poll without a field that came later, or
a text that answers one, is refused by PTB as a whole. Here what it refuses is left out, part by part, and the rest is
read: words stay words, and a part that cannot be read is named to whoever sent it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.application.messages import IncomingUpdate
from bot.dialog.contract import UnsupportedReply
from bot.telegram.parser import KINDS, MOVING, ODD, receive

if TYPE_CHECKING:
    from collections.abc import Callable

    from telegram import Update

    from bot.telegram.parser import Received

CORE = ("message_id", "date", "chat", "from", "edit_date", "is_topic_message", "message_thread_id")
MESSAGES = ("message", "edited_message", "channel_post")


def tolerant(raw: dict[str, Any], opens: Callable[[dict[str, Any]], Update], username: str, largest: int) -> Received:
    """What an update comes to without the parts that cannot be read. Raises what its core raises."""
    kind = next((name for name in MESSAGES if isinstance(raw.get(name), dict)), None)
    if kind is None:
        return receive(opens(_tap(raw)), username, largest)
    core = {name: value for name, value in raw[kind].items() if name in CORE}
    kept, refused = dict(core), []
    for name, value in raw[kind].items():
        if name in CORE:
            continue
        try:
            opens({"update_id": raw["update_id"], kind: {**core, name: value}})
        except Exception:  # noqa: BLE001 (whatever it is: this part is left out)
            refused.append(name)
        else:
            kept[name] = value
    if kind == "edited_message" and any(name in MOVING for name in refused):
        return None  # edited by the minute, and nobody said anything
    received = receive(opens({"update_id": raw["update_id"], kind: kept}), username, largest)
    named = next((words for name, words in KINDS.items() if name in refused), ODD)
    if isinstance(received, IncomingUpdate) and received.said == UnsupportedReply(ODD):
        return replace(received, said=UnsupportedReply(named))
    return received


def _tap(raw: dict[str, Any]) -> dict[str, Any]:
    """A tap with no more of its message than where it stands."""
    query = raw.get("callback_query")
    if not isinstance(query, dict) or not isinstance(query.get("message"), dict):
        return raw
    message = {name: value for name, value in query["message"].items() if name in CORE}
    return {**raw, "callback_query": {**query, "message": message}}
