"""Examples for the document: made from the schemas themselves, so that each of them fits its schema.

A schema that tells of its own example keeps it. Else an object shows what it requires, and what can't be
null; the values come from what fields are called, as far as the schema allows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Node = dict[str, Any]

DEPTH = 3
"""Levels of schemas within schemas that an example shows; below, lists are empty, optional fields absent."""

ANYTHING = "#/components/schemas/JsonDocument"

BY_FORMAT: Mapping[str, str] = {
    "uuid": "a24a6ea4-ce75-4665-a070-57453082c256",
    "date": "2026-11-23",
    "date-time": "2026-11-23T19:16:59Z",
    "email": "ada.byron@studio.example",
    "uri": "https://studio.example/hook",
    "binary": "",
    "password": "a long and secret sentence",
    "duration": "PT8H",
    "time": "19:16:59",
}

BY_NAME: Mapping[str, Any] = {
    "annotations": [],
    "checklist": [{"text": "Darken the sky", "checked": False}],
    "access_token": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
    "color": "#3273dc",
    "code": "LH",
    "country": "FR",
    "description": "At dawn, seen from the cliff.",
    "desktop_login": "ada",
    "email": "ada.byron@studio.example",
    "event_names": ["task:update"],
    "extension": "mp4",
    "field_name": "weather",
    "file_name": "sh010.mp4",
    "frame_in": "1001",
    "frame_out": "1096",
    "first_name": "Ada",
    "fps": "25",
    "full_name": "Ada Byron",
    "has_avatar": False,
    "last_name": "Byron",
    "locale": "en_US",
    "message": "The shot is too dark.",
    "name": "The Lighthouse",
    "original_name": "sh010",
    "password": "a long and secret sentence",
    "password_2": "a long and secret sentence",
    "production_type": "short",
    "project_name": "The Lighthouse",
    "ratio": "16:9",
    "refresh_token": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
    "replies": [],
    "resolution": "1920x1080",
    "role": "user",
    "short_name": "anim",
    "text": "The shot is too dark.",
    "timezone": "Europe/Paris",
    "title": "Lead animator",
    "url": "https://studio.example/hook",
    "version": "1.0.0",
}
"""What a field of that name holds, where its schema takes such a value."""

NAMES: Mapping[str, str] = {
    "Asset": "Keeper",
    "Department": "Animation",
    "Episode": "E01",
    "Person": "Ada Byron",
    "Sequence": "SQ01",
    "Shot": "SH010",
    "TaskStatus": "Work in progress",
    "TaskType": "Animation",
}
"""What `name` and `type` are in schemas whose name begins so."""


class Unshowable(Exception):
    """There is no example at this depth."""


class Examples:
    """Makes examples of the schemas of a document."""

    def __init__(self, schemas: Mapping[str, Node]) -> None:
        self._schemas = schemas

    def of(self, name: str) -> Any:
        """An example of a named schema.

        Raises:
            Unshowable: it goes deeper than an example may.
        """
        return self._value(self._schemas[name], name, "", 0)

    def _value(self, schema: Node | bool, model: str, field: str, depth: int) -> Any:
        if isinstance(schema, bool) or not schema:
            return {}
        if schema.get("examples"):
            return schema["examples"][0]
        if schema.get("$ref") == ANYTHING:
            return BY_NAME.get(field, {})
        if "$ref" in schema:
            return self._referred(schema["$ref"].rpartition("/")[2], field, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
            return self._choice(choices, model, field, depth)
        kind = schema.get("type", "object")
        if isinstance(kind, list):
            kind = next(one for one in kind if one != "null")
        named = _named(model, field)
        match kind:
            case "string":
                return _text(schema, named)
            case "integer" | "number":
                return _number(schema)
            case "boolean":
                return schema.get("default", False)
            case "array":
                return self._list(schema, model, field, depth)
            case "object":
                return self._object(schema, model, depth)
        return None

    def _referred(self, name: str, field: str, depth: int) -> Any:
        if depth >= DEPTH:
            raise Unshowable(name)
        return self._value(self._schemas[name], name, field, depth + 1)

    def _choice(self, choices: list[Node], model: str, field: str, depth: int) -> Any:
        for choice in choices:
            if choice.get("type") != "null":
                try:
                    return self._value(choice, model, field, depth)
                except Unshowable:
                    continue
        if any(choice.get("type") == "null" for choice in choices):
            return None
        raise Unshowable(model)

    def _list(self, schema: Node, model: str, field: str, depth: int) -> list[Any]:
        if "prefixItems" in schema:
            return [self._value(one, model, field, depth) for one in schema["prefixItems"]]
        least = int(schema.get("minItems", 0))
        try:
            item = self._value(schema.get("items", {}), model, field.removesuffix("s"), depth)
        except Unshowable:
            if least:
                raise
            return []
        return [item] * max(1, least)

    def _object(self, schema: Node, model: str, depth: int) -> Node:
        required = schema.get("required", ())
        shown: Node = {}
        for name, one in schema.get("properties", {}).items():
            if name not in required and _may_be_null(one) and name not in BY_NAME:
                continue
            try:
                shown[name] = self._value(one, model, name, depth)
            except Unshowable:
                if name in required:
                    raise
        values = schema.get("additionalProperties")
        if isinstance(values, dict) and values and not shown:
            shown[_key(schema.get("propertyNames", {}))] = self._value(values, model, "", depth)
        return shown


def _key(schema: Node) -> str:
    """A key of an object that takes any."""
    return str(schema["enum"][0]) if "enum" in schema else BY_FORMAT.get(schema.get("format", ""), "key")


def _named(model: str, field: str) -> Any:
    """What a field of that name holds; None where nothing is known of it."""
    if field in ("name", "type"):
        for start, name in NAMES.items():
            if model.startswith(start):
                return name if field == "name" else start
    if field == "type":
        return model.removesuffix("Read")
    return BY_NAME.get(field)


def _may_be_null(schema: Node) -> bool:
    choices = schema.get("anyOf", ())
    return schema.get("type") == "null" or any(choice.get("type") == "null" for choice in choices)


def _text(schema: Node, named: Any) -> str:
    """A text that has the format and the length that the schema wants."""
    text = BY_FORMAT.get(schema.get("format", "")) or (named if isinstance(named, str) else "text")
    if schema.get("format") == "binary":
        return ""
    return text[: schema.get("maxLength", len(text))].ljust(schema.get("minLength", 0), "x")


def _number(schema: Node) -> int | float:
    """The default or the least that is allowed, or 1."""
    default = schema.get("default")
    above: float | None = schema.get("exclusiveMinimum")
    least: float = schema.get("minimum", 1) if above is None else above + 1
    number: int | float = default if isinstance(default, int | float) else max(1, least)
    most: int | float = schema.get("maximum", number)
    return min(number, most)


def add_examples(schemas: Mapping[str, Node]) -> None:
    """Give an example to each schema that has none, `null` and what is too deep excepted."""
    examples = Examples(schemas)
    found = {name: examples.of(name) for name, schema in schemas.items() if "examples" not in schema}
    for name, example in found.items():
        schemas[name]["examples"] = [example]
