"""What stands behind an answer."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Evidence(BaseModel):
    """What stands behind an answer: a link, a document reference, or a stored file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    id: str
    form: Literal["link", "reference", "file"]
    text: str
    size: int = 0
