"""Who opened a page inside Telegram: only what Telegram signed, for this bot, just now, once, is believed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from bot.web.telegram_init_data import FIELDS, LONGEST_BYTES, InitData, parsed

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
TOKEN = "4242:" + "s" * 35
SERVERS = Ed25519PrivateKey.from_private_bytes(b"\1" * 32)  # Telegram's, in this test
THIEF = Ed25519PrivateKey.from_private_bytes(b"\2" * 32)
USER = {"id": 7001, "first_name": "Lina", "language_code": "en"}


def reader(token: str = TOKEN, servers: Ed25519PrivateKey = SERVERS) -> InitData:
    return InitData(token, servers.public_key().public_bytes_raw())


def hashed(fields: dict[str, str], token: str = TOKEN) -> str:
    """What whoever knows the token writes below the fields."""
    lines = "\n".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "hash")
    secret = hmac.digest(b"WebAppData", token.encode(), hashlib.sha256)
    return hmac.new(secret, lines.encode(), hashlib.sha256).hexdigest()


def signed(fields: dict[str, str], servers: Ed25519PrivateKey = SERVERS, bot: str = "4242") -> str:
    """What Telegram writes below the fields."""
    lines = "\n".join(f"{name}={fields[name]}" for name in sorted(fields) if name not in {"hash", "signature"})
    signature = servers.sign(f"{bot}:WebAppData\n{lines}".encode())
    return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def fields(at: datetime = NOW, user: object = USER, **more: str) -> dict[str, str]:
    return {
        "query_id": "AAH",
        "user": user if isinstance(user, str) else json.dumps(user),
        "auth_date": str(int(at.timestamp())),
        **more,
    }


def opening(
    said: dict[str, str] | None = None, token: str = TOKEN, servers: Ed25519PrivateKey = SERVERS, bot: str = "4242"
) -> str:
    """What a client hands over."""
    made = dict(said or fields())
    made["signature"] = signed(made, servers, bot)
    made["hash"] = hashed(made, token)
    return urlencode(made, quote_via=quote)


def test_what_telegram_signed_for_this_bot_just_now_tells_who_it_is() -> None:
    found = reader().read(opening(), NOW)
    assert found is not None
    assert found.telegram_id == 7001


def test_telegrams_own_signature_verifies_with_telegrams_own_key() -> None:
    """An opening that its servers signed in December 2024 for bot 7342037359, as published in the tma.js docs."""
    user = (
        r'{"id":279058397,"first_name":"Vladislav + - ? \/","last_name":"Kibenko","username":"vdkfrost",'
        r'"language_code":"ru","is_premium":true,"allows_write_to_pm":true,"photo_url":"https:\/\/t.me\/i\/userpic\/'
        r'320\/4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoLDRG4PnSA.svg"}'
    )
    published = {
        "user": user,
        "chat_instance": "8134722200314281151",
        "chat_type": "private",
        "auth_date": "1733509682",
        "signature": "TYJxVcisqbWjtodPepiJ6ghziUL94-KNpG8Pau-X7oNNLNBM72APCpi_RKiUlBvcqo5L-LAxIc3dnTzcZX_PDg",
    }
    assert InitData("7342037359:x").by_telegram(published)
    assert not InitData("7342037358:x").by_telegram(published)
    assert not InitData("7342037359:x").by_telegram({**published, "auth_date": "1733509683"})
    assert not reader("7342037359:x").by_telegram(published)


@given(st.data())
def test_whatever_is_altered_is_refused(data: st.DataObject) -> None:
    """A character anywhere, of a name, a value, the hash or the signature."""
    whole = opening()
    at = data.draw(st.integers(0, len(whole) - 1))
    char = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    altered = whole[:at] + char + whole[at + 1 :]
    same = _fields_of(altered) == _fields_of(whole)  # %7b for %7B, say
    assert (reader().read(altered, NOW) is not None) == same


def _fields_of(text: str) -> list[tuple[str, str]]:
    return sorted(parse_qsl(text, keep_blank_values=True))


@given(st.text(max_size=200))
def test_anything_else_is_refused_and_breaks_nothing(text: str) -> None:
    assert reader().read(text, NOW) is None
    assert reader().read(f"{opening()}&{quote(text)}=x", NOW) is None


@given(
    user=st.one_of(
        st.text(), st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(json.dumps)
    )
)
def test_signed_nonsense_about_the_user_is_nobody(user: str) -> None:
    assert reader().read(opening(fields(user=user)), NOW) is None


def test_a_token_thiefs_forgery_is_refused_though_its_hash_is_right() -> None:
    """Whoever has the token makes a right hash for anybody; Telegram's signature they cannot make."""
    for made in (
        opening(servers=THIEF),
        _with(fields(signature="")),
        _with(fields()),  # without a signature at all, as before Telegram signed
        _with(fields(signature=signed(fields(user={"id": 1})))),  # of another opening
        _with(fields(signature="A" * 86)),
    ):
        assert only_the_hash(made) == 7001, "the thief's hash must be right, or this shows nothing"
        assert reader().read(made, NOW) is None


def _with(said: dict[str, str]) -> str:
    return urlencode({**said, "hash": hashed(said)}, quote_via=quote)


def only_the_hash(text: str) -> int | None:
    """What a verifier that knows only the token would believe."""
    said = parsed(text)
    return int(json.loads(said["user"])["id"]) if said and reader().by_token(said) else None


def test_telegrams_signature_without_the_tokens_hash_is_refused() -> None:
    said = {**fields(), "signature": signed(fields())}
    for wrong in ("", "0" * 64, hashed(said, "4242:other"), hashed(said).upper()):
        assert reader().read(urlencode({**said, "hash": wrong}), NOW) is None
    assert reader().read(urlencode(said), NOW) is None


def test_what_was_made_for_another_bot_is_refused() -> None:
    assert reader().read(opening(bot="4243"), NOW) is None
    assert reader("4243:" + "s" * 35).read(opening(), NOW) is None


@pytest.mark.parametrize(
    ("made", "believed"),
    [
        (timedelta(0), True),
        (timedelta(minutes=-10), True),
        (timedelta(minutes=-10, seconds=-1), False),
        (timedelta(days=-1), False),
        (timedelta(minutes=1), True),
        (timedelta(minutes=1, seconds=1), False),
    ],
)
def test_only_what_was_made_just_now_counts(made: timedelta, *, believed: bool) -> None:
    assert (reader().read(opening(fields(NOW + made)), NOW) is not None) == believed


@pytest.mark.parametrize("day", ["", "-1", "1e9", "²", "9" * 11, "9" * 12, "9" * 500, " 1764061200", "now"])
def test_a_time_that_is_none_is_refused(day: str) -> None:
    assert reader().read(opening({**fields(), "auth_date": day}), NOW) is None


@pytest.mark.parametrize(
    "user",
    [
        {"first_name": "Nobody"},
        {"id": "7001"},
        {"id": True},
        {"id": 7001.0},
        {"id": -7001},
        {"id": 0},
        {"id": 2**70},
        {"id": 7001, "is_bot": True},
        [7001],
        None,
        "",
        "{",
    ],
)
def test_who_is_nobody_or_a_bot_is_refused(user: object) -> None:
    assert reader().read(opening(fields(user=user)), NOW) is None
    said = fields()
    del said["user"]
    assert reader().read(opening(said), NOW) is None


def test_a_field_that_comes_twice_is_refused() -> None:
    other = quote(json.dumps({"id": 1}))
    for made in (f"{opening()}&user={other}", f"user={other}&{opening()}", f"{opening()}&hash={'0' * 64}"):
        assert reader().read(made, NOW) is None


def test_one_field_that_passes_for_two_is_refused() -> None:
    """Signed lines that hold a line feed could be cut apart in another way."""
    whole = fields()
    joined = {"auth_date": f"{whole['auth_date']}\nquery_id={whole['query_id']}", "user": whole["user"]}
    assert signed(joined) == signed(whole), "the two must look alike to who signs, or this shows nothing"
    assert reader().read(opening(joined), NOW) is None
    assert reader().read(opening(fields(start_param="a\nb")), NOW) is None


def test_the_same_opening_is_known_again_however_it_is_written() -> None:
    first = reader().read(opening(), NOW)
    turned = "&".join(reversed(opening().split("&")))
    again = reader().read(turned, NOW + timedelta(minutes=5))
    assert first is not None
    assert again == first
    other = reader().read(opening(fields(query_id="AAI")), NOW)
    assert other is not None
    assert other.once != first.once


def test_a_signature_written_in_another_way_is_refused() -> None:
    """Base64 leaves bits unused at its end: with the token, one signature could be written in many ways."""
    said = fields()
    signature = signed(said)
    last = signature[-1]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = signature[:-1] + letters[letters.index(last) ^ 1]
    assert base64.urlsafe_b64decode(other + "==") == base64.urlsafe_b64decode(signature + "==")
    for written in (other, signature + "==", signature.replace("-", "+").replace("_", "/") + "=", f"{signature}!"):
        assert reader().read(_with({**said, "signature": written}), NOW) is None


def test_too_much_is_not_looked_at() -> None:
    assert reader().read(opening(fields(start_param="x" * LONGEST_BYTES)), NOW) is None
    assert reader().read(opening(fields(**{f"f{nth}": "" for nth in range(FIELDS)})), NOW) is None
