"""How one setting is read from the environment."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field
from pydantic_settings import NoDecode

MINIMUM_KEY_BYTES = 32
"""An HS256 key shorter than the hash's output weakens it (RFC 7518, section 3.2)."""


def _split(value: Any) -> Any:
    """``"a, b"`` as a tuple of its parts; empty parts are dropped."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


def setting(name: str, *older: str, about: str, default: Any = ..., ge: int | None = None) -> Any:
    """A setting that reads ``KITSU_<NAME>``, then the ``older`` variables, in that order."""
    return Field(
        default=default,
        validation_alias=AliasChoices(f"KITSU_{name.upper()}", *older, name),
        description=about,
        ge=ge,
    )
