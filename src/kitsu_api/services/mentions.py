"""People and departments that a text calls by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from kitsu_api.db.models import Comment, Task
from kitsu_api.db.repositories.task_comments import CommentAudience
from kitsu_api.services.notifications import notify
from kitsu_api.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Mentions:
    """Who is called by name in a text."""

    people: frozenset[UUID]
    departments: frozenset[UUID]


NOBODY = Mentions(frozenset(), frozenset())


def _called(text: str, names: Iterable[tuple[UUID, str]]) -> frozenset[UUID]:
    """Those whose name follows an `@`, as a whole: `@Ada B` does not call Ada Byron, and `@Ada Byron` does
    not call somebody who is named Ada alone."""
    by_name: dict[str, list[UUID]] = {}
    for id, name in names:
        if name:
            by_name.setdefault(name, []).append(id)
    longest_first = sorted(by_name, key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in longest_first)
    found = re.findall(rf"@({pattern})(?!\w)", text) if pattern else []
    return frozenset(id for name in found for id in by_name[name])


class Names:
    """The names that texts may call, looked up once for several texts."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._audience = CommentAudience(uow.session)
        self._teams: dict[UUID | None, list[tuple[UUID, str]]] = {}
        self._departments: list[tuple[UUID, str]] | None = None

    async def called_in(self, project_id: UUID | None, text: str) -> Mentions:
        """The people of the team and the departments that a text calls: `@Ada Byron`, `@Animation`."""
        if "@" not in text:
            return NOBODY
        if project_id not in self._teams:
            self._teams[project_id] = await self._audience.team(project_id)
        if self._departments is None:
            self._departments = await self._audience.departments()
        return Mentions(_called(text, self._teams[project_id]), _called(text, self._departments))


async def mentions_in(uow: UnitOfWork, project_id: UUID | None, text: str) -> Mentions:
    """The people of the team and the departments that one text calls."""
    return await Names(uow).called_in(project_id, text)


async def called_people(uow: UnitOfWork, project_id: UUID | None, mentions: Mentions) -> set[UUID]:
    """The people called by name, and those of the departments that are."""
    people = set(mentions.people)
    if mentions.departments:
        people |= await CommentAudience(uow.session).of_departments(mentions.departments, project_id)
    return people


async def renotify(uow: UnitOfWork, task: Task, comment: Comment, mentions: Mentions) -> None:
    """Notify whom a changed comment calls now, and nobody whom it called before and no longer does."""
    audience = CommentAudience(uow.session)
    people = await audience.narrow_to_readers(
        await called_people(uow, task.project_id, mentions) - {comment.person_id},
        task,
        for_client=bool(comment.for_client),
    )
    await audience.drop_mentions(comment.id, but=people)
    known = await audience.told_of_mention(comment.id)
    await notify(
        uow,
        people - known,
        task,
        "mention",
        author_id=comment.person_id,
        comment_id=comment.id,
        change=False,
        created_at=comment.created_at.replace(microsecond=0) if comment.created_at else None,
    )
