"""What was looked up once in a transaction of many changes, and need not be looked up again in it.

A session remembers nothing unless it is told to. Only what no change in the transaction alters is kept: that
an entity type has a name, that a production exists.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")

_REMEMBERED = "kitsu_api_remembered"


def remember(session: AsyncSession) -> None:
    """Let a session remember from now on; what it remembered is forgotten."""
    session.info[_REMEMBERED] = {}


def remembers(session: AsyncSession) -> bool:
    """Whether a session remembers: its transaction is one of many changes."""
    return _REMEMBERED in session.info


async def once(session: AsyncSession, key: Hashable, look: Callable[[], Awaitable[T]]) -> T:
    """What `look` found under this key, now or before; None is looked for again."""
    kept: dict[Hashable, T] | None = session.info.get(_REMEMBERED)
    if kept is None:
        return await look()
    if kept.get(key) is None:
        kept[key] = await look()
    return kept[key]


def keep(session: AsyncSession, found: Mapping[Hashable, object]) -> None:
    """Remember what was looked up for several changes together, in a session that remembers."""
    kept: dict[Hashable, object] | None = session.info.get(_REMEMBERED)
    if kept is not None:
        kept.update(found)


async def foreseen(session: AsyncSession, key: Hashable, look: Callable[[], Awaitable[T]]) -> T:
    """What `keep` was given under this key, else what `look` finds, which is not kept."""
    kept: dict[Hashable, T] = session.info.get(_REMEMBERED) or {}
    return kept[key] if key in kept else await look()
