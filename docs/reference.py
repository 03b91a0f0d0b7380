"""The reference: a page for each tag of the document, one of the settings, and one of the commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import settings_table
from click import Command, Context, Group
from typer.main import get_command

from kitsu_api.app import create_app
from kitsu_api.cli import app as commands
from kitsu_api.openapi import excerpt
from kitsu_api.settings import Settings

Node = dict[str, Any]


def slug(tag: str) -> str:
    """A tag as the name of a file."""
    return tag.lower().replace(" ", "-")


def cell(text: str) -> str:
    """Text that fits into a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def kind(schema: Node | bool) -> str:
    """A schema in a few words, with links to named ones on the same page."""
    if isinstance(schema, bool) or not schema:
        return "anything"
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if choices:
        return " or ".join(dict.fromkeys(kind(choice) for choice in choices))
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {kind(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {kind(schema['additionalProperties'])}"
    named = schema.get("type", "anything")
    name = named if isinstance(named, str) else " or ".join(named)
    return f"{name} ({schema['format']})" if "format" in schema else name


def operation(method: str, path: str, described: Node, components: Node) -> Iterator[str]:
    """One operation: what it does, what it takes, what it answers."""
    yield f"## {described['summary']} {{ #{described['operationId']} }}\n"
    yield f"`{method.upper()} {path}`\n"
    yield f"{described.get('description', '')}\n"
    if described.get("parameters"):
        yield "| parameter | in | type | meaning |\n|---|---|---|---|"
        for one in described["parameters"]:
            required = "" if not one.get("required") or one["in"] == "path" else " (required)"
            meaning = cell(one.get("description", ""))
            yield f"| `{one['name']}` | {one['in']}{required} | {cell(kind(one['schema']))} | {meaning} |"
        yield ""
    for media, body in described.get("requestBody", {}).get("content", {}).items():
        yield f"**Body**, `{media}`: {kind(body['schema'])}\n"
    yield "| answer | holds | |\n|---|---|---|"
    for status, answer in described["responses"].items():
        whole = components["responses"][answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
        holds = " or ".join(kind(each["schema"]) for each in whole.get("content", {}).values())
        yield f"| {status} | {cell(holds)} | {cell(whole['description'])} |"
    yield ""


def schema(name: str, described: Node) -> Iterator[str]:
    """One schema: its fields."""
    yield f"### {name} {{ #{name.lower()} }}\n"
    yield f"{described.get('description', '')}\n"
    if described.get("properties"):
        yield "| field | type | meaning |\n|---|---|---|"
        required = described.get("required", ())
        for field, one in described["properties"].items():
            needed = " (required)" if field in required else ""
            yield f"| `{field}`{needed} | {cell(kind(one))} | {cell(one.get('description', ''))} |"
        yield ""
    else:
        yield f"{kind({key: value for key, value in described.items() if key != 'examples'})}\n"


def tag_page(document: Node, tag: Node) -> str:
    """Everything that one tag gathers."""
    part = excerpt(document, tag["name"])
    lines = [f"# {tag['name']}\n", f"{tag['description']}\n"]
    for path, item in part["paths"].items():
        for method, described in item.items():
            lines += operation(method, path, described, part["components"])
    lines.append("## Schemas\n")
    for name, described in part["components"].get("schemas", {}).items():
        lines += schema(name, described)
    return "\n".join(lines)


def command(path: str, described: Command) -> Iterator[str]:
    """A command and those below it, as `--help` tells of them."""
    if isinstance(described, Group):
        for name, inner in sorted(described.commands.items()):
            if not inner.hidden:
                yield from command(f"{path} {name}", inner)
        return
    yield f"## `{path}`\n"
    yield f"{described.help or ''}\n"
    options = [
        record
        for one in described.params
        if (record := one.get_help_record(Context(described))) and not set(one.opts) & {"--help"}
    ]
    if options:
        yield "| option | meaning |\n|---|---|"
        yield from (f"| `{cell(names)}` | {cell(meaning)} |" for names, meaning in options)
        yield ""


def pages() -> dict[str, str]:
    """The pages of the reference by path."""
    document = create_app(Settings.model_construct()).openapi()
    index = ["# Reference\n", "Made from the code when this site was built.\n"]
    index += ["- [Settings](settings.md): environment variables", "- [Commands](commands.md): `kitsu-api`\n"]
    index += ["| operations | |\n|---|---|"]
    index += [
        f"| [{tag['name']}](tags/{slug(tag['name'])}.md) | {cell(tag['description'])} |"
        for tag in document["tags"]
    ]
    settings = ["# Settings\n", "Environment variables, read once at the start of a process.\n"]
    settings += [settings_table.HEAD, *settings_table.rows()]
    told = ["# Commands\n", *command("kitsu-api", get_command(commands))]
    return {
        "reference/index.md": "\n".join(index) + "\n",
        "reference/settings.md": "\n".join(settings) + "\n",
        "reference/commands.md": "\n".join(told) + "\n",
        **{f"reference/tags/{slug(tag['name'])}.md": tag_page(document, tag) for tag in document["tags"]},
    }
