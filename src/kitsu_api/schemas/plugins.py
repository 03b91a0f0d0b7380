"""Installed plugins."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kitsu_api.schemas.base import Payload, RecordRead, Text


class PluginRead(RecordRead):
    """A plugin."""

    plugin_id: str
    name: str
    description: str | None = None
    version: str
    maintainer_name: str
    maintainer_email: str | None = None
    website: str | None = None
    license: str
    revision: str | None = None
    frontend_project_enabled: bool | None = None
    frontend_studio_enabled: bool | None = None
    icon: str | None = None


class PluginCreate(Payload):
    """A plugin to make."""

    plugin_id: Annotated[Text, Field(max_length=80)]
    name: Annotated[Text, Field(max_length=80)]
    description: Text | None = None
    version: Annotated[Text, Field(max_length=50)]
    maintainer_name: Annotated[Text, Field(max_length=200)]
    maintainer_email: Annotated[Text, Field(max_length=255)] | None = None
    website: Text | None = None
    license: Annotated[Text, Field(max_length=80)]
    revision: Annotated[Text, Field(max_length=12)] | None = None
    frontend_project_enabled: bool | None = None
    frontend_studio_enabled: bool | None = None
    icon: Annotated[Text, Field(max_length=255)] | None = None


class PluginUpdate(Payload):
    """What may change of a plugin; what is absent stays."""

    plugin_id: Annotated[Text, Field(max_length=80)] | None = None
    name: Annotated[Text, Field(max_length=80)] | None = None
    description: Text | None = None
    version: Annotated[Text, Field(max_length=50)] | None = None
    maintainer_name: Annotated[Text, Field(max_length=200)] | None = None
    maintainer_email: Annotated[Text, Field(max_length=255)] | None = None
    website: Text | None = None
    license: Annotated[Text, Field(max_length=80)] | None = None
    revision: Annotated[Text, Field(max_length=12)] | None = None
    frontend_project_enabled: bool | None = None
    frontend_studio_enabled: bool | None = None
    icon: Annotated[Text, Field(max_length=255)] | None = None
