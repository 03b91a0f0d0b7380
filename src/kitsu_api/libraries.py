"""Libraries that bring others along which servers rarely need, loaded without those.

python-socketio loads what its clients speak HTTP with, redis-py what it reads the tokens of cloud providers
with, uvicorn what looks for changed source, python-jose what it checks signatures of public keys with: 40 MB
of a process at rest. What they get in their place loads the real one at its first use, so that a client in
the same process, as in tests, works as ever. To be loaded before anything that loads them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from kitsu_api.later import Later

SPARED = ("aiohttp", "jwt", "requests", "valkey", "watchfiles", "websocket")
"""valkey-py is another client for what redis-py reaches; without it python-socketio takes the latter."""

KEYS = "jose.backends.cryptography_backend"
PUBLIC_KEYS = ("CryptographyRSAKey", "CryptographyECKey", "CryptographyAESKey")


@contextmanager
def _standing(*stand_ins: Later) -> Iterator[None]:
    """Have libraries that are loaded meanwhile get these, unless the real ones are there already."""
    placed = {each.__name__: each for each in stand_ins if each.__name__ not in sys.modules}
    sys.modules.update(placed)
    try:
        yield
    finally:
        for name in placed:
            del sys.modules[name]


def _keys() -> Later:
    """Keys of python-jose that load the library `cryptography` once there is one; secrets, which sign our own
    tokens, need only the standard library."""

    def key(name: str) -> Any:
        def make(*given: Any, **named: Any) -> Any:
            return getattr(import_module(KEYS), name)(*given, **named)

        return make

    stand_in = Later(KEYS)
    for name in PUBLIC_KEYS:
        setattr(stand_in, name, key(name))
    return stand_in


with _standing(_keys(), *map(Later, SPARED)):
    import jose.jwt
    import redis.asyncio
    import socketio
    import uvicorn

__all__ = ["jose", "redis", "socketio", "uvicorn"]
