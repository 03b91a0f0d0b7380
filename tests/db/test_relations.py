"""Relations of the tables: those of the ORM, and those that answers show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy.orm import configure_mappers

from kitsu_api.db import projections
from kitsu_api.db.base import Base
from kitsu_api.db.projection import Projection

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "contract" / "tables.json"

MANY = {
    "AssetInstance": {"shots"},
    "Chat": {"participants"},
    "ChatMessage": {"attachment_files"},
    "Comment": {"previews", "mentions", "department_mentions", "acknowledgements", "attachment_files"},
    "Entity": {"entities_out", "entities_in", "entity_concept_links", "instance_casting"},
    "EntityType": {"task_types"},
    "MetadataDescriptor": {"departments"},
    "Person": {"departments"},
    "Playlist": {"build_jobs"},
    "PreviewFile": {"comments"},
    "ProductionScheduleVersionTaskLink": {"assignees"},
    "Project": {
        "team",
        "asset_types",
        "task_statuses",
        "task_types",
        "status_automations",
        "preview_background_files",
    },
    "ProjectTemplate": {
        "asset_types",
        "task_statuses",
        "task_types",
        "status_automations",
        "preview_background_files",
    },
    "Task": {"assignees"},
    "WorkingFile": {"outputs"},
}
ONE = {"AttachmentFile": {"comment", "chat_message"}, "OutputFile": {"source_file"}}


def mapped() -> dict[str, tuple[set[str], set[str]]]:
    """The many and the single relations of each model."""
    configure_mappers()
    found = {}
    for mapper in Base.registry.mappers:
        many = {relation.key for relation in mapper.relationships if relation.uselist}
        one = {relation.key for relation in mapper.relationships if not relation.uselist}
        if many or one:
            found[mapper.class_.__name__] = (many, one)
    return found


def test_models_have_the_relations_that_clients_know() -> None:
    names = MANY.keys() | ONE.keys()
    assert mapped() == {name: (MANY.get(name, set()), ONE.get(name, set())) for name in names}


def test_relations_are_never_loaded_by_accident() -> None:
    configure_mappers()
    lazy = {relation.lazy for mapper in Base.registry.mappers for relation in mapper.relationships}
    assert lazy == {"raise"}


def test_answers_show_the_relations_of_the_models() -> None:
    shown = {
        projection.model.__name__: set(projection.relations)
        for projection in vars(projections).values()
        if isinstance(projection, Projection) and projection.relations
    }
    assert shown == {name: many | one for name, (many, one) in mapped().items()}


@pytest.mark.skipif(not CONTRACT.exists(), reason="the contract is not beside this checkout")
def test_the_contract_names_the_same_relations() -> None:
    tables = json.loads(CONTRACT.read_text())
    known = {table["model"]: set(table["relations"]) for table in tables.values() if table.get("relations")}
    assert {name: many | one for name, (many, one) in mapped().items()} == known
