"""How far a copy has come, kept in a file beside the data, so that it can go on after an interruption."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

import orjson

from kitsu_api.services.sync.source import SyncError
from kitsu_api.settings import Settings


class SyncState:
    """A small JSON document, written whole or not at all."""

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self.url = url
        self.values: dict[str, Any] = {}
        self._load()

    def _load(self) -> None:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return
        try:
            values = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise SyncError(f"{self.path} is broken: delete it, and copy in full again.") from error
        if not isinstance(values, dict) or values.get("url") != self.url:
            raise SyncError(f"{self.path} is about another source: choose another file with --state.")
        self.values = values

    def save(self, **changes: Any) -> None:
        """Set values and keep them; None takes one away."""
        self.values = {k: v for k, v in {**self.values, **changes, "url": self.url}.items() if v is not None}
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.path.parent, delete=False) as file:
            part = Path(file.name)
            try:
                file.write(orjson.dumps(self.values, option=orjson.OPT_INDENT_2))
                file.flush()
                os.fsync(file.fileno())
                part.replace(self.path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise


def default_path(settings: Settings, url: str) -> Path:
    """Where the state of a source is kept."""
    return settings.data_dir / "sync" / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"
