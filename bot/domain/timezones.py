"""Time zones as people name them: a city, or how far from UTC.

A zone is written as the IANA's name (``Asia/Kolkata``), or as an offset (``UTC+05:30``).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

# Where delegations sit, and no zone is named for it.
CAPITALS = {
    "abu dhabi": "Asia/Dubai",
    "bangalore": "Asia/Kolkata",
    "barcelona": "Europe/Madrid",
    "beijing": "Asia/Shanghai",
    "bern": "Europe/Zurich",
    "bonn": "Europe/Berlin",
    "boston": "America/New_York",
    "brasilia": "America/Sao_Paulo",
    "canberra": "Australia/Sydney",
    "cape town": "Africa/Johannesburg",
    "delhi": "Asia/Kolkata",
    "frankfurt": "Europe/Berlin",
    "geneva": "Europe/Zurich",
    "hanoi": "Asia/Ho_Chi_Minh",
    "houston": "America/Chicago",
    "islamabad": "Asia/Karachi",
    "milan": "Europe/Rome",
    "montreal": "America/Toronto",
    "mumbai": "Asia/Kolkata",
    "munich": "Europe/Berlin",
    "new delhi": "Asia/Kolkata",
    "noordwijk": "Europe/Amsterdam",
    "osaka": "Asia/Tokyo",
    "ottawa": "America/Toronto",
    "pretoria": "Africa/Johannesburg",
    "rio de janeiro": "America/Sao_Paulo",
    "saint petersburg": "Europe/Moscow",
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "shenzhen": "Asia/Shanghai",
    "st petersburg": "Europe/Moscow",
    "tel aviv": "Asia/Jerusalem",
    "the hague": "Europe/Amsterdam",
    "washington": "America/New_York",
    "washington d c": "America/New_York",
    "washington dc": "America/New_York",
    "wellington": "Pacific/Auckland",
    "wuhan": "Asia/Shanghai",
}
AREAS = {
    "africa",
    "america",
    "antarctica",
    "arctic",
    "asia",
    "atlantic",
    "australia",
    "europe",
    "indian",
    "pacific",
}
OFFSET = re.compile(r"(?:utc|gmt)? ?(?P<sign>[+\-−]) ?(?P<h>\d{1,2})(?::?(?P<m>\d{2}))?")
FARTHEST = 14  # hours; Kiritimati


def zone(name: str) -> tzinfo:
    """The zone of a name that `named` gave; UTC for one that is not known on this machine (any more)."""
    if found := OFFSET.fullmatch(name.casefold()):
        return timezone(_offset(found))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def named(text: str) -> tuple[str, ...]:
    """The zones that typed words may mean: none, one, or several to choose from."""
    words = _plain(text)
    if words in {"utc", "gmt", "z"}:
        return ("UTC",)
    if found := OFFSET.fullmatch(words):
        away = _offset(found)
        hours, minutes = divmod(abs(away) // timedelta(minutes=1), 60)
        if hours > FARTHEST or int(found["m"] or 0) > 59 or abs(away) > timedelta(hours=FARTHEST):
            return ()
        return (f"UTC{'-' if away < timedelta(0) else '+'}{hours:02}:{minutes:02}",) if away else ("UTC",)
    known = _cities()
    if words in CAPITALS:
        return (CAPITALS[words],)
    if exact := known.get(words):
        return exact
    begun = sorted(
        {name for city, names in known.items() if len(words) >= 3 and city.startswith(words) for name in names}
    )
    return tuple(begun[:8])


@cache
def _cities() -> dict[str, tuple[str, ...]]:
    """Every zone of a place, by its city and by its whole name."""
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(available_timezones()):
        area, _, rest = name.partition("/")
        if rest and area.casefold() in AREAS:
            for key in {_plain(rest.rpartition("/")[2]), _plain(name)}:
                same = any(known.partition("/")[0] == area for known in found.get(key, ()))  # an old name of it
                found[key] = found[key] if same else (*found.get(key, ()), name)
    return found


def _offset(found: re.Match[str]) -> timedelta:
    away = timedelta(hours=int(found["h"]), minutes=int(found["m"] or 0))
    return away if found["sign"] == "+" else -away


def _plain(text: str) -> str:
    """Words without capitals, accents and punctuation."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(re.sub(r"[_.,]", " ", bare.casefold()).split())
