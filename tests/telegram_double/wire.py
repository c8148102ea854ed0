"""What crosses the wire: parameters in, results or refusals out.

A Bot API call may arrive as a query string, a form, a multipart form or a JSON
body, and means the same each time. Source: Bot API, "Making requests".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = dict[str, object]

UPLOAD_LIMIT = 50 * 1024 * 1024  # bytes; Bot API, "Sending files"


class ApiError(Exception):
    """A call that Telegram refuses, with its code and its wording."""

    def __init__(self, code: int, description: str, *, retry_after: int | None = None, moved_to: int = 0) -> None:
        """Keep what the answer will say; `retry_after` is in seconds, `moved_to` a supergroup's number."""
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.moved_to = moved_to

    def as_json(self) -> Json:
        """Return the body of the answer. Source: Bot API, ResponseParameters."""
        body: Json = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        if self.moved_to:
            body["parameters"] = {"migrate_to_chat_id": self.moved_to}
        return body


def refuse(what: str, code: HTTPStatus = HTTPStatus.BAD_REQUEST) -> NoReturn:
    """Refuse a call, saying what is wrong with it after the name of its code."""
    raise ApiError(code, f"{code.phrase}: {what}")


def too_many_requests(seconds: int) -> ApiError:
    """Return the refusal that asks to be left alone for a while."""
    return ApiError(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"Too Many Requests: retry after {seconds}",
        retry_after=seconds,
    )


@dataclass(frozen=True)
class Upload:
    """A file as somebody sent it."""

    name: str
    mime: str
    data: bytes


class Params:
    """The parameters of one call, read as the method needs them.

    Forms carry every value as text and JSON bodies carry it as it is; both read
    the same from here.
    """

    def __init__(self, fields: Mapping[str, object], uploads: Mapping[str, Upload]) -> None:
        """Keep the fields and files that one request carried."""
        self._fields = fields
        self.uploads = uploads

    def __contains__(self, name: str) -> bool:
        """Tell whether the call gave this parameter at all."""
        return name in self._fields

    def __str__(self) -> str:
        """Show all that the call carried, files too."""
        files = (f"{one.name} {one.data.decode('latin-1')}" for one in self.uploads.values())
        return "\n".join([*(f"{name}: {value}" for name, value in self._fields.items()), *files])

    def text(self, name: str) -> str:
        """Return a text parameter, empty when it was not given."""
        value = self._fields.get(name, "")
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int = 0) -> int:
        """Return a whole number; Telegram takes an unreadable one as not given."""
        try:
            return int(self.text(name))
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """Return a yes or no, which forms spell in several ways."""
        return self.text(name).lower() in {"true", "yes", "1"}

    def json(self, name: str) -> object:
        """Return a structured parameter, `None` when it was not given."""
        value = self._fields.get(name) or None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            refuse(f"can't parse {name} JSON object")


async def read_params(request: web.Request) -> Params:
    """Read the parameters of a call from wherever its sender put them."""
    fields: dict[str, object] = dict(request.query)
    uploads: dict[str, Upload] = {}
    try:
        if request.content_type == "application/json":
            fields.update(_json_object(await request.text()))
        else:
            for name, value in (await request.post()).items():
                if isinstance(value, web.FileField):
                    data = value.file.read()
                    uploads[name] = Upload(value.filename, value.content_type, data)
                else:
                    fields[name] = value
    except web.HTTPRequestEntityTooLarge:
        code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        raise ApiError(code, "Request Entity Too Large") from None
    return Params(fields, uploads)


def _json_object(body: str) -> Json:
    try:
        fields = json.loads(body) if body else {}
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        # Telegram's own server answers so to a body that is not a JSON object.
        refuse("can't parse JSON object")
    return fields
