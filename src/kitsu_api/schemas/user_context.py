"""What a client draws its pages from."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.assets import AssetTypeRead
from kitsu_api.schemas.base import RecordRead, Schema, Timestamp
from kitsu_api.schemas.departments import DepartmentRead
from kitsu_api.schemas.entities import EntityRead, EntityTypeRead
from kitsu_api.schemas.persons import StudioRead
from kitsu_api.schemas.plugins import PluginRead
from kitsu_api.schemas.previews import PreviewBackgroundFileRead
from kitsu_api.schemas.projects import ProjectRead, ProjectStatusRead
from kitsu_api.schemas.tasks import StatusAutomationRead, TaskRead, TaskStatusRead, TaskTypeRead
from kitsu_api.schemas.user_filters import CustomActionRead, SearchFilterGroupRead, SearchFilterRead


class PersonOfContext(RecordRead):
    """A person, with what the caller may know: names and role at least."""

    first_name: str
    last_name: str
    full_name: str
    has_avatar: bool | None = None
    active: bool | None = None
    is_bot: bool
    role: Literal["user", "admin", "supervisor", "manager", "client", "vendor"]
    departments: list[UUID] | None = None
    studio_id: UUID | None = None
    desktop_login: str | None = None
    email: str | None = None


class FullTask(TaskRead):
    """A task with all that it refers to."""

    entity: EntityRead | None = None
    entity_type: EntityTypeRead | None = None
    project: ProjectRead | None = None
    task_type: TaskTypeRead | None = None
    task_status: TaskStatusRead | None = None
    persons: list[PersonOfContext] = Field(description="Who is assigned.")
    assigner: PersonOfContext | None = None
    is_subscribed: bool = Field(description="Whether the caller hears of its comments.")


class OpenProjectRead(ProjectRead):
    """A running project with its settings."""

    first_episode_id: UUID | None = Field(default=None, description="Episode that a show opens on.")


class UserContext(Schema):
    """What a client draws its pages from, as far as the caller may see it."""

    asset_types: list[AssetTypeRead]
    custom_actions: list[CustomActionRead]
    status_automations: list[StatusAutomationRead]
    departments: list[DepartmentRead]
    studios: list[StudioRead]
    notification_count: int = Field(description="Notifications that the caller has not read.")
    persons: list[PersonOfContext]
    project_status: list[ProjectStatusRead]
    project_roles: dict[UUID, str] = Field(description="Roles on projects that differ from the general one.")
    projects: list[OpenProjectRead] = Field(description="Running projects that are open to the caller.")
    task_types: list[TaskTypeRead]
    task_status: list[TaskStatusRead]
    search_filters: dict[str, dict[str, list[SearchFilterRead]]] = Field(
        description="Saved searches by list, then by project id or `all`."
    )
    search_filter_groups: dict[str, dict[str, list[SearchFilterGroupRead]]]
    preview_background_files: list[PreviewBackgroundFileRead]
    plugins: list[PluginRead]
    user_limit: int = Field(description="Active people who fit the licence.")


class LoginLogRead(Schema):
    """A sign-in."""

    id: UUID
    created_at: Timestamp
    ip_address: str | None = None
    person_id: UUID
    origin: str | None = None
