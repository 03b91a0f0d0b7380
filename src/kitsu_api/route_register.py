"""Which routes there are, known without loading the modules that hold them.

`routers/index.json` names methods and paths in their order. It holds for the source that it was written from:
with another one, all modules are loaded at the start, and nothing is missing.

python -m kitsu_api.route_register     writes the index
"""

from __future__ import annotations

import hashlib
import json
import logging
import pkgutil
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from starlette.routing import BaseRoute

from kitsu_api import routers
from kitsu_api.routing import Described, Unit, describe

logger = logging.getLogger(__name__)

FOLDER = Path(routers.__file__).parent
INDEX = FOLDER / "index.json"


def _modules() -> Iterator[tuple[str, ModuleType]]:
    """The modules with routes. Where one has a variable and another a word, `ORDER` says who is first."""
    names = sorted(module.name for module in pkgutil.iter_modules(routers.__path__))
    modules = [(name, import_module(f"{routers.__name__}.{name}")) for name in names]
    modules.sort(key=lambda module: getattr(module[1], "ORDER", 0))
    return (each for each in modules if hasattr(each[1], "router") or hasattr(each[1], "parts"))


def _places() -> Iterator[str]:
    """What can be loaded by itself: modules, and parts of those that are cut into some."""
    for name, module in _modules():
        if hasattr(module, "parts"):
            yield from (f"{name}:{part}" for part in module.parts())
        else:
            yield name


def _routes(place: str) -> list[BaseRoute]:
    name, _, part = place.partition(":")
    module: Any = import_module(f"{routers.__name__}.{name}")
    router = module.part(part) if part else module.router
    found: list[BaseRoute] = router.routes
    return found


def _source() -> str:
    """What changes with any module of routes."""
    found = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*.py")):
        found.update(path.relative_to(FOLDER).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def _look() -> dict[str, list[Described]]:
    """The routes by their places, from the modules themselves."""
    return {place: describe(_routes(place)) for place in _places()}


def _read() -> dict[str, list[Described]] | None:
    """The routes by their places, from the index; None when it is missing or of another source."""
    try:
        kept = json.loads(INDEX.read_bytes())
        if kept["source"] != _source():
            return None
        return {
            place: [Described(tuple(methods.split()), path) for methods, path in routes]
            for place, routes in kept["routes"].items()
        }
    except (OSError, ValueError, KeyError, AttributeError):
        return None


def index_text() -> str:
    """The index as it should be, a line a place."""
    lines = [
        f"{json.dumps(place)}: {json.dumps([[' '.join(one.methods), one.path] for one in routes])}"
        for place, routes in _look().items()
    ]
    joined = ",\n".join(lines)
    return f'{{"source": "{_source()}", "routes": {{\n{joined}\n}}}}\n'


def find_units() -> list[Unit]:
    """All routes, in their order; those that the index tells of are not made yet."""
    known = _read()
    if known is None:
        logger.info("The index of routes is of another source: all modules are loaded at the start.")
        known = _look()
    return [Unit(place, described, partial(_routes, place)) for place, described in known.items()]


if __name__ == "__main__":
    INDEX.write_text(index_text())
