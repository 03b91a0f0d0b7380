"""Whether this instance is what its source is, row by row."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.mirrored_rows import local_ids, local_rows
from kitsu_api.services.sync.catalogue import MIRRORED, Mirrored
from kitsu_api.services.sync.mirror import Progress, no_progress
from kitsu_api.services.sync.source import Source

Row = dict[str, Any]

EXAMPLES = 5
"""Ids that are told of each kind of difference."""


@dataclass
class Comparison:
    """A table there and here. The digests are of all its rows, in whatever order they come."""

    table: str
    there: int = 0
    here: int = 0
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)
    """In which columns rows differ."""
    digest_there: int = 0
    digest_here: int = 0

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.missing or self.extra or self.different)

    def told(self) -> dict[str, Any]:
        """The comparison as JSON."""
        return {
            "table": self.table,
            "same": self.same,
            "there": self.there,
            "here": self.here,
            "missing": len(self.missing),
            "extra": len(self.extra),
            "different": len(self.different),
            "columns": sorted(self.columns),
            "examples": (self.missing[:EXAMPLES] + self.extra[:EXAMPLES] + self.different[:EXAMPLES]),
            "checksum_there": f"{self.digest_there:064x}",
            "checksum_here": f"{self.digest_here:064x}",
        }


async def compare_all(
    source: Source, sessions: Sessions, only: Collection[str] = (), progress: Progress = no_progress
) -> list[Comparison]:
    """Compare all tables that are copied, or those named, in the order in which they are copied.

    Raises:
        SyncError: the source is away or refuses.
    """
    chosen = [each for each in MIRRORED if not only or each.name in only]
    found: list[Comparison] = []
    for number, each in enumerate(chosen):
        progress(each.name, number, len(chosen))
        found.append(await compare(source, sessions, each))
    progress("", len(chosen), len(chosen))
    return found


async def compare(source: Source, sessions: Sessions, each: Mirrored) -> Comparison:
    """Compare a table, page by page."""
    result = Comparison(each.name)
    there: set[str] = set()
    async for page in source.pages(f"/data/{each.path}", {"relations": "true"}):
        sent = {str(row["id"]): row for row in page.rows if str(row["id"]) not in there}
        there.update(sent)
        async with sessions() as session:
            rows = await local_rows(session, each.projection, list(sent))
        kept = {str(row["id"]): row for row in rows}
        for id, row in sent.items():
            _compare_row(each, result, id, row, kept.get(id))
    async with sessions() as session:
        here = set(await local_ids(session, each.table))
    result.there, result.here = len(there), len(here)
    result.extra = sorted(here - there)
    return result


def _compare_row(each: Mirrored, result: Comparison, id: str, sent: Row, kept: Row | None) -> None:
    names = [name for name in (*each.columns, *each.links) if name in sent]
    result.digest_there ^= _digest(_normal(sent, names))
    if kept is None:
        result.missing.append(id)
        return
    result.digest_here ^= _digest(_normal(kept, names))
    columns = differing(each, sent, kept)
    if columns:
        result.different.append(id)
        result.columns |= columns


def differing(each: Mirrored, sent: Row, kept: Row) -> set[str]:
    """The columns and links in which two forms of a row differ, among those that were sent."""
    names = (name for name in (*each.columns, *each.links) if name in sent)
    return {name for name in names if _value(sent, name) != _value(kept, name)}


def _value(row: Row, name: str) -> Any:
    """A value in a form that two servers agree on: links have no order, whole numbers no fraction."""
    return _plain(row.get(name))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        inner = [_plain(one) for one in value]
        return sorted(inner) if all(isinstance(one, str) and len(one) == 36 for one in inner) else inner
    return value


def _normal(row: Row, names: Iterable[str]) -> Row:
    return {name: _value(row, name) for name in names}


def _digest(row: Row) -> int:
    content = orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
    return int.from_bytes(hashlib.sha256(content).digest(), "big")
