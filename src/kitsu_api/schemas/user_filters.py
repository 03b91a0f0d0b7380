"""Saved searches and custom actions."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, RootModel

from kitsu_api.schemas.base import OptionalId, Payload, RecordRead, Text


class CustomActionRead(RecordRead):
    """A custom action."""

    name: str
    url: str | None = None
    entity_type: str | None = None
    is_ajax: bool | None = None


class CustomActionCreate(Payload):
    """A custom action to make."""

    name: Annotated[Text, Field(max_length=80)]
    url: Annotated[Text, Field(max_length=400)] | None = None
    entity_type: Annotated[Text, Field(max_length=40)] | None = None
    is_ajax: bool | None = None


class CustomActionUpdate(Payload):
    """What may change of a custom action; what is absent stays."""

    name: Annotated[Text, Field(max_length=80)] | None = None
    url: Annotated[Text, Field(max_length=400)] | None = None
    entity_type: Annotated[Text, Field(max_length=40)] | None = None
    is_ajax: bool | None = None


class SearchFilterGroupRead(RecordRead):
    """A search filter group."""

    list_type: str
    entity_type: str | None = None
    name: str
    color: str
    is_shared: bool
    person_id: UUID | None = None
    project_id: UUID | None = None
    department_id: UUID | None = None


class SearchFilterGroupCreate(Payload):
    """A search filter group to make."""

    list_type: Annotated[Text, Field(max_length=80)]
    entity_type: Annotated[Text, Field(max_length=80)] | None = None
    name: Annotated[Text, Field(max_length=200)] | None = None
    color: Annotated[Text, Field(max_length=8)] | None = None
    is_shared: bool | None = None
    person_id: OptionalId = None
    project_id: OptionalId = None
    department_id: OptionalId = None


class SearchFilterGroupUpdate(Payload):
    """What may change of a search filter group; what is absent stays."""

    list_type: Annotated[Text, Field(max_length=80)] | None = None
    entity_type: Annotated[Text, Field(max_length=80)] | None = None
    name: Annotated[Text, Field(max_length=200)] | None = None
    color: Annotated[Text, Field(max_length=8)] | None = None
    is_shared: bool | None = None
    person_id: OptionalId = None
    project_id: OptionalId = None
    department_id: OptionalId = None


class SearchFilterRead(RecordRead):
    """A search filter."""

    list_type: str
    entity_type: str | None = None
    name: str
    search_query: str
    is_shared: bool
    department_id: UUID | None = None
    search_filter_group_id: UUID | None = None
    person_id: UUID | None = None
    project_id: UUID | None = None


class SearchFilterCreate(Payload):
    """A search filter to make."""

    list_type: Annotated[Text, Field(max_length=80)]
    entity_type: Annotated[Text, Field(max_length=80)] | None = None
    name: Annotated[Text, Field(max_length=200)] | None = None
    search_query: Annotated[Text, Field(max_length=500)] | None = None
    is_shared: bool | None = None
    department_id: OptionalId = None
    search_filter_group_id: OptionalId = None
    person_id: OptionalId = None
    project_id: OptionalId = None


class SearchFilterUpdate(Payload):
    """What may change of a search filter; what is absent stays."""

    list_type: Annotated[Text, Field(max_length=80)] | None = None
    entity_type: Annotated[Text, Field(max_length=80)] | None = None
    name: Annotated[Text, Field(max_length=200)] | None = None
    search_query: Annotated[Text, Field(max_length=500)] | None = None
    is_shared: bool | None = None
    department_id: OptionalId = None
    search_filter_group_id: OptionalId = None
    person_id: OptionalId = None
    project_id: OptionalId = None


class FiltersByList(RootModel[dict[str, dict[str, list[SearchFilterRead]]]]):
    """Searches by list (`asset`, `shot`, …) and production (its id, or `all`)."""


class FilterGroupsByList(RootModel[dict[str, dict[str, list[SearchFilterGroupRead]]]]):
    """Groups of searches by list (`asset`, `shot`, …) and production (its id, or `all`)."""


class NewUserFilter(Payload):
    """A search to save."""

    name: Annotated[Text, Field(min_length=1, max_length=200)]
    query: Annotated[Text, Field(max_length=500, description="What to search for.")]
    list_type: Annotated[Text, Field(min_length=1, max_length=80, description="`asset`, `shot`, …")]
    entity_type: Annotated[Text, Field(max_length=80)] | None = None
    project_id: OptionalId = None
    is_shared: bool | None = None
    search_filter_group_id: OptionalId = None
    department_id: OptionalId = None


class UserFilterChange(Payload):
    """What may change of a saved search; what is absent stays."""

    name: Annotated[Text, Field(min_length=1, max_length=200)] | None = None
    search_query: Annotated[Text, Field(max_length=500)] | None = None
    is_shared: bool | None = None
    project_id: OptionalId = None
    search_filter_group_id: OptionalId = None
    department_id: OptionalId = None


class NewUserFilterGroup(Payload):
    """A group of searches to make."""

    name: Annotated[Text, Field(min_length=1, max_length=200)]
    color: Annotated[Text, Field(max_length=8)] | None = None
    list_type: Annotated[Text, Field(min_length=1, max_length=80, description="`asset`, `shot`, …")]
    entity_type: Annotated[Text, Field(max_length=80)] | None = None
    project_id: OptionalId = None
    is_shared: bool | None = None
    department_id: OptionalId = None


class UserFilterGroupChange(Payload):
    """What may change of a group of searches; what is absent stays."""

    name: Annotated[Text, Field(min_length=1, max_length=200)] | None = None
    color: Annotated[Text, Field(max_length=8)] | None = None
    is_shared: bool | None = None
    project_id: OptionalId = None
    department_id: OptionalId = None
