"""The document: valid, complete, and the one in the repository."""

from __future__ import annotations

import collections
import json
import re

import jsonschema_rs
import pytest
from jsonschema.exceptions import SchemaError
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from kitsu_api.openapi import TAGS
from kitsu_api.permissions.guard import PUBLIC_ROUTES, SHARED_PATHS
from tests.contract.document import COMMITTED, DOCUMENT, operations, resolved

SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    pytest.param(path, method, operation, id=f"{method.upper()} {path}")
    for path, method, operation in operations()
]
every_operation = pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)


def test_the_document_is_valid(monkeypatch):
    # whether each of thousands of schemas is one: by native code in a hundredth of the time
    checker = staticmethod(check_schema)
    monkeypatch.setattr(OAS31Validator, "check_schema", checker)
    assert DOCUMENT["openapi"].startswith("3.1")
    validate(DOCUMENT)


def check_schema(schema, *_args, **_options):
    """Refuse what is no schema of JSON Schema 2020-12, on which OpenAPI 3.1 builds."""
    try:
        jsonschema_rs.meta.validate(schema)
    except jsonschema_rs.ValidationError as error:
        raise SchemaError(error.message) from error


@pytest.mark.parametrize("broken", [{"type": "nothing"}, {"properties": []}, {"minLength": "three"}])
def test_a_document_with_a_broken_schema_is_noticed(monkeypatch, broken):
    monkeypatch.setattr(OAS31Validator, "check_schema", staticmethod(check_schema))
    document = {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {}}
    validate(document)
    with pytest.raises(OpenAPIValidationError):
        validate({**document, "components": {"schemas": {"Broken": broken}}})


def test_the_committed_document_is_up_to_date():
    assert COMMITTED.exists(), "Write it with: make openapi"
    assert json.loads(COMMITTED.read_text()) == json.loads(json.dumps(DOCUMENT)), (
        "Write it with: make openapi"
    )


def test_operation_ids_are_unique():
    ids = collections.Counter(operation["operationId"] for _, _, operation in operations())
    assert [name for name, times in ids.items() if times > 1] == []


def test_every_tag_says_what_it_gathers():
    used = {tag for _, _, operation in operations() for tag in operation.get("tags", [])}
    assert used - set(TAGS) == set()
    assert all(tag["description"] for tag in DOCUMENT["tags"])


def is_named(schema: dict) -> bool:
    """Whether a schema is a reference, a list of them, or a choice between those."""
    if "$ref" in schema:
        return True
    if schema.get("type") == "array":
        return is_named(schema.get("items", {}))
    choices = schema.get("anyOf") or schema.get("oneOf") or []
    return bool(choices) and all(is_named(choice) or choice.get("type") == "null" for choice in choices)


@every_operation
def test_an_operation_has_a_summary_and_one_tag(path, method, operation):
    assert operation.get("summary")
    assert len(operation.get("tags", [])) == 1


@every_operation
def test_an_operation_names_the_schemas_of_its_answers(path, method, operation):
    refused_always = "405" in operation["responses"]  # a path that older clients know, and none may use
    successes = [answer for status, answer in operation["responses"].items() if status[0] in "23"]
    assert successes or refused_always
    for status, answer in operation["responses"].items():
        content = resolved(answer).get("content", {})
        assert content or status in ("204", "302", "304", "307"), f"{status} has no content"
        if "application/json" in content:
            assert is_named(content["application/json"]["schema"]), f"{status} has an unnamed schema"


@every_operation
def test_an_operation_names_the_schema_of_its_body(path, method, operation):
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        assert is_named(body["schema"]), f"{kind} has an unnamed schema"


@every_operation
def test_an_operation_tells_how_it_refuses(path, method, operation):
    responses = operation["responses"]
    if operation.get("parameters") or operation.get("requestBody"):
        assert "400" in responses
    if path.startswith(SHARED_PATHS):
        assert operation["security"] == []
    elif (method.upper(), path) not in PUBLIC_ROUTES:
        assert {"401", "403"} <= set(responses)
        assert operation["security"]
    if "{" in path:
        assert "404" in responses
    for status, answer in responses.items():
        content = resolved(answer).get("content", {})
        if status[0] == "4":
            schema = content["application/json"]["schema"]
            if (method, path, status) == ("put", "/actions/tasks/{task_id}/assign", "400"):
                assert {"$ref": "#/components/schemas/ErrorBody"} in schema["anyOf"]
            else:
                assert schema == {"$ref": "#/components/schemas/ErrorBody"}, status


def test_the_frameworks_own_refusal_is_not_promised():
    assert "HTTPValidationError" not in json.dumps(DOCUMENT)


def test_no_schema_holds_a_secret():
    secret = {"totp_secret", "email_otp_secret", "otp_recovery_codes", "fido_credentials", "jti"}
    for name, schema in DOCUMENT["components"]["schemas"].items():
        # a key that is always null holds nothing
        properties = {key for key, one in schema.get("properties", {}).items() if one.get("type") != "null"}
        if {"id", "type"} <= properties:  # a row, and no answer to somebody who just made the secret
            assert not (secret | {"password"}) & properties, name


def test_each_schema_has_a_name_of_its_own():
    """Two models of one name are told apart by their modules, which generated clients can't say."""
    assert [name for name in SCHEMAS if "__" in name] == []
    titles = collections.Counter(schema.get("title") for schema in SCHEMAS.values() if "title" in schema)
    assert [title for title, times in titles.items() if times > 1] == []


def test_schemas_have_examples_that_fit_them():
    assert [name for name, schema in SCHEMAS.items() if not schema.get("examples")] == []
    lists = {name: {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}} for name in SCHEMAS}
    whole = {"properties": lists, "components": {"schemas": SCHEMAS}}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)  # compiled once
    examples = {name: schema["examples"] for name, schema in SCHEMAS.items()}
    assert [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(examples)] == []


def test_nothing_is_left_untyped():
    """What may be any JSON says so by a name; clients are given a type for it."""

    def untyped(schema, path):
        if not isinstance(schema, dict) or "$ref" in schema:
            return []
        if not schema.keys() - {"title", "description", "default", "examples", "deprecated"}:
            return [path]
        inner = [(path, one) for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()))]
        inner += [(f"{path}.{key}", one) for key, one in schema.get("properties", {}).items()]
        inner += [(f"{path}[]", schema["items"])] if "items" in schema else []
        return [found for where, one in inner for found in untyped(one, where)]

    named = {name: schema for name, schema in SCHEMAS.items() if name != "JsonDocument"}
    assert [found for name, schema in named.items() for found in untyped(schema, name)] == []


def test_operations_describe_their_parameters_and_answers():
    for path, method, operation in operations():
        for parameter in operation.get("parameters", []):
            where = f"{method} {path} {parameter['name']}"
            assert parameter["schema"].keys() - {"title", "description"}, where
        for status, answer in operation["responses"].items():
            assert resolved(answer).get("description"), f"{method} {path} {status}"
            for kind, content in resolved(answer).get("content", {}).items():
                assert content.get("schema"), f"{method} {path} {status} as {kind} has no schema"


def test_operations_say_which_key_opens_them():
    schemes = DOCUMENT["components"]["securitySchemes"]
    keys = {name for _, _, operation in operations() for each in operation["security"] for name in each}
    assert keys == set(schemes)
    assert all(schemes[name]["description"] for name in keys)


def test_operation_ids_can_be_the_names_of_functions():
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert [one for one in ids if not re.fullmatch(r"[a-z][a-z0-9_]*", one)] == []
