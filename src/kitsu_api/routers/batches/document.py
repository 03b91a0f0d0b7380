"""What the document says of items: a schema for each action and resource, with the values of its route.

Items are read as they always were (`BatchItem`), one by one, so that all that is wrong with a batch can be
told. What is said here is for programs that check bodies before they are sent, and for generated clients.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from kitsu_api.routers.batches.operations import OPERATIONS
from kitsu_api.schemas.batches import Action, BatchItem, Reference
from kitsu_api.schemas.bodies import REFERENCE

Node = dict[str, Any]

KINDS: dict[Action, str] = {"create": "BatchCreation", "update": "BatchUpdate", "delete": "BatchDeletion"}
"""What items of each action are called together."""

_FIELDS: dict[Action, tuple[str, ...]] = {
    "create": ("key", "action", "resource"),
    "update": ("key", "action", "resource", "id", "if_match"),
    "delete": ("key", "action", "resource", "id", "force", "if_match"),
}
_UUID = {"type": "string", "format": "uuid"}


def _to(name: str) -> Node:
    return {"$ref": REFERENCE.format(model=name)}


def _plain(schemas: Node, body: type[BaseModel]) -> Node:
    """The schema of a body; those within it are added to the others."""
    schema = body.model_json_schema(ref_template=REFERENCE)
    for name, inner in schema.pop("$defs", {}).items():
        schemas.setdefault(name, inner)
    return schema


class _Referring:
    """Schemas in which a reference may stand wherever an id does."""

    def __init__(self, schemas: Node) -> None:
        self._schemas = schemas
        self._names: dict[str, str] = {}

    def named(self, name: str) -> str:
        """The name of such a copy of a schema; its own where it holds no id."""
        if name not in self._names:
            self._names[name] = f"Batch{name}"  # known first: a schema may hold itself
            plain = self._schemas[name]
            copy = self(plain)
            if copy == plain:
                self._names[name] = name
            else:
                self._schemas[f"Batch{name}"] = {**copy, "title": f"Batch{name}"}
        return self._names[name]

    def __call__(self, node: Any) -> Any:
        """A copy of a part of a schema."""
        if isinstance(node, list):
            return [self(one) for one in node]
        if not isinstance(node, dict):
            return node
        target = node.get("$ref")
        if isinstance(target, str):
            return {**node, **_to(self.named(target.rsplit("/", 1)[1]))}
        if node.get("format") == "uuid":
            told = {name: value for name, value in node.items() if name not in _UUID}
            return {"anyOf": [_UUID, _to(Reference.__name__)], **told}
        if "anyOf" in node:  # one list of choices, not lists within it
            choices: list[Any] = []
            for one in map(self, node["anyOf"]):
                choices += one["anyOf"] if set(one) == {"anyOf"} else [one]
            return {**{name: self(value) for name, value in node.items()}, "anyOf": choices}
        return {
            name: value if name in ("default", "enum", "examples") else self(value)
            for name, value in node.items()
        }


def _item(action: Action, resource: Node, fields: Node) -> Node:
    """The schema of the items of an action, values apart."""
    shown = {name: fields[name] for name in _FIELDS[action]}
    shown |= {"action": {"const": action, "type": "string", "title": "Action"}, "resource": resource}
    required = ["action", "resource"]
    if action != "create":
        # null is for creations; a choice of two stays
        shown["id"] = {**fields["id"], "anyOf": [_UUID, _to(Reference.__name__)]}
        required.append("id")
    return {"type": "object", "additionalProperties": False, "properties": shown, "required": required}


def _name(action: Action, resource: str) -> str:
    """`CreateTaskTypesItem`."""
    return f"{action.capitalize()}{''.join(word.capitalize() for word in resource.split('-'))}Item"


def _told(action: Action, resource: str, values: str, schemas: Node, fields: Node) -> Node:
    """The schema of items of one action and resource; `values` are named by the schema that they have."""
    item = _item(action, {"const": resource, "type": "string", "title": "Resource"}, fields)
    item["properties"]["values"] = _to(values)
    if schemas[values].get("required"):
        item["required"].append("values")
    doing = "Adds to" if action == "create" else "Changes one of"
    words = f"{doing} the {resource.replace('-', ' ')}."
    return {**item, "title": _name(action, resource), "description": words}


def type_items(schemas: Node) -> None:
    """Say of items of batches what each of them takes."""
    fields = schemas[BatchItem.__name__]["properties"]
    referring = _Referring(schemas)
    members: dict[Action, dict[str, str]] = {"create": {}, "update": {}}
    for (action, resource), operation in sorted(OPERATIONS.items()):
        if operation.body is None:
            continue
        body = operation.body.__name__
        schemas.setdefault(body, _plain(schemas, operation.body))
        name = _name(action, resource)
        schemas[name] = _told(action, resource, referring.named(body), schemas, fields)
        members[action][resource] = name
    for action, names in members.items():
        schemas[KINDS[action]] = {
            **_choice("resource", names),
            "title": KINDS[action],
            "description": f"An item that {action}s something.",
        }
    deleted = sorted(resource for action, resource in OPERATIONS if action == "delete")
    of_these = {"type": "string", "enum": deleted, "title": "Resource"}
    schemas[KINDS["delete"]] = {
        **_item("delete", of_these, fields),
        "title": KINDS["delete"],
        "description": "An item that deletes something.",
    }
    schemas[BatchItem.__name__] = {
        **_choice("action", dict(KINDS)),
        "title": BatchItem.__name__,
        "description": "One change. Words of an item that are not known are refused.",
    }


def _choice(field: str, names: dict[Any, str]) -> Node:
    mapping = {value: REFERENCE.format(model=name) for value, name in names.items()}
    return {
        "oneOf": [_to(name) for name in names.values()],
        "discriminator": {"propertyName": field, "mapping": mapping},
    }
