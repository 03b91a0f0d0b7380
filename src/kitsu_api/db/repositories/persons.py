"""Queries on people."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db.models import (
    ChatParticipant,
    DepartmentLink,
    DesktopLoginLog,
    LoginLog,
    Notification,
    Person,
    ProjectPersonLink,
    SearchFilter,
    SearchFilterGroup,
    Subscription,
    TaskPersonLink,
)

ONE_AT_A_TIME = 0x6B697473755F
"""Key of the advisory lock under which people are counted before one comes or goes."""

ATTACHMENTS: tuple[tuple[Any, Any], ...] = (
    (DepartmentLink, DepartmentLink.person_id),
    (ProjectPersonLink, ProjectPersonLink.person_id),
    (TaskPersonLink, TaskPersonLink.person_id),
    (ChatParticipant, ChatParticipant.person_id),
    (Notification, Notification.person_id),
    (Subscription, Subscription.person_id),
    (SearchFilter, SearchFilter.person_id),
    (SearchFilterGroup, SearchFilterGroup.person_id),
    (LoginLog, LoginLog.person_id),
    (DesktopLoginLog, DesktopLoginLog.person_id),
)
"""Rows that mean nothing without their person."""


class PersonRepository:
    """People."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def wait_for_turn(self) -> None:
        """Let nobody else add or remove people until the transaction ends."""
        await self.session.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))

    async def email_taken(self, email: str, but: UUID | None = None) -> bool:
        """Whether somebody (`but` one) has this e-mail, upper and lower case alike. Bots don't count."""
        query = select(Person.id).where(func.lower(Person.email) == email.lower(), Person.is_bot.is_(False))
        if but is not None:
            query = query.where(Person.id != but)
        return (await self.session.scalars(query.limit(1))).first() is not None

    async def count_active(self) -> int:
        """People who count towards the limit of the licence: neither bots nor guests."""
        query = select(func.count()).where(
            Person.active.is_(True), Person.is_bot.is_(False), Person.is_guest.is_(False)
        )
        return int(await self.session.scalar(query) or 0)

    async def other_admin_exists(self, person_id: UUID) -> bool:
        """Whether somebody else can sign in as an admin."""
        query = select(Person.id).where(
            Person.role == "admin", Person.active.is_(True), Person.is_bot.is_(False), Person.id != person_id
        )
        return (await self.session.scalars(query.limit(1))).first() is not None

    async def delete_attachments(self, person_id: UUID) -> None:
        """Delete what means nothing without the person; what they have made keeps them."""
        for model, column in ATTACHMENTS:
            await self.session.execute(delete(model).where(column == person_id))


def colleagues(person_id: UUID, projects: Collection[UUID]) -> ColumnElement[bool]:
    """The condition for a person and everybody in the team of one of the productions."""
    link = aliased(ProjectPersonLink)
    teams = select(link.person_id).where(link.project_id.in_(list(projects)))
    return or_(Person.id == person_id, Person.id.in_(teams))
