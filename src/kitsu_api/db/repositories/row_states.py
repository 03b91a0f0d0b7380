"""The state of rows as a short text that changes with any of them: what kept answers are named after.

PostgreSQL gives each version of a row a place (`ctid`) and the transaction that wrote it (`xmin`). A sum
over hashes of both changes with every insert, update and delete, whoever made it and by whatever way:
nobody has to remember to say so.

Reading every row takes milliseconds. Where no transaction at all has written since the last time, the rows
are what they were, and PostgreSQL says so at once: two snapshots of the same text see the same data.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Select, Text, bindparam, case, cast, func, literal_column, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.narrowed import Narrowed, Ready, values_of
from kitsu_api.db.prepared import Prepared, Statements
from kitsu_api.db.straight import StraightSession, has_idle

LIMIT = 2000
"""States that a process remembers for one database; a few hundred bytes each."""

# xmin as a number: how much older it is than a fixed transaction, whatever is the present one. To make text
# of it and of ctid for the hash took three times as long.
_HASH = "hashtidextended({name}.ctid,((SELECT age('3'::xid))::bigint-age({name}.xmin)) & 4294967295)"

# The snapshot of a transaction that has written doesn't tell what it wrote, and that of a replica doesn't
# name the transactions that are at work. A server that was started anew may be another one.
SNAPSHOT = (
    "CASE WHEN pg_is_in_recovery() OR pg_current_xact_id_if_assigned() IS NOT NULL THEN NULL"
    " ELSE concat_ws(' ',pg_postmaster_start_time(),pg_current_snapshot()) END"
)


def state_of(table: Any, *where: ColumnElement[bool]) -> ColumnElement[str]:
    """The state of the rows of a table that meet the conditions."""
    hashed: ColumnElement[int] = literal_column(_HASH.format(name=table.name))
    state = func.concat_ws(literal_column("' '"), func.count(), func.sum(hashed))
    return select(state).select_from(table).where(*where).scalar_subquery()


class States:
    """The states of the rows that lists of one sort come from, each found by one statement; or other texts
    that take long to find, and are what they were as long as nothing was written.

    `parts` gives what counts for a shape (`Statements`); what is compared with are parameters.
    """

    def __init__(self, parts: Callable[..., Sequence[ColumnElement[str]]]) -> None:
        self._statements = Statements(lambda *shape: _question(parts(*shape)))

    async def __call__(self, session: AsyncSession, *shape: Hashable, **values: Hashable) -> str:
        """The state now; the values are those of the parameters, several in a tuple."""
        return await self.search(*shape, **values).state(session)

    def search(self, *shape: Hashable, **values: Hashable) -> Search:
        """What finds the state of a shape and of values."""
        key = (self, shape, tuple(sorted(values.items(), key=lambda item: item[0])))
        given = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        return Search(key, self._statements(*shape), given)


class Search:
    """A state that is wanted, and how to find it."""

    LONG = 0.004
    """Seconds from which on it is worth another connection to do something beside."""

    def __init__(self, key: Hashable, statement: Prepared | Ready, values: dict[str, Any]) -> None:
        self._key, self._statement, self._values = key, statement, values

    def changes_often(self, session: AsyncSession) -> bool:
        """Whether it took long to find last time, and was another one than before."""
        return _memory(session).long.get(self._key, False)

    async def begin(self, session: AsyncSession) -> bool:
        """Have the session read from one snapshot from now on, and say whether the state is still to be found
        in it, while a connection is free for something else."""
        if not isinstance(session, StraightSession) or not await session.hold_still():
            return False
        if not has_idle(session):
            return False
        snapshot = await _TEXT(SNAPSHOT).scalar(session)
        known = _memory(session).found.get(self._key)
        return known is None or known[0] != snapshot

    async def state(self, session: AsyncSession) -> str:
        """The state, or what it was last if nothing was written since."""
        memory = _memory(session)
        known = memory.found.get(self._key)
        began = time.perf_counter()
        row = await self._statement.row(session, known=known[0] if known else "", **self._values)
        if known is not None and row[1] is None:
            memory.found.move_to_end(self._key)
            return known[1]
        found = str(row[1])
        took = time.perf_counter() - began
        if row[0] is not None and self._key is not None:
            memory.long[self._key] = took >= self.LONG and known is not None and known[1] != found
            _remember(memory, self._key, (row[0], found))
        return found


_TEXT = Statements(lambda text: select(literal_column(text, Text)))


def _count(where: Sequence[ColumnElement[bool]], model: Any) -> Select[Any]:
    rows = select(func.count()).select_from(model).where(*where).scalar_subquery()
    return _question([cast(rows, Text)])


_COUNT = Narrowed(_count)


async def counted(session: AsyncSession, model: Any, where: Sequence[ColumnElement[bool]]) -> int:
    """How many rows of a table meet all conditions. They are not counted again while nothing was written:
    to count ten thousand takes longer than to read the page that shows a hundred of them."""
    values = values_of(where)
    key = None if values is None else ("count", model, values)
    return int(await Search(key, _COUNT(where, model), {}).state(session))


def _question(parts: Sequence[ColumnElement[str]]) -> Select[Any]:
    """The snapshot and the states, which are not looked for while the snapshot is a `known` one."""
    snapshot = literal_column(SNAPSHOT, Text)
    whole = cast(func.concat_ws(literal_column("','"), *parts), Text)
    return select(snapshot, case((snapshot == bindparam("known", type_=Text), null()), else_=whole))


async def recall(session: AsyncSession, key: Hashable) -> tuple[str | None, str | None]:
    """A text that stays the same as long as nothing at all is written to the database (None where there is
    no telling), and what was remembered under it."""
    snapshot: str | None = await _TEXT(SNAPSHOT).scalar(session)
    known = _memory(session).found.get(key)
    return snapshot, known[1] if known is not None and known[0] == snapshot else None


def remember(session: AsyncSession, key: Hashable, snapshot: str, found: str) -> None:
    """Keep what was found under a snapshot until another one is there."""
    _remember(_memory(session), key, (snapshot, found))


class Memory:
    """What a process remembers of one database."""

    def __init__(self) -> None:
        self.found: OrderedDict[Hashable, tuple[str, str]] = OrderedDict()
        """The snapshot under which a state was last found, and the state."""
        self.long: dict[Hashable, bool] = {}
        """Whether the state took long to find then, and was another one than before."""


_remembered: WeakKeyDictionary[Any, Memory] = WeakKeyDictionary()


def _memory(session: AsyncSession) -> Memory:
    bind: Any = session.get_bind()
    found: Memory = _remembered.setdefault(bind.engine, Memory())
    return found


def _remember(memory: Memory, key: Hashable, found: tuple[str, str]) -> None:
    memory.found[key] = found
    memory.found.move_to_end(key)
    while len(memory.found) > LIMIT:
        gone, _ = memory.found.popitem(last=False)
        memory.long.pop(gone, None)
