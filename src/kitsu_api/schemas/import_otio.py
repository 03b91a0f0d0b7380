"""Edits that become shots."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kitsu_api.schemas.base import Payload, Schema, Text
from kitsu_api.schemas.entities import EntityRead

CONVENTION = "${project_name}_${sequence_name}-${shot_name}"
CONVENTION_OF_EPISODES = "${project_name}_${episode_name}-${sequence_name}-${shot_name}"


class EditOptions(Payload):
    """How the clips of an edit are read; the form's word counts before that of the address."""

    naming_convention: Annotated[Text, Field(min_length=1, max_length=500)] | None = None
    match_case: bool = True


class EditForm(EditOptions):
    """An edit, as a form."""

    file: Annotated[bytes, Field(description="EDL, OTIO, OTIOZ or FCP 7 XML, with that ending of its name.")]


class ImportedShots(Schema):
    """What an edit made of shots; those that were there before have the type `Entity`."""

    created_shots: list[EntityRead]
    updated_shots: list[EntityRead]
