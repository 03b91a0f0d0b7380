"""The OpenAPI document: what every operation has in common, said once.

FastAPI describes parameters, bodies and answers from the code. Added here: who may call, the refusals
that every route shares, tags, and operation ids that are the names of the functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from kitsu_api.errors import (
    ApiError,
    BadRequest,
    Conflict,
    ErrorBody,
    Forbidden,
    InsufficientStorage,
    Malformed,
    NotFound,
    PreconditionFailed,
    TooLarge,
    Unauthorized,
    Unavailable,
)
from kitsu_api.permissions.authentication import ACCESS_COOKIE
from kitsu_api.permissions.csrf import SAFE_METHODS
from kitsu_api.permissions.guard import PUBLIC_ROUTES, SHARED_PATHS
from kitsu_api.schemas import bodies
from kitsu_api.schemas.examples import add_examples

Node = dict[str, Any]

DESCRIPTION = """\
Back end of a production tracker for animation, VFX and game studios.

**Sign in** with `POST /auth/login`. The answer sets a session cookie, which this page's *Try it out*
then uses, and holds an `access_token` for scripts: `Authorization: Bearer <access_token>`.

**Paths** work with and without the prefix `/api`, and with and without a trailing slash.
**Timestamps** are UTC to the second, without a zone. **Refusals** are always
`{"error": true, "message": "…"}`; a request that does not fit its schema is a 400.
"""

TAGS = {
    "Access groups": "What groups of people may do besides their role, and why somebody may or may not.",
    "API keys": "How scripts sign in: keys with limits and an end.",
    "Authentication": "Signing in and out, passwords, second factors.",
    "Batches": "Many changes in one transaction.",
    "Breakdown": "Which assets appear where: casting and its instances.",
    "Budgets": "Budgets of productions and their entries.",
    "Chats": "Conversations beside an entity.",
    "Comments": "What people say about tasks, and the files they attach.",
    "Configuration": "What clients may know of the server's settings.",
    "Custom actions": "Calls to other programs that the web client offers on tasks and entities.",
    "Departments": "Departments, with their software, hardware and salary scales.",
    "Documentation": "This document.",
    "Entities": "Assets, shots, sequences, episodes, scenes, edits, concepts, and their types.",
    "Events": "The log of what happened, and of who signed in.",
    "Files": "Working files, output files, their types and statuses, and software.",
    "History": "What changed in entities, tasks, comments and people, and the way back to what they were.",
    "Import and export": "Spreadsheets of what the studio keeps, and rows from elsewhere.",
    "Jobs": "Work that goes on after the answer: how far it is, to be ended or tried again.",
    "Metadata": "Fields that a production adds to its entities and tasks.",
    "News": "What is new in a production.",
    "Notifications": "What a person is told, and which tasks they follow.",
    "Organisation": "The studio itself.",
    "Persons": "People and bots.",
    "Playlists": "Previews in a row, to be reviewed, and what is built from them.",
    "Plugins": "Extensions that are installed.",
    "Previews": "Pictures, movies and models to review.",
    "Project templates": "Settings that new productions start from.",
    "Projects": "Productions, their statuses and their teams.",
    "Shared playlists": "Playlists that people without an account review by a link.",
    "Reports": "Questions about a production that people keep: figures, charts, and mails of them.",
    "Schedule": "Milestones, schedule items and versions.",
    "Search": "Full-text search.",
    "Search filters": "Searches that people keep.",
    "Status": "Whether the server is well, and how much it holds.",
    "Studios": "Studios that people belong to.",
    "Tasks": "Tasks, their types, statuses and automations.",
    "Time": "Hours spent on tasks, and days off.",
    "Uploads": "Large files in several requests, by the tus protocol 1.0: an upload that breaks off goes on.",
    "User": "What the signed-in person sees.",
    "Trash": "Assets, shots and the like that were deleted and can be restored for some days.",
    "Webhooks": "Addresses of other programs that are called when something happens.",
}
"""What each tag gathers. A test refuses a tag that is not here."""

SHARED: tuple[type[ApiError], ...] = (
    *(BadRequest, Unauthorized, Forbidden, NotFound, Malformed, Unavailable),
    *(Conflict, TooLarge, InsufficientStorage, PreconditionFailed),
)
"""Refusals that the document describes once, under their class names."""

FILES = ("multipart/form-data", "application/offset+octet-stream")
"""Bodies with files: there may be no room for them."""

SECURITY_SCHEMES: Node = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `access_token` of `POST /auth/login`.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": ACCESS_COOKIE,
        "description": "Set by `POST /auth/login`; browsers send it by themselves.",
    },
    "admin": {
        "type": "http",
        "scheme": "bearer",
        "description": "The key that the operator put into `ADMIN_TOKEN`.",
    },
}

PERSONAL: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]
"""The security of a route that asks who calls: either way will do."""

SERVERS = [{"url": ".", "description": "The server that this document came from."}]
"""Relative to the document, so that it is right behind a proxy and under `/api` too."""

FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")


def operations(app: FastAPI) -> Iterator[tuple[RouteContext, str, str]]:
    """Every documented route with its path and one of its methods."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            for method in sorted(route.methods or ()):
                yield route, str(route.path_format), method


def refusals(path: str, method: str, operation: Node) -> list[type[ApiError]]:
    """Which of the shared refusals an operation can answer with."""
    found: list[type[ApiError]] = []
    if operation.get("parameters") or operation.get("requestBody"):
        found.append(BadRequest)
    if operation.get("requestBody"):
        found.append(TooLarge)
        if any(kind in FILES for kind in operation["requestBody"].get("content", {})):
            found.append(InsufficientStorage)
        if method == "POST":  # an `Idempotency-Key` whose request is still at work, or was another one
            found.append(Conflict)
    if operation["security"] == PERSONAL:
        found += [Unauthorized, Forbidden, Malformed]
        if method not in SAFE_METHODS:  # an `If-Match` of another state, or where states are not known
            found.append(PreconditionFailed)
    if "{" in path:
        found.append(NotFound)
    # a busy process, and a database or storage that does not answer
    return [*found, Unavailable]


def reference(error: type[ApiError]) -> Node:
    """A pointer to the shared description of a refusal."""
    return {"$ref": f"#/components/responses/{error.__name__}"}


def complete(operation: Node, path: str, method: str) -> None:
    """Add to an operation what all have in common."""
    responses: Node = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    open_to_strangers = (method, path) in PUBLIC_ROUTES or path.startswith(SHARED_PATHS)
    operation.setdefault("security", [] if open_to_strangers else PERSONAL)
    for error in refusals(path, method, operation):
        responses.setdefault(str(int(error.status)), reference(error))
    for error in SHARED:  # the same words are not said twice
        told = responses.get(str(int(error.status)))
        if told is not None and told.get("description") == error.message:
            responses[str(int(error.status))] = reference(error)
    operation["responses"] = dict(sorted(responses.items()))


def describe_bytes(operation: Node) -> None:
    """Say of answers that are no JSON what they are: text, or bytes."""
    for answer in operation["responses"].values():
        for kind, content in answer.get("content", {}).items():
            text = kind.startswith("text/")
            content.setdefault(
                "schema", {"type": "string"} if text else {"type": "string", "format": "binary"}
            )


def name_operations(app: FastAPI, document: Node) -> None:
    """Give operations the name of their function as id, unless the route chose one."""
    for route, path, method in operations(app):
        operation = document["paths"][path][method.lower()]
        if not route.operation_id:
            several = len(route.methods or ()) > 1
            operation["operationId"] = f"{route.name}_{method.lower()}" if several else route.name


def build(app: FastAPI) -> Node:
    """The document."""
    document: Node = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        servers=SERVERS,
        license_info={"name": "Apache 2.0", "identifier": "Apache-2.0"},
    )
    name_operations(app, document)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            complete(operation, path, method.upper())
            describe_bytes(operation)
    used = {
        tag for item in document["paths"].values() for one in item.values() for tag in one.get("tags", ())
    }
    document["tags"] = [{"name": tag, "description": TAGS.get(tag, "")} for tag in sorted(used)]
    components: Node = document.setdefault("components", {})
    schemas: Node = components.setdefault("schemas", {})
    schemas.update(bodies.schemas())
    bodies.complete(schemas)
    for name in FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    schemas[ErrorBody.__name__] = ErrorBody.model_json_schema()
    add_examples(schemas)
    components["schemas"] = dict(sorted(schemas.items()))
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ErrorBody.__name__}"}}}
    components["responses"] = {
        error.__name__: {"description": error.message, "content": content} for error in SHARED
    }
    components["securitySchemes"] = SECURITY_SCHEMES
    return document


def excerpt(document: Node, tag: str) -> Node:
    """The part of a document that one tag gathers, with the schemas and refusals that it refers to.

    Raises:
        KeyError: the document has no such tag.
    """
    described = {each["name"]: each for each in document["tags"]}
    paths = {
        path: kept
        for path, item in document["paths"].items()
        if (kept := {method: one for method, one in item.items() if tag in one.get("tags", ())})
    }
    part = {**document, "tags": [described[tag]], "paths": paths}
    found: dict[tuple[str, str], Node] = {}
    waiting: list[Any] = [paths]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            waiting += node.values()
            target = node.get("$ref")
            if isinstance(target, str):
                _, _, kind, name = target.split("/")
                if (kind, name) not in found:
                    found[kind, name] = document["components"][kind][name]
                    waiting.append(found[kind, name])
    components: Node = {"securitySchemes": document["components"]["securitySchemes"]}
    for kind, name in sorted(found):
        components.setdefault(kind, {})[name] = found[kind, name]
    part["components"] = components
    return part


def describe(app: FastAPI) -> None:
    """Let the app build its document in this way, once."""

    def document() -> Node:
        if app.openapi_schema is None:
            app.openapi_schema = build(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # how FastAPI documents it
