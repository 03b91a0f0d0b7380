"""The OpenAPI document, and the pages that show it, with no help from the internet."""

from __future__ import annotations

import gzip
import hashlib
import html
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from threading import Lock
from typing import Annotated

import orjson
from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from kitsu_api.document import written
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.openapi import TAGS, excerpt
from kitsu_api.schemas.documentation import OpenApiDocument

router = APIRouter(tags=["Documentation"])

BUNDLES = "fastapi_offline"
OWN = "kitsu_api"

PLACES: Mapping[str, tuple[str, str]] = {
    "swagger-ui-bundle.js": (BUNDLES, "static"),
    "swagger-ui.css": (BUNDLES, "static"),
    "redoc.standalone.js": (BUNDLES, "static"),
    "favicon.png": (BUNDLES, "static"),
    "swagger.js": (OWN, "static/documentation"),
    "redoc.js": (OWN, "static/documentation"),
    "tags.js": (OWN, "static/documentation"),
    "pages.css": (OWN, "static/documentation"),
}
"""Assets by name: the package that holds each, and the folder there. Nothing else is served."""

REMOTE_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
NO_LOGO = b"data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""ReDoc fetches the logo beside its credits from its makers; an empty picture stands in for it."""

SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        # both programs write style elements and attributes of their own
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)

CHOICES = "<!-- tags -->"
"""Where a page lists the tags. Programs that show the whole document at once need half a minute for it."""

OneTag = Annotated[
    str | None, Query(description="Only what this tag gathers, and the schemas that it refers to.")
]

_one_at_a_time = Lock()

DAY = "public, max-age=86400"
ASK_FIRST = "no-cache"


@dataclass(frozen=True)
class Page:
    """Bytes that stay the same while the server runs, as they are and compressed."""

    body: bytes
    compressed: bytes
    etag: str
    media_type: str

    @classmethod
    def of(cls, body: bytes, media_type: str) -> Page:
        """A page of these bytes; pictures are not compressed again."""
        compressed = b"" if media_type.startswith("image/") else gzip.compress(body, 6, mtime=0)
        return cls(body, compressed, f'W/"{hashlib.sha256(body).hexdigest()[:32]}"', media_type)

    def answer(self, request: Request, cache_control: str, **headers: str) -> Response:
        """304 when the client has these bytes, else the bytes in the form that it takes."""
        headers = {"etag": self.etag, "cache-control": cache_control, "vary": "accept-encoding", **headers}
        known = request.headers.get("if-none-match", "")
        if known == "*" or self.etag.removeprefix("W/") in known:
            return Response(status_code=304, headers=headers)
        if self.compressed and "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(self.compressed, headers=headers, media_type=self.media_type)
        return Response(self.body, headers=headers, media_type=self.media_type)


def _file(package: str, folder: str, name: str) -> Traversable:
    return files(package).joinpath(*folder.split("/"), name)


@lru_cache(maxsize=len(PLACES))
def asset(name: str) -> Page:
    """A script, style or picture of the pages.

    Raises:
        NotFound: there is none of that name.
    """
    if name not in PLACES:
        raise NotFound
    body = _file(*PLACES[name], name).read_bytes().replace(REMOTE_LOGO, NO_LOGO)
    return Page.of(body, mimetypes.guess_type(name)[0] or "application/octet-stream")


@lru_cache(maxsize=2)
def page(name: str) -> Page:
    """One of our HTML pages, with the tags to choose from."""
    body = _file(OWN, "static/documentation", name).read_text()
    options = "\n".join(f"<option>{html.escape(tag)}</option>" for tag in sorted(TAGS))
    return Page.of(body.replace(CHOICES, options).encode(), "text/html; charset=utf-8")


def document(app: FastAPI, tag: str | None = None) -> Page:
    """The app's OpenAPI document, or what one tag gathers of it; written and compressed once.

    Raises:
        BadRequest: there is no such tag.
    """
    with _one_at_a_time:
        if not hasattr(app.state, "openapi_pages"):
            app.state.openapi_pages = {None: Page.of(written(app), "application/json")}
        pages: dict[str | None, Page] = app.state.openapi_pages
        if tag is not None and tag not in pages:
            whole = orjson.loads(pages[None].body)
            try:
                part = excerpt(whole, tag)
            except KeyError:
                known = ", ".join(each["name"] for each in whole["tags"])
                raise BadRequest(f"There is no such tag. There are: {known}.") from None
            pages[tag] = Page.of(orjson.dumps(part), "application/json")
        return pages[tag]


def show(name: str, request: Request) -> Response:
    """A page, under rules that let it load and call this server alone.

    Its assets lie beside it, so a trailing slash would have it look for them in the wrong place.
    """
    if request.scope.get("trailing_slash"):
        return RedirectResponse(f"..{request.url.path.removesuffix('/')}")
    return page(name).answer(request, ASK_FIRST, **{"content-security-policy": SECURITY_POLICY})


@router.get("/docs", include_in_schema=False)
@router.get("/apidocs", include_in_schema=False)
async def swagger_ui(request: Request) -> Response:
    """Swagger UI: read about every route, and try it out."""
    return show("swagger.html", request)


@router.get("/redoc", include_in_schema=False)
async def redoc(request: Request) -> Response:
    """ReDoc: the reference, to read."""
    return show("redoc.html", request)


@router.get("/documentation/{name}", include_in_schema=False)
async def documentation_asset(name: str, request: Request) -> Response:
    """What the pages load."""
    found = await run_in_threadpool(asset, name)  # the first reading compresses a megabyte and a half
    return found.answer(request, DAY)


@router.get("/openapi.json", summary="Get the OpenAPI document", response_model=OpenApiDocument)
async def get_openapi_document(request: Request, tag: OneTag = None) -> Response:
    """This description of the API, OpenAPI 3.1."""
    found = await run_in_threadpool(document, request.app, tag or None)
    return found.answer(request, ASK_FIRST)


@router.get(
    "/openapi-raw.json", summary="Get the OpenAPI document, older path", response_model=OpenApiDocument
)
async def get_raw_openapi_document(request: Request) -> Response:
    """The same document, where older clients look for it."""
    return await get_openapi_document(request)
