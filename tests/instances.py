"""Two instances side by side: databases, files and settings of their own, and a production in the first."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from kitsu_api.db import models as m
from kitsu_api.db.urls import asyncpg_url
from kitsu_api.settings import Settings
from kitsu_api.storage.files import FileStorage
from tests import factories, live

T = TypeVar("T")
ADMIN = "ada@studio.example"


@dataclass(frozen=True)
class Instance:
    """An instance of the server, whether it runs or not."""

    database_url: str
    valkey_url: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Its settings."""
        return live.environment(self.database_url, self.valkey_url, self.folder)

    @property
    def storage(self) -> FileStorage:
        """Its files."""
        return FileStorage(Settings.model_construct(data_dir=self.folder, fs_backend="local"))

    def within(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Do something in a transaction on its database."""

        async def run() -> T:
            engine = create_async_engine(asyncpg_url(self.database_url))
            try:
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    result = await work(session)
                    await session.commit()
                    return result
            finally:
                await engine.dispose()

        return asyncio.run(run())

    def add(self, *rows: Any) -> None:
        """Add rows, in this order."""

        async def work(session: AsyncSession) -> None:
            for row in rows:
                session.add(row)
                await session.flush()

        self.within(work)

    def command(self, *arguments: str, **settings: str) -> Any:
        """Run `kitsu-api` on it."""
        return live.command(*arguments, **{**self.environment, **settings})

    def put_file(self, bucket: Any, prefix: str, id: UUID, content: bytes) -> None:
        """Put a file into its storage, and into the register of files."""
        asyncio.run(self.storage.put(bucket, prefix, id, io.BytesIO(content)))
        key = f"{prefix}-{id}"
        self.add(m.StoredFile(bucket=bucket, key=key, prefix=prefix, file_id=str(id), size=len(content)))

    def file(self, bucket: Any, prefix: str, id: UUID) -> bytes | None:
        """A file of its storage; None when it isn't there."""

        async def read() -> bytes:
            stored = await self.storage.open(bucket, prefix, id)
            return b"".join([chunk async for chunk in stored.chunks])

        try:
            return asyncio.run(read())
        except Exception as error:
            if type(error).__name__ == "MissingFile":
                return None
            raise


@dataclass(frozen=True)
class Film:
    """A production with something of everything, by the names of what tests look at."""

    project: m.Project
    task: m.Task
    shot: m.Entity
    asset: m.Entity
    artist: m.Person
    comment: m.Comment
    preview: m.PreviewFile
    attachment: m.AttachmentFile


def admin() -> m.Person:
    """Somebody who may do everything."""
    return factories.person(email=ADMIN, role="admin", first_name="Ada", last_name="Admin")


def fill(instance: Instance) -> Film:
    """Put a production into an instance: castings, comments, previews, playlists, time, money and files."""
    status = factories.project_status(name="Open")
    film = factories.project(
        status, name="Film", production_type="tvshow", fps="24", data={"note": "ä ☃"}, has_avatar=True
    )
    kinds = {name: factories.entity_type(name=name) for name in ("Episode", "Sequence", "Shot", "Props")}
    crew, artist, boss = factories.department(name="Animation"), factories.person(), admin()
    episode = factories.entity(film, kinds["Episode"], name="E01")
    sequence = factories.entity(film, kinds["Sequence"], name="SQ1", parent_id=episode.id)
    shot = factories.entity(
        film, kinds["Shot"], name="SH1", parent_id=sequence.id, nb_frames=24, data={"frame_in": 3}
    )
    asset = factories.entity(film, kinds["Props"], name="Ball", source_id=episode.id)
    animation = factories.task_type(name="Animation", department_id=crew.id, for_entity="Shot")
    todo = factories.task_status(name="Todo", short_name="todo")
    task = factories.task(shot, animation, todo, assigner_id=boss.id)
    comment = factories.comment(task, artist, text="First take", replies=[])
    preview = factories.preview_file(task, artist, extension="png", revision=1)
    attachment = m.AttachmentFile(
        id=uuid4(), name="notes.txt", size=5, extension="txt", mimetype="text/plain", comment_id=comment.id
    )
    budget = m.Budget(id=uuid4(), project_id=film.id, name="Main", currency="EUR", revision=1)
    instance.add(
        *(crew, artist, boss, m.DepartmentLink(person_id=artist.id, department_id=crew.id), status, film),
        *kinds.values(),
        *(episode, sequence, shot, asset, animation, todo, task, factories.assignation(task, artist)),
        m.EntityLink(entity_in_id=shot.id, entity_out_id=asset.id, nb_occurences=2, label="animate"),
        m.ProjectPersonLink(project_id=film.id, person_id=artist.id, role="supervisor"),
        m.ProjectTaskTypeLink(project_id=film.id, task_type_id=animation.id, priority=4),
        m.ProjectTaskStatusLink(
            project_id=film.id, task_status_id=todo.id, priority=2, roles_for_board=["user"]
        ),
        m.ProjectAssetTypeLink(project_id=film.id, asset_type_id=kinds["Props"].id),
        m.TaskTypeAssetTypeLink(asset_type_id=kinds["Props"].id, task_type_id=animation.id),
        factories.metadata_descriptor(film, name="Mood", field_name="mood"),
        *(comment, preview, attachment),
        m.CommentPreviewLink(comment=comment.id, preview_file=preview.id),
        m.CommentMentions(comment=comment.id, person=boss.id),
        factories.playlist(film, name="Dailies", episode_id=episode.id),
        factories.time_spent(task, artist, date=dt.date(2026, 5, 4), duration=90),
        factories.news(task, artist, comment_id=comment.id),
        factories.subscription(boss, task),
        factories.notification(boss, task, author_id=artist.id, comment_id=comment.id),
        factories.milestone(film, animation),
        factories.working_file(task, artist),
        budget,
        m.BudgetEntry(
            budget_id=budget.id,
            department_id=crew.id,
            person_id=artist.id,
            start_date=dt.date(2026, 1, 1),
            months_duration=2,
            daily_salary=100.0,
            position="artist",
            seniority="mid",
        ),
        m.Organisation(name="Studio of the source", hours_by_day=7),
    )

    async def show(session: AsyncSession) -> None:
        entity = await session.get(m.Entity, shot.id)
        assert entity is not None
        entity.preview_file_id = preview.id

    instance.within(show)
    instance.put_file("files", "attachments", attachment.id, b"notes")
    for prefix in ("original", "previews", "thumbnails", "thumbnails-square"):
        instance.put_file("pictures", prefix, preview.id, f"picture {prefix}".encode())
    return Film(film, task, shot, asset, artist, comment, preview, attachment)
