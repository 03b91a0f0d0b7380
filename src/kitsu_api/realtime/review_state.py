"""What a review room holds, in Valkey: who is in it, and what is on its screen.

Each change is one script, so that two processes never undo each other's. A place in a room lasts for a while
and is renewed by the process that holds the connection: people of a process that dies leave by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from redis.asyncio import Redis

STATE_SECONDS = 86_400
"""How long an unused room remembers what was on its screen, at most."""

MOST_NAMES = 100
"""Names of what is on a screen: clients have some twenty. Others are told, and not remembered."""

# KEYS: places, screen. Places: a sorted set of `person:connection` by the moment at which they end (ms).
# The clock is Valkey's own: those of several machines differ.
_PRUNE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local pruned = redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
"""
_PEOPLE = """
local places = redis.call('ZRANGE', KEYS[1], 0, -1)
if #places == 0 then redis.call('DEL', KEYS[2]) end
"""
JOIN = f"""{_PRUNE}
redis.call('ZADD', KEYS[1], now + ARGV[2] * 1000, ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
{_PEOPLE}
return {{places, redis.call('HGETALL', KEYS[2])}}
"""
LEAVE = f"""{_PRUNE}
local left = redis.call('ZREM', KEYS[1], ARGV[1])
{_PEOPLE}
return {{left + pruned, places}}
"""
RENEW = f"""{_PRUNE}
for index = 2, #ARGV do
    pruned = pruned + redis.call('ZADD', KEYS[1], now + ARGV[1] * 1000, ARGV[index])
end
{_PEOPLE}
return {{pruned, places}}
"""
LOOK = f"""{_PRUNE}
{_PEOPLE}
return {{pruned, places}}
"""
SHOW = f"""{_PRUNE}
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return nil end
local room = tonumber(ARGV[3]) - redis.call('HLEN', KEYS[2])
for index = 4, #ARGV, 2 do
    if redis.call('HEXISTS', KEYS[2], ARGV[index]) == 0 then room = room - 1 end
    if room >= 0 or redis.call('HEXISTS', KEYS[2], ARGV[index]) == 1 then
        redis.call('HSET', KEYS[2], ARGV[index], ARGV[index + 1])
    end
end
redis.call('EXPIRE', KEYS[2], ARGV[2])
return redis.call('HGETALL', KEYS[2])
"""


@dataclass(frozen=True)
class Place:
    """A connection in a room, and whose it is."""

    person_id: UUID
    sid: str

    def __str__(self) -> str:
        return f"{self.person_id}:{self.sid}"


def _people(places: list[str]) -> list[str]:
    """The people in a room, once each, whoever joined first and stayed first."""
    return sorted({place.partition(":")[0] for place in places})


def _screen(pairs: list[str]) -> dict[str, Any]:
    return {name: orjson.loads(value) for name, value in zip(pairs[::2], pairs[1::2], strict=True)}


class ReviewState:
    """All rooms of this installation."""

    def __init__(self, valkey: Redis, place_seconds: int) -> None:
        self._seconds = place_seconds
        self._join = valkey.register_script(JOIN)
        self._leave = valkey.register_script(LEAVE)
        self._renew = valkey.register_script(RENEW)
        self._look = valkey.register_script(LOOK)
        self._show = valkey.register_script(SHOW)

    def _keys(self, room: UUID) -> list[str]:
        # braces keep both keys on one node of a cluster
        return [f"kitsu:review:{{{room}}}:people", f"kitsu:review:{{{room}}}:screen"]

    async def join(self, room: UUID, place: Place) -> tuple[list[str], dict[str, Any]]:
        """Take a place; who is in the room now, and what is on its screen."""
        places, pairs = await self._join(
            keys=self._keys(room), args=[str(place), self._seconds, STATE_SECONDS]
        )
        return _people(places), _screen(pairs)

    async def leave(self, room: UUID, place: Place) -> list[str]:
        """Give a place up; who is in the room now. The last one wipes the screen."""
        _, places = await self._leave(keys=self._keys(room), args=[str(place)])
        return _people(places)

    async def renew(self, room: UUID, places: list[Place]) -> tuple[bool, list[str]]:
        """Keep places for longer; whether the people in the room have changed, and who they are."""
        changed, found = await self._renew(keys=self._keys(room), args=[self._seconds, *map(str, places)])
        return bool(changed), _people(found)

    async def people(self, room: UUID) -> list[str]:
        """Who is in the room."""
        _, places = await self._look(keys=self._keys(room))
        return _people(places)

    async def show(self, room: UUID, place: Place, changes: dict[str, Any]) -> dict[str, Any] | None:
        """Put something on the screen; all that is on it now. None when the place is none of the room's."""
        pairs = [part for name, value in changes.items() for part in (name, orjson.dumps(value).decode())]
        found = await self._show(keys=self._keys(room), args=[str(place), STATE_SECONDS, MOST_NAMES, *pairs])
        return None if found is None else _screen(found)
