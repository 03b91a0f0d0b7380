"""What the document says of items of batches: programs can check them before they are sent."""

from __future__ import annotations

from uuid import uuid4

import jsonschema_rs
import pytest

from kitsu_api.routers.batches.operations import OPERATIONS
from tests.contract.document import DOCUMENT

SCHEMAS = DOCUMENT["components"]["schemas"]
ID = str(uuid4())
EARLIER = {"@ref": "earlier"}


@pytest.fixture(scope="module")
def batches():
    """The schema of the body, to hold batches against."""
    schema = {"$ref": "#/components/schemas/BatchRequest", "components": DOCUMENT["components"]}
    return jsonschema_rs.validator_for(schema)


def create(resource, **values):
    return {"action": "create", "resource": resource, "values": values}


def update(resource, id=ID, **values):
    return {"action": "update", "resource": resource, "id": id, "values": values}


TASK = {"name": "main", "project_id": ID, "entity_id": ID, "task_type_id": ID, "task_status_id": ID}

FITTING = [
    {**create("tasks", **{**TASK, "entity_id": EARLIER, "assignees": [EARLIER, ID]}), "key": "t"},
    create("shots", project_id=EARLIER, name="SH010", sequence_id=EARLIER, data={"id": EARLIER}),
    create("shots", project_id=ID, name="SH010", sequence_id=None),
    create("comments", task_id=EARLIER, task_status_id=ID, text="Well"),
    update("tasks", EARLIER, priority=2, due_date=None),
    {**update("entities", data={"fps": 25}), "if_match": '"0"'},
    {"action": "update", "resource": "tasks", "id": ID},
    {"action": "delete", "resource": "assets", "id": EARLIER, "force": True},
]

AMISS = [
    create("task", **TASK),
    create("tasks", **{**TASK, "name": 7}),
    create("tasks", **{**TASK, "entity_id": {"@reference": "earlier"}}),
    create("tasks", **{**TASK, "name": EARLIER}),
    create("shots", project_id=ID),
    create("shots", name="SH010"),
    {"action": "create", "resource": "shots"},
    {**create("tasks", **TASK), "id": ID},
    {**create("tasks", **TASK), "force": True},
    update("shots", name="SH010"),
    update("tasks", None, priority=1),
    update("tasks", priority="high"),
    {"action": "update", "resource": "tasks", "values": {"priority": 1}},
    {"action": "delete", "resource": "tasks", "id": ID, "values": {}},
    {"action": "delete", "resource": "tasks"},
    {"action": "upsert", "resource": "tasks", "id": ID},
]


def test_items_that_are_in_order_fit_the_document(batches):
    for item in FITTING:
        assert batches.is_valid({"items": [item]}), item


def test_items_that_are_not_in_order_do_not(batches):
    for item in AMISS:
        assert not batches.is_valid({"items": [item]}), item


def test_each_change_has_a_schema_of_its_own():
    told = {("delete", resource) for resource in SCHEMAS["BatchDeletion"]["properties"]["resource"]["enum"]}
    for action, group in (("create", "BatchCreation"), ("update", "BatchUpdate")):
        for resource, pointer in SCHEMAS[group]["discriminator"]["mapping"].items():
            item = SCHEMAS[pointer.rsplit("/", 1)[1]]["properties"]
            assert (item["action"]["const"], item["resource"]["const"]) == (action, resource)
            assert "$ref" in item["values"]
            told.add((action, resource))
    assert told == set(OPERATIONS)


def test_routes_of_their_own_take_no_references():
    wanted = SCHEMAS["TaskCreate"]["properties"]["entity_id"]
    assert "Reference" not in str(wanted)
    assert "Reference" in str(SCHEMAS["BatchTaskCreate"]["properties"]["entity_id"])
