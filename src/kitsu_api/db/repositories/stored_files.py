"""The register of files in storage."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, cast, delete, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import StoredFile

SCRAPS = "uploads"
"""Prefix of the parts of uploads."""


PICTURES = frozenset({("pictures", prefix) for prefix in ("thumbnails", "thumbnails-square", "previews")})
"""Pictures that others are made of, in other sizes and forms."""

FORMS = r"^[a-z]+[0-9]+(avif|webp|png)$"
"""What the prefixes of those others look like."""


async def forget_forms(session: AsyncSession, file_id: UUID) -> None:
    """Note that the other sizes and forms of a picture are to be removed from storage: it has changed, or is
    gone. They are made anew when somebody asks for them."""
    moment = now()
    forms = (
        StoredFile.file_id == str(file_id),
        StoredFile.bucket == "pictures",
        StoredFile.prefix.regexp_match(FORMS),
        StoredFile.deleted_at.is_(None),
    )
    change = update(StoredFile).where(*forms)
    await session.execute(
        change.values(deleted_at=moment, updated_at=moment, purge_forced=True).execution_options(
            synchronize_session=False
        )
    )


async def registered(session: AsyncSession, bucket: str, prefix: str, file_id: UUID) -> bool:
    """Whether a file is in storage and is to stay, as the register has it."""
    key = f"{prefix}-{file_id}"
    query = select(StoredFile.id).where(
        StoredFile.bucket == bucket, StoredFile.key == key, StoredFile.deleted_at.is_(None)
    )
    return await session.scalar(query) is not None


def _versions(places: Collection[tuple[str, str]], file_id: UUID) -> Select[str, datetime | None]:
    keys = [(bucket, f"{prefix}-{file_id}") for bucket, prefix in places]
    return (
        select(StoredFile.key, StoredFile.updated_at)
        .where(tuple_(StoredFile.bucket, StoredFile.key).in_(keys))
        .order_by(StoredFile.key)
    )


async def version_of(
    session: AsyncSession, places: Collection[tuple[str, str]], file_id: UUID
) -> tuple[tuple[str, datetime | None], ...]:
    """When files of one thing were stored last; what the register does not know is absent."""
    return tuple((row[0], row[1]) for row in await session.execute(_versions(places, file_id)))


async def hold_version(
    session: AsyncSession, places: Collection[tuple[str, str]], file_id: UUID
) -> tuple[tuple[str, datetime | None], ...]:
    """As `version_of`; nobody stores these files anew until the transaction ends."""
    query = _versions(places, file_id).with_for_update(read=True)
    return tuple((row[0], row[1]) for row in await session.execute(query))


async def register(session: AsyncSession, bucket: str, prefix: str, file_id: UUID, size: int) -> None:
    """Note that a file is in storage; one that was to be removed stays."""
    key = f"{prefix}-{file_id}"
    values = {"bucket": bucket, "prefix": prefix, "file_id": str(file_id), "key": key, "size": size}
    kept = {"size": size, "deleted_at": None, "purged_at": None, "updated_at": now()}
    statement = insert(StoredFile).values(values)
    await session.execute(statement.on_conflict_do_update(constraint="stored_file_uc", set_=kept))
    if (bucket, prefix) in PICTURES:
        await forget_forms(session, file_id)


async def register_all(session: AsyncSession, file_id: UUID, sizes: Mapping[tuple[str, str], int]) -> None:
    """Note that files of one thing are in storage: their sizes in bytes by bucket and prefix."""
    if not sizes:
        return
    rows = [
        {
            "bucket": bucket,
            "prefix": prefix,
            "file_id": str(file_id),
            "key": f"{prefix}-{file_id}",
            "size": size,
        }
        for (bucket, prefix), size in sorted(sizes.items())
    ]
    statement = insert(StoredFile).values(rows)
    kept = {"size": statement.excluded.size, "deleted_at": None, "purged_at": None, "updated_at": now()}
    await session.execute(statement.on_conflict_do_update(constraint="stored_file_uc", set_=kept))
    if PICTURES.intersection(sizes):
        await forget_forms(session, file_id)


async def note_removed(session: AsyncSession, file_id: UUID, places: Collection[tuple[str, str]]) -> None:
    """Note that files of one thing were removed from storage at once, without waiting for the purge."""
    moment = now()
    gone = tuple_(StoredFile.bucket, StoredFile.prefix).in_(list(places))
    change = update(StoredFile).where(StoredFile.file_id == str(file_id), gone)
    await session.execute(
        change.values(deleted_at=moment, purged_at=moment, purge_forced=True, updated_at=moment)
    )


async def forget(
    session: AsyncSession, bucket: str, prefix: str, file_ids: Collection[UUID], *, at_once: bool = False
) -> None:
    """Note that files are to be removed from storage; the purge takes it from there, after the days that the
    settings keep them, or `at_once`."""
    if not file_ids:
        return
    moment = now()
    rows = [
        {
            "bucket": bucket,
            "prefix": prefix,
            "file_id": str(id),
            "key": f"{prefix}-{id}",
            "deleted_at": moment,
            "purge_forced": at_once,
        }
        for id in file_ids
    ]
    statement = insert(StoredFile)
    marks = {"deleted_at": moment, "updated_at": moment, "purge_forced": at_once}
    await session.execute(statement.on_conflict_do_update(constraint="stored_file_uc", set_=marks), rows)


async def forget_known(session: AsyncSession, bucket: str, prefix: str, file_ids: Collection[UUID]) -> None:
    """Note that those of the files which the register knows are to be removed from storage."""
    if not file_ids:
        return
    moment, ids = now(), [str(id) for id in file_ids]
    known = (StoredFile.bucket == bucket, StoredFile.prefix == prefix, StoredFile.file_id.in_(ids))
    await session.execute(update(StoredFile).where(*known).values(deleted_at=moment, updated_at=moment))


@dataclass(frozen=True)
class DeletedFile:
    """A file that is to be removed from storage: its row, and where it lies."""

    id: UUID
    bucket: str
    key: str


async def files_to_purge(
    session: AsyncSession, before: datetime, attempts: int, limit: int, besides: Collection[UUID]
) -> Sequence[DeletedFile]:
    """Files that were deleted before a moment, or are to go at once, and did not resist removal too
    often; `besides` are left out.

    Their rows are locked, so that no other process removes them meanwhile, and nobody registers one anew.
    """
    query = (
        select(StoredFile.id, StoredFile.bucket, StoredFile.key)
        .where(StoredFile.deleted_at.is_not(None), StoredFile.purged_at.is_(None))
        .where(or_(StoredFile.purge_forced, StoredFile.deleted_at < before))
        .where(StoredFile.purge_attempts < attempts, StoredFile.id.not_in(besides))
        .order_by(StoredFile.deleted_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [DeletedFile(*row) for row in await session.execute(query)]


async def note_purged(session: AsyncSession, ids: Collection[UUID]) -> None:
    """Note that files are gone from storage; those that never were whole files leave the register too."""
    scraps = delete(StoredFile).where(StoredFile.id.in_(ids), StoredFile.prefix == SCRAPS)
    await session.execute(scraps.execution_options(synchronize_session=False))
    moment = now()
    entry = [{"event": "purged", "at": moment.isoformat(timespec="seconds")}]
    values = {
        "purged_at": moment,
        "updated_at": moment,
        "last_error": None,
        "purge_attempts": StoredFile.purge_attempts + 1,
        "journal": StoredFile.journal.op("||")(cast(entry, JSONB)),
    }
    statement = update(StoredFile).where(StoredFile.id.in_(ids)).values(values)
    await session.execute(statement.execution_options(synchronize_session=False))


async def note_unpurged(session: AsyncSession, ids: Collection[UUID], error: str) -> None:
    """Note why files could not be removed from storage."""
    values = {
        "last_error": error,
        "updated_at": now(),
        "purge_attempts": StoredFile.purge_attempts + 1,
    }
    statement = update(StoredFile).where(StoredFile.id.in_(ids)).values(values)
    await session.execute(statement.execution_options(synchronize_session=False))


async def versions_of_all(
    session: AsyncSession, bucket: str, prefix: str, file_ids: Collection[UUID]
) -> dict[UUID, datetime | None]:
    """When files of one prefix were stored last, by id; those that are not, or are to be removed, are
    absent."""
    keys = {f"{prefix}-{id}": id for id in file_ids}
    query = select(StoredFile.key, StoredFile.updated_at).where(
        StoredFile.bucket == bucket, StoredFile.key.in_(list(keys)), StoredFile.deleted_at.is_(None)
    )
    return {keys[row[0]]: row[1] for row in await session.execute(query)}


async def forget_older(session: AsyncSession, bucket: str, prefix: str, before: datetime) -> int:
    """Note that files of a prefix that were stored before a moment are to be removed; how many there
    were."""
    old = (
        StoredFile.bucket == bucket,
        StoredFile.prefix == prefix,
        StoredFile.created_at < before,
        StoredFile.deleted_at.is_(None),
    )
    marks = {"deleted_at": now(), "updated_at": now(), "purge_forced": True}
    done = await session.execute(
        update(StoredFile).where(*old).values(marks).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # the result of an UPDATE has one
