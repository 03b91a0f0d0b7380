"""The program in which a handler of events runs: a process of its own, which may fail, hang or be killed.

    run_handler.py describe <module>     prints what the handler wants, as JSON
    run_handler.py handle <module>       reads an event from the standard input and hands it on

`<module>` is the path of a file, or the name of an installed module. Nothing of the server is imported: it
starts fast, and the handler shares nothing with it.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType


def load(place: str) -> ModuleType:
    """The handler's module."""
    path = Path(place)
    if path.suffix != ".py":
        return importlib.import_module(place)
    sys.path.insert(0, str(path.parent))  # so that handlers may share code
    spec = importlib.util.spec_from_file_location(f"handler_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is no module.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(what: str, place: str) -> None:
    """Describe a handler, or have it handle an event."""
    # what the handler prints must not be taken for the answer
    answer, sys.stdout = sys.stdout, sys.stderr
    module = load(place)
    if what == "describe":
        if not callable(getattr(module, "handle", None)):
            raise TypeError("A handler has a function handle(event).")
        limit = float(getattr(module, "TIME_LIMIT", 0)) or None
        json.dump({"events": [str(name) for name in module.EVENTS], "time_limit": limit}, answer)
        answer.flush()
        return
    module.handle(json.load(sys.stdin))


if __name__ == "__main__":
    main(*sys.argv[1:])
