"""Libraries that bring others along which a server never uses, loaded without those.

python-socketio loads what its clients speak HTTP with, redis-py what it reads the tokens of cloud providers
with: 30 MB of a process at rest. What they get in their place loads the real one at its first use, so that a
client in the same process, as in tests, works as ever. To be loaded before anything that loads them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

SPARED = ("aiohttp", "jwt", "requests", "valkey", "websocket")
"""valkey-py is another client for what redis-py reaches; without it python-socketio takes the latter."""


class _Later(ModuleType):
    """Stands for a library until something of it is wanted."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or sys.modules.get(self.__name__) is self:
            # the import system itself asks, or a library that would load it at once
            raise AttributeError(name)
        return getattr(import_module(self.__name__), name)


@contextmanager
def _sparing(*names: str) -> Iterator[None]:
    """Have libraries that are loaded meanwhile get stand-ins of these, unless they are there already."""
    standing = {name: _Later(name) for name in names if name not in sys.modules}
    sys.modules.update(standing)
    try:
        yield
    finally:
        for name in standing:
            del sys.modules[name]


with _sparing(*SPARED):
    import redis.asyncio  # noqa: F401  # loaded here for everybody
    import socketio  # noqa: F401  # the same
