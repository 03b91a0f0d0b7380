"""The state of rows as a short text that changes with any of them: what kept answers are named after.

PostgreSQL gives each version of a row a place (`ctid`) and the transaction that wrote it (`xmin`). A sum
over hashes of both changes with every insert, update and delete, whoever made it and by whatever way:
nobody has to remember to say so.

Reading every row takes milliseconds. Where no transaction at all has written since the last time, the rows
are what they were, and PostgreSQL says so at once: two snapshots of the same text see the same data.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Text, bindparam, case, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

LIMIT = 2000
"""States that a process remembers for one database; a few hundred bytes each."""

# xmin as a number: how much older it is than a fixed transaction, whatever is the present one. To make text
# of it and of ctid for the hash took three times as long.
_HASH = (
    "hashtidextended({name}.ctid,((SELECT age('3'::xid))::bigint-age({name}.xmin)) & 4294967295)"  # noqa: S608
)

# The snapshot of a transaction that has written doesn't tell what it wrote, and that of a replica doesn't
# name the transactions that are at work. A server that was started anew may be another one.
SNAPSHOT = (
    "CASE WHEN pg_is_in_recovery() OR pg_current_xact_id_if_assigned() IS NOT NULL THEN NULL"
    " ELSE concat_ws(' ',pg_postmaster_start_time(),pg_current_snapshot()) END"
)

_remembered: WeakKeyDictionary[Any, OrderedDict[Hashable, tuple[str, str]]] = WeakKeyDictionary()
"""By engine: the snapshot under which a state was last found, and the state."""


def state_of(table: Any, *where: ColumnElement[bool]) -> ColumnElement[str]:
    """The state of the rows of a table that meet the conditions."""
    hashed = literal_column(_HASH.format(name=table.name))
    state = func.concat_ws(" ", func.count(), func.sum(hashed))
    return select(state).select_from(table).where(*where).scalar_subquery()


async def common_state(session: AsyncSession, key: Hashable, parts: Sequence[ColumnElement[str]]) -> str:
    """The states of several tables in one, by one statement; `key` says which parts these are."""
    memory = _memory(session)
    known = memory.get(key)
    whole = cast(func.concat_ws(",", *parts), Text)
    snapshot = literal_column(SNAPSHOT, Text)
    same = snapshot == bindparam("known", known[0] if known else "", type_=Text)
    row = (await session.execute(select(snapshot, case((same, None), else_=whole)))).one()
    if known is not None and row[1] is None:
        memory.move_to_end(key)
        return known[1]
    found = str(row[1])
    if row[0] is not None:
        _remember(memory, key, (row[0], found))
    return found


async def snapshot_of(session: AsyncSession) -> str | None:
    """A text that stays the same as long as nothing at all is written to the database; None where there is
    no telling."""
    found: str | None = await session.scalar(select(literal_column(SNAPSHOT, Text)))
    return found


def _memory(session: AsyncSession) -> OrderedDict[Hashable, tuple[str, str]]:
    bind: Any = session.get_bind()
    return _remembered.setdefault(bind.engine, OrderedDict())


def _remember(memory: OrderedDict[Hashable, tuple[str, str]], key: Hashable, found: tuple[str, str]) -> None:
    memory[key] = found
    memory.move_to_end(key)
    while len(memory) > LIMIT:
        memory.popitem(last=False)
