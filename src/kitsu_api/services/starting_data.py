"""Rows that a studio starts with, by what it makes. What is there already is never touched or doubled."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import (
    Department,
    EntityType,
    Organisation,
    ProjectStatus,
    TaskStatus,
    TaskType,
)
from kitsu_api.db.repositories import starting_data as repository

ORGANISATION = "Kitsu"
NEEDED_ENTITY_TYPES = ("Shot", "Sequence", "Episode", "Scene", "Edit", "Concept", "ConceptFolder")
"""Entity types that are no asset types; the server looks for them by name."""

PROJECT_STATUSES = {"Open": "#000000", "Closed": "#888888"}

DEPARTMENTS = {
    "Concept": "#8D6E63",
    "Modeling": "#78909C",
    "Rigging": "#26A69A",
    "Texturing": "#9CCC65",
    "Layout": "#7E57C2",
    "Animation": "#4CAF50",
    "FX": "#26C6DA",
    "Lighting": "#FFA726",
    "Compositing": "#EC407A",
    "Editorial": "#5C6BC0",
    "Design": "#AB47BC",
    "Matchmove": "#42A5F5",
    "Level Design": "#FF7043",
    "Sound": "#BDBDBD",
}


class Work(NamedTuple):
    """A task type of a studio."""

    name: str
    short_name: str
    color: str
    department: str


CONCEPT = Work("Concept", "CPT", "#8D6E63", "Concept")
MODELING = Work("Modeling", "MOD", "#78909C", "Modeling")
TEXTURING = Work("Texturing", "TEX", "#9CCC65", "Texturing")
SHADING = Work("Shading", "SHD", "#64B5F6", "Texturing")
RIGGING = Work("Rigging", "RIG", "#26A69A", "Rigging")
STORYBOARD = Work("Storyboard", "STO", "#43A0C7", "Layout")
LAYOUT = Work("Layout", "LAY", "#7E57C2", "Layout")
ANIMATION = Work("Animation", "ANI", "#4CAF50", "Animation")
EFFECTS = Work("FX", "FX", "#26C6DA", "FX")
LIGHTING = Work("Lighting", "LGT", "#FFA726", "Lighting")
RENDERING = Work("Rendering", "REN", "#F06292", "Compositing")
COMPOSITING = Work("Compositing", "CMP", "#EC407A", "Compositing")
EDIT = Work("Edit", "EDT", "#5C6BC0", "Editorial")


class Trade(NamedTuple):
    """What studios of one kind work with, in the order of their pipeline."""

    asset_types: tuple[str, ...]
    for_assets: tuple[Work, ...]
    for_shots: tuple[Work, ...]


TRADES = {
    "2d": Trade(
        ("Characters", "Props", "Backgrounds", "FX"),
        (
            CONCEPT,
            Work("Design", "DSG", "#AB47BC", "Design"),
            Work("Color", "COL", "#9CCC65", "Design"),
            RIGGING,
        ),
        (
            STORYBOARD,
            LAYOUT,
            Work("Background", "BG", "#8BC34A", "Design"),
            Work("Rough Animation", "RGH", "#66BB6A", "Animation"),
            Work("Clean-Up", "CLN", "#2E7D32", "Animation"),
            Work("Ink & Paint", "INK", "#D4E157", "Animation"),
            EFFECTS,
            COMPOSITING,
        ),
    ),
    "3d": Trade(
        ("Characters", "Props", "Environments", "FX"),
        (CONCEPT, MODELING, TEXTURING, SHADING, RIGGING),
        (STORYBOARD, LAYOUT, ANIMATION, EFFECTS, LIGHTING, RENDERING, COMPOSITING),
    ),
    "vfx": Trade(
        ("Characters", "Creatures", "Props", "Vehicles", "Environments", "Matte Paintings", "FX"),
        (CONCEPT, MODELING, TEXTURING, Work("Lookdev", "LKD", "#64B5F6", "Texturing"), RIGGING),
        (
            Work("Plate Prep", "PLT", "#90A4AE", "Matchmove"),
            Work("Matchmove", "MM", "#42A5F5", "Matchmove"),
            Work("Roto", "ROT", "#29B6F6", "Compositing"),
            LAYOUT,
            ANIMATION,
            EFFECTS,
            LIGHTING,
            Work("Matte Painting", "DMP", "#8BC34A", "Concept"),
            COMPOSITING,
        ),
    ),
    "games": Trade(
        ("Characters", "Props", "Environments", "Weapons", "Vehicles", "Interface", "FX", "Levels"),
        (
            CONCEPT,
            MODELING,
            TEXTURING,
            RIGGING,
            ANIMATION,
            Work("Level Design", "LVL", "#FF7043", "Level Design"),
            Work("Sound Design", "SND", "#BDBDBD", "Sound"),
            Work("Integration", "INT", "#FFCA28", "Level Design"),
        ),
        (STORYBOARD, Work("Cinematic Layout", "LAY", "#7E57C2", "Layout"), ANIMATION, EFFECTS, LIGHTING),
    ),
}


def _statuses() -> list[TaskStatus]:
    """Where a task can stand, in the order in which it goes through them; the last three for concepts."""
    return [
        TaskStatus(name="Todo", short_name="todo", color="#F5F5F5", priority=1, is_default=True),
        TaskStatus(name="Ready To Start", short_name="rts", color="#FBC02D", priority=2),
        TaskStatus(name="Work In Progress", short_name="wip", color="#3273DC", priority=3, is_wip=True),
        TaskStatus(
            name="Waiting For Approval",
            short_name="wfa",
            color="#AB26FF",
            priority=4,
            is_feedback_request=True,
        ),
        TaskStatus(
            name="Retake",
            short_name="retake",
            color="#FF3860",
            priority=5,
            is_retake=True,
            is_artist_allowed=False,
        ),
        TaskStatus(
            name="Done",
            short_name="done",
            color="#22D160",
            priority=6,
            is_done=True,
            is_artist_allowed=False,
        ),
        TaskStatus(name="Neutral", short_name="neutral", color="#CCCCCC", priority=7, for_concept=True),
        TaskStatus(
            name="Approved",
            short_name="approved",
            color="#66BB6A",
            priority=8,
            is_done=True,
            is_artist_allowed=False,
            for_concept=True,
        ),
        TaskStatus(
            name="Rejected",
            short_name="rejected",
            color="#E81123",
            priority=9,
            is_retake=True,
            is_artist_allowed=False,
            for_concept=True,
        ),
    ]


async def fill_new_database(session: AsyncSession, domain: str) -> int:
    """Fill a database in which nothing is yet; elsewhere add only what the server can't do without.

    A studio that has removed a task type shall not get it back at the next start. How many rows were
    added.
    """
    await repository.wait_for_turn(session)
    if await repository.is_new(session):
        return await fill(session, domain)
    return await _fill_needed(session)


async def fill(session: AsyncSession, domain: str) -> int:
    """Add what is missing of a trade (a key of ``TRADES``); how many rows. The caller commits."""
    await repository.wait_for_turn(session)
    trade = TRADES[domain]
    added = await _fill_needed(session)
    used = {work.department for work in (*trade.for_assets, *trade.for_shots, CONCEPT, EDIT)}
    departments = [Department(name=name, color=color) for name, color in DEPARTMENTS.items() if name in used]
    added += await repository.add_missing(session, departments, "name")
    types = [EntityType(name=name) for name in trade.asset_types]
    added += await repository.add_missing(session, types, "name")
    added += await repository.add_missing(session, _statuses(), "short_name")
    by_name = await repository.departments_by_name(session)
    for for_entity, works in (
        ("Asset", trade.for_assets),
        ("Shot", trade.for_shots),
        ("Concept", (CONCEPT,)),
        ("Edit", (EDIT,)),
    ):
        task_types = [
            TaskType(
                name=work.name,
                short_name=work.short_name,
                color=work.color,
                priority=place,
                for_entity=for_entity,
                department_id=by_name[work.department.casefold()].id,
            )
            for place, work in enumerate(works, start=1)
        ]
        added += await repository.add_missing(session, task_types, "name", "for_entity")
    return added


async def _fill_needed(session: AsyncSession) -> int:
    """Rows that the server itself looks for."""
    added = await repository.add_missing(
        session, [EntityType(name=name) for name in NEEDED_ENTITY_TYPES], "name"
    )
    statuses = [ProjectStatus(name=name, color=color) for name, color in PROJECT_STATUSES.items()]
    added += await repository.add_missing(session, statuses, "name")
    if not await repository.has_organisation(session):
        session.add(Organisation(name=ORGANISATION))
        added += 1
    await session.flush()
    return added
