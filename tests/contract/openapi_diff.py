"""What of a document clients rely on, and what a newer document breaks of it.

python -m tests.contract.openapi_diff            says what `openapi.json` breaks of the released one
python -m tests.contract.openapi_diff --release  makes `openapi.json` the released one
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Node = dict[str, Any]
Types = list[str]

CURRENT = Path(__file__).parents[2] / "openapi.json"
RELEASED = Path(__file__).with_name("released.json")
SCHEMAS = "#/components/schemas/"
ANYTHING = SCHEMAS + "JsonDocument"
ITSELF = ""
"""The field that stands for the whole of a schema that isn't an object with fields."""


# --- the digest of a document -----------------------------------------------------------------------


def types_of(schema: Node | bool) -> Types:
    """The alternatives of a schema, sorted: `integer`, `string:uuid`, `"enumerated"`, `$Named`, `array:…`."""
    if isinstance(schema, bool):
        return ["any"]
    if schema.get("$ref") == ANYTHING:
        return ["any"]
    if "$ref" in schema:
        return ["$" + schema["$ref"].removeprefix(SCHEMAS)]
    choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if choices:
        return sorted({kind for choice in choices for kind in types_of(choice)})
    if "const" in schema:
        return [json.dumps(schema["const"])]
    if "enum" in schema:
        return sorted(json.dumps(value) for value in schema["enum"])
    kinds = schema.get("type", "any")
    return sorted(
        {kind for one in ([kinds] if isinstance(kinds, str) else kinds) for kind in _of(one, schema)}
    )


def _of(kind: str, schema: Node) -> Iterator[str]:
    if kind == "array":
        yield from (f"array:{inner}" for inner in types_of(schema.get("items", {})))
    elif kind == "object":
        values = schema.get("additionalProperties", {})
        yield from (f"map:{inner}" for inner in types_of(values if isinstance(values, dict) else {}))
    else:
        yield f"{kind}:{schema['format']}" if "format" in schema else kind


def _fields(schema: Node) -> Node:
    if "properties" not in schema:
        return {ITSELF: types_of(schema)}
    required = set(schema.get("required", []))
    return {
        name + ("!" if name in required else ""): types_of(one)
        for name, one in sorted(schema["properties"].items())
    }


def _contents(holder: Node) -> Node:
    return {kind: types_of(one.get("schema", {})) for kind, one in sorted(holder.get("content", {}).items())}


def _operation(operation: Node, parameters: list[Node]) -> Node:
    body = operation.get("requestBody", {})
    return {
        "id": operation["operationId"],
        "parameters": {
            f"{one['in']} {one['name']}" + ("!" if one.get("required") else ""): types_of(
                one.get("schema", {})
            )
            for one in parameters
        },
        "body": _contents(body),
        "body_required": bool(body.get("required")),
        "answers": {
            status: _contents(answer)
            for status, answer in sorted(operation["responses"].items())
            if status[0] in "23"
        },
    }


def digest(document: Node) -> Node:
    """The operations and schemas of a document as far as clients rely on them; `!` marks what is required."""
    operations = {
        f"{method.upper()} {path}": _operation(
            operation, [*item.get("parameters", []), *operation.get("parameters", [])]
        )
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }
    schemas = document.get("components", {}).get("schemas", {})
    return {
        "version": document["info"]["version"],
        "operations": dict(sorted(operations.items())),
        "schemas": {name: _fields(schema) for name, schema in sorted(schemas.items())},
    }


# --- what breaks ------------------------------------------------------------------------------------


def breaking_changes(old: Node, new: Node) -> list[str]:
    """A sentence for each change between two digests that a client of the old one could trip over."""
    found: list[str] = []
    sent: set[str] = set()
    answered: set[str] = set()
    for name, operation in old["operations"].items():
        current = new["operations"].get(name)
        if current is None:
            found.append(f"{name} is gone")
            continue
        found.extend(f"{name}: {problem}" for problem in _operation_changes(operation, current))
        sent |= _reached(old, _named(operation["body"]))
        answered |= _reached(old, {each for one in operation["answers"].values() for each in _named(one)})
    for name in sorted(sent & set(new["schemas"])):
        changes = _sent_changes(old["schemas"][name], new["schemas"][name])
        found.extend(f"{name} (sent): {problem}" for problem in changes)
    for name in sorted(answered & set(new["schemas"])):
        changes = _answered_changes(old["schemas"][name], new["schemas"][name])
        found.extend(f"{name} (answered): {problem}" for problem in changes)
    return found


def _operation_changes(old: Node, new: Node) -> Iterator[str]:
    if old["id"] != new["id"]:
        yield f"its operation id was {old['id']} and is {new['id']}"
    yield from _sent_changes(old["parameters"], new["parameters"])
    if new["body_required"] and not old["body_required"]:
        yield "a body is now required"
    for kind, types in old["body"].items():
        if kind not in new["body"]:
            yield f"no body of {kind} is read any more"
        else:
            yield from _sent_changes({"the body": types}, {"the body": new["body"][kind]})
    for status, contents in old["answers"].items():
        if status not in new["answers"]:
            yield f"it no longer answers {status}"
            continue
        for kind, types in contents.items():
            now = new["answers"][status]
            if kind not in now:
                yield f"{status} is no longer answered as {kind}"
            else:
                yield from _answered_changes(
                    {f"the answer {status}": types}, {f"the answer {status}": now[kind]}
                )


def _sent_changes(old: Node, new: Node) -> Iterator[str]:
    """What a client sends: nothing more may be required, and nothing less be read."""
    before, now = _plain(old), _plain(new)
    for name, (types, required) in now.items():
        if required and not before.get(name, ([], False))[1]:
            yield f"{_called(name)} is now required"
        if name in before and (refused := _without(before[name][0], types)):
            yield f"{_called(name)} may no longer be {', '.join(refused)}"
    for name in before.keys() - now.keys():
        yield f"{_called(name)} is no longer read"


def _answered_changes(old: Node, new: Node) -> Iterator[str]:
    """What a client reads: nothing may be missing, and nothing be of another type; enumerations may grow."""
    before, now = _plain(old), _plain(new)
    for name, (types, required) in before.items():
        if name not in now:
            yield f"{_called(name)} is gone"
            continue
        if required and not now[name][1]:
            yield f"{_called(name)} may now be absent"
        enumerated = any(kind.startswith('"') for kind in types)
        other = [kind for kind in _without(now[name][0], types) if not (enumerated and kind.startswith('"'))]
        if other:
            yield f"{_called(name)} may now be {', '.join(other)}"


def _plain(fields: Node) -> dict[str, tuple[Types, bool]]:
    return {name.removesuffix("!"): (types, name.endswith("!")) for name, types in fields.items()}


def _called(name: str) -> str:
    return name or "it"


def _without(types: Types, others: Types) -> Types:
    """Those types that the others don't cover."""
    covered = set(others)
    if "any" in covered:
        return []
    if "number" in covered:
        covered.add("integer")
    if "string" in covered:
        return [kind for kind in types if kind not in covered and not kind.startswith(("string:", '"'))]
    return [kind for kind in types if kind not in covered]


def _named(contents: Node) -> set[str]:
    return {kind.rpartition("$")[2] for types in contents.values() for kind in types if "$" in kind}


def _reached(document: Node, names: set[str]) -> set[str]:
    reached: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(_named(document["schemas"].get(name, {})))
    return reached & set(document["schemas"])


# --- the released document --------------------------------------------------------------------------


def written(released: Node) -> str:
    """A digest as it is kept: one line for each operation and schema, so that its history can be read."""
    parts = [f'{{"version": {json.dumps(released["version"])}']
    for section in ("operations", "schemas"):
        lines = (
            f"{json.dumps(name)}: {json.dumps(one, separators=(',', ':'))}"
            for name, one in released[section].items()
        )
        parts.append(f'"{section}": {{\n' + ",\n".join(lines) + "\n}")
    return ",\n".join(parts) + "}\n"


def main() -> int:
    """Say what is broken, or release."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--release", action="store_true", help="keep the present document as the released one"
    )
    current = digest(json.loads(CURRENT.read_text()))
    if options.parse_args().release:
        RELEASED.write_text(written(current))
        return 0
    problems = breaking_changes(json.loads(RELEASED.read_text()), current)
    print("\n".join(problems) or "Nothing that a client relies on is broken.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
