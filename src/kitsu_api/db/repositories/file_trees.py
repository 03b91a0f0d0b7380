"""What stands for the tags of file trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS


@dataclass(frozen=True)
class TreePlace:
    """Where something lies in the tree of its production."""

    tree: Any
    """The production's file tree; None when it has none."""
    kind: str
    """Kind of the templates: `asset`, `shot`, `scene`, …"""
    entity_type: str
    """Name of the type: `Props`, `Shot`, …"""
    words: dict[str, str]
    """What stands for each tag."""
    entity_shotgun_id: int | None = None
    project_shotgun_id: int | None = None


def words_of(kind: str, name: str, holder: str, holder_kind: str, above: str, origin: str) -> dict[str, str]:
    """What stands for the tags of an entity, by the name of its type and the names around it."""
    if kind not in OTHER_KINDS:
        return {"AssetType": kind, "Asset": name, "Episode": origin}
    words = {"Episode": above}
    if holder_kind:
        words[holder_kind] = holder
    return {**words, kind: name}


async def tree_place_of_task(session: AsyncSession, task_id: UUID) -> TreePlace | None:
    """Where the files of a task lie; None when there is no such task."""
    holder, holder_type = aliased(m.Entity), aliased(m.EntityType)
    above, origin = aliased(m.Entity), aliased(m.Entity)
    query = (
        select(
            m.Project.file_tree,
            m.Project.name,
            m.Project.shotgun_id,
            m.Entity.shotgun_id,
            m.TaskType.name,
            m.EntityType.name,
            m.Entity.name,
            holder.name,
            holder_type.name,
            above.name,
            origin.name,
        )
        .select_from(m.Task)
        .join(m.Project, m.Project.id == m.Task.project_id)
        .join(m.Entity, m.Entity.id == m.Task.entity_id)
        .join(m.EntityType, m.EntityType.id == m.Entity.entity_type_id)
        .outerjoin(m.TaskType, m.TaskType.id == m.Task.task_type_id)
        .outerjoin(holder, holder.id == m.Entity.parent_id)
        .outerjoin(holder_type, holder_type.id == holder.entity_type_id)
        .outerjoin(above, above.id == holder.parent_id)
        .outerjoin(origin, origin.id == m.Entity.source_id)
        .where(m.Task.id == task_id)
    )
    row: Any = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    tree, project, project_shotgun_id, entity_shotgun_id, task_type, kind, *names = row
    texts = [text or "" for text in names]
    return TreePlace(
        tree=tree,
        kind=kind.lower() if kind in OTHER_KINDS else "asset",
        entity_type=kind,
        words={"Project": project, "TaskType": task_type or "", **words_of(kind, *texts)},
        entity_shotgun_id=entity_shotgun_id,
        project_shotgun_id=project_shotgun_id,
    )
