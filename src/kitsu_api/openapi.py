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
    ErrorBody,
    Forbidden,
    Malformed,
    NotFound,
    Unauthorized,
    Unavailable,
)
from kitsu_api.permissions.authentication import ACCESS_COOKIE
from kitsu_api.permissions.guard import PUBLIC_ROUTES

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
    "Authentication": "Signing in and out, passwords, second factors.",
    "Configuration": "What clients may know of the server's settings.",
    "Search": "Full-text search.",
    "Status": "Whether the server is well, and how much it holds.",
}
"""What each tag gathers. A test refuses a tag that is not here."""

SHARED: tuple[type[ApiError], ...] = (BadRequest, Unauthorized, Forbidden, NotFound, Malformed, Unavailable)
"""Refusals that the document describes once, under their class names."""

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
}

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
    if (method, path) not in PUBLIC_ROUTES:
        found += [Unauthorized, Forbidden, Malformed]
    if "{" in path:
        found.append(NotFound)
    return found


def reference(error: type[ApiError]) -> Node:
    """A pointer to the shared description of a refusal."""
    return {"$ref": f"#/components/responses/{error.__name__}"}


def complete(operation: Node, path: str, method: str) -> None:
    """Add to an operation what all have in common."""
    responses: Node = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    for error in refusals(path, method, operation):
        responses.setdefault(str(int(error.status)), reference(error))
    for error in SHARED:  # the same words are not said twice
        told = responses.get(str(int(error.status)))
        if told is not None and told.get("description") == error.message:
            responses[str(int(error.status))] = reference(error)
    operation["responses"] = dict(sorted(responses.items()))
    operation["security"] = [] if (method, path) in PUBLIC_ROUTES else [{"bearer": []}, {"cookie": []}]


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
    used = {
        tag for item in document["paths"].values() for one in item.values() for tag in one.get("tags", ())
    }
    document["tags"] = [{"name": tag, "description": TAGS.get(tag, "")} for tag in sorted(used)]
    components: Node = document.setdefault("components", {})
    schemas: Node = components.setdefault("schemas", {})
    for name in FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    schemas[ErrorBody.__name__] = ErrorBody.model_json_schema()
    components["schemas"] = dict(sorted(schemas.items()))
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ErrorBody.__name__}"}}}
    components["responses"] = {
        error.__name__: {"description": error.message, "content": content} for error in SHARED
    }
    components["securitySchemes"] = SECURITY_SCHEMES
    return document


def describe(app: FastAPI) -> None:
    """Let the app build its document in this way, once."""

    def document() -> Node:
        if app.openapi_schema is None:
            app.openapi_schema = build(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # how FastAPI documents it
