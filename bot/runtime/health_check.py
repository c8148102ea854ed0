"""Asks the bot that runs on this machine how it is, for whoever restarts it when it is unwell."""

from __future__ import annotations

import json
from contextlib import suppress
from http.client import HTTPConnection, HTTPException

from bot.runtime.master_key import key_there
from bot.runtime.settings import Settings, SettingsError
from bot.storage.integrity.encryption import health_secret

PATIENCE_SECONDS = 5.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "::1"}  # noqa: S104 (where it listens on every address, it is here, too)


def check_health(chosen: Settings) -> tuple[bool, str]:
    """Whether the bot is of use at present, and what it says of itself."""
    if chosen.listen is None:
        raise SettingsError("READINESS_LISTEN is not set, so the bot does not tell how it is.")
    host, _, port = chosen.listen.rpartition(":")
    connection = HTTPConnection(ANYWHERE.get(host, host.strip("[]")), int(port), timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/readyz", headers=_secret(chosen))
        answer = connection.getresponse()
        told = json.loads(answer.read())
    except (OSError, HTTPException, ValueError) as error:
        return False, f"The bot does not answer on {chosen.listen}: {type(error).__name__}."
    finally:
        connection.close()
    return answer.status == 200, json.dumps(told)


def _secret(chosen: Settings) -> dict[str, str]:
    """What shows all of it; without the key, what everybody is told must do."""
    with suppress(SettingsError):
        if (key := key_there(chosen)) is not None:
            return {"Authorization": f"Bearer {health_secret(key)}"}
    return {}
