"""No client of the released document breaks: `docs/releasing.md` says how to release another."""

from __future__ import annotations

import copy
import json

import pytest

from tests.contract.document import DOCUMENT
from tests.contract.openapi_diff import RELEASED, breaking_changes, digest, written


def document() -> dict:
    """A document with one route, which reads a film and answers a list of them."""
    film = {"$ref": "#/components/schemas/Film"}
    reel = {"type": "object", "properties": {"feet": {"type": "integer"}}, "required": ["feet"]}
    fields = {
        "name": {"type": "string"},
        "state": {"enum": ["open", "closed"]},
        "reels": {"type": "array", "items": {"$ref": "#/components/schemas/Reel"}},
        "length": {"anyOf": [{"type": "number"}, {"type": "null"}]},
    }
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    operation = {
        "operationId": "make_film",
        "parameters": [limit],
        "requestBody": {"content": {"application/json": {"schema": film}}},
        "responses": {"200": {"content": {"application/json": {"schema": {"type": "array", "items": film}}}}},
    }
    return {
        "info": {"version": "1"},
        "paths": {"/films": {"post": operation}},
        "components": {
            "schemas": {
                "Film": {"type": "object", "properties": fields, "required": ["name"]},
                "Reel": reel,
            }
        },
    }


def changes(change) -> list[str]:
    new = document()
    parts = {
        "paths": new["paths"],
        "operation": new["paths"]["/films"]["post"],
        "film": new["components"]["schemas"]["Film"],
        "reel": new["components"]["schemas"]["Reel"],
    }
    change(parts)
    return breaking_changes(digest(document()), digest(new))


def sets(part, *keys):
    """A change that puts the last of these under those before it."""

    def change(parts):
        target = parts[part]
        for key in keys[:-2]:
            target = target[key]
        target[keys[-2]] = copy.deepcopy(keys[-1])

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda parts: parts["paths"].clear(), "POST /films is gone"),
        (sets("operation", "operationId", "add"), "its operation id was make_film and is add"),
        (sets("operation", "parameters", []), "query limit is no longer read"),
        (sets("operation", "parameters", 0, "required", True), "query limit is now required"),
        (sets("operation", "parameters", 0, "schema", {"type": "boolean"}), "may no longer be integer"),
        (sets("operation", "requestBody", "required", True), "a body is now required"),
        (sets("operation", "responses", {"201": {}}), "it no longer answers 200"),
        (sets("film", "required", ["name", "state"]), "Film (sent): state is now required"),
        (sets("film", "required", []), "Film (answered): name may now be absent"),
        (lambda parts: parts["film"]["properties"].pop("state"), "Film (answered): state is gone"),
        (sets("film", "properties", "name", {"type": "integer"}), "Film (answered): name may now be integer"),
        (
            sets("film", "properties", "length", {"type": "number"}),
            "Film (sent): length may no longer be null",
        ),
        (sets("film", "properties", "state", {"enum": ["open"]}), 'state may no longer be "closed"'),
        (sets("reel", "properties", "feet", {"type": "string"}), "Reel (answered): feet may now be string"),
    ],
)
def test_what_a_client_could_trip_over_is_named(change, problem):
    assert any(problem in each for each in changes(change)), changes(change)


@pytest.mark.parametrize(
    "change",
    [
        sets("paths", "/reels", {"get": {"operationId": "list_reels", "responses": {"200": {}}}}),
        sets("film", "properties", "studio", {"type": "string"}),
        sets("film", "description", "A film."),
        sets("operation", "parameters", 0, "schema", {"type": "number"}),
        sets("operation", "requestBody", "content", "text/csv", {"schema": {"type": "string"}}),
        sets("film", "properties", "state", {"enum": ["open", "closed", "kept"]}),
    ],
)
def test_what_only_adds_breaks_nothing(change):
    assert changes(change) == []


def test_a_digest_is_read_as_it_was_written():
    kept = digest(document())
    assert json.loads(written(kept)) == kept


def test_nothing_breaks_that_was_released():
    released = json.loads(RELEASED.read_text())
    problems = breaking_changes(released, digest(json.loads(json.dumps(DOCUMENT))))
    assert problems == [], "docs/releasing.md says what to do"
