"""A built single-page app beside the API, on one port.

The API keeps all of its paths, with `/api` and without. The app gets `/`, its own files, and every page that
a browser asks for which is no path of the API: `index.html`, whose script knows what to show there.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import mimetypes
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kitsu_api.compression import ENCODINGS, accepted_encoding, compress
from kitsu_api.settings import Settings

INDEX = "/index.html"
IMMUTABLE = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"

HASHED = re.compile(r"[-.](?=[\w-]*(?:\d|[A-Z]))[\w-]{8,}\.[a-z0-9]+(?:\.map)?$")
"""Names that a bundler made from the content: `index-Bx81_kQa.js`, `app.3f2a9b1c.css`."""

COMPRESSIBLE = re.compile(r"text/|application/(javascript|json|wasm|xml|manifest\+json)|image/svg")
LARGEST_KEPT = 8 * 1024 * 1024
"""Bytes of the largest file that is compressed here and kept in memory."""

INLINE = re.compile(rb"<script(?![^>]*\bsrc\s*=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)

API_SEGMENTS = ("/data", "/auth", "/actions", "/import", "/export", "/pictures", "/movies", "/shared")
"""Where an unknown path is a mistake in a call of the API, and never a page of the app."""


@dataclass(frozen=True)
class WebFile:
    """A file of the app as it was found."""

    path: Path
    size: int
    changed: int
    """Nanoseconds of its last change."""
    media_type: str
    siblings: frozenset[str]
    """Encodings in which it lies beside itself, ready to be sent."""

    @property
    def etag(self) -> str:
        """Changes whenever the file does."""
        return f'W/"{self.size:x}-{self.changed:x}"'


class WebFolder:
    """The files of the app. What is not found when the folder is read is not served, whatever a path says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._compressed: dict[tuple[str, str], bytes] = {}
        self._read = 0
        self.files: dict[str, WebFile] = {}
        self.inline_hashes: list[str] = []
        self.read()

    def read(self) -> None:
        """Find the files.

        Raises:
            RuntimeError: there is no `index.html` in the folder.
        """
        index = self._folder / "index.html"
        if not index.is_file():
            raise RuntimeError(f"WEB_FOLDER is no built web client: {index} does not exist.")
        paths = {path for path in self._folder.rglob("*") if self._is_served(path)}
        files = {}
        for path in paths:
            state = path.stat()
            media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            siblings = frozenset(
                encoding
                for encoding, suffix in ENCODINGS.items()
                if path.with_name(path.name + suffix) in paths
            )
            name = "/" + path.relative_to(self._folder).as_posix()
            files[name] = WebFile(path, state.st_size, state.st_mtime_ns, media_type, siblings)
        body = index.read_bytes()
        hashes = (
            base64.b64encode(hashlib.sha256(script).digest()).decode() for script in INLINE.findall(body)
        )
        self.inline_hashes = [f"'sha256-{value}'" for value in hashes]
        self.files, self._compressed, self._read = files, {}, index.stat().st_mtime_ns

    def _is_served(self, path: Path) -> bool:
        """Regular files of the folder itself: no hidden ones, and no links that lead out of it."""
        hidden = any(part.startswith(".") for part in path.relative_to(self._folder).parts)
        return not hidden and path.is_file() and path.resolve().is_relative_to(self._folder)

    async def refresh(self) -> None:
        """Find the files again once a new build lies there."""
        try:
            changed = (self._folder / "index.html").stat().st_mtime_ns
        except OSError:
            return
        if changed != self._read:
            await asyncio.to_thread(self.read)

    async def compressed(self, name: str, file: WebFile, encoding: str) -> bytes:
        """The content of a file, compressed once."""
        key = (name, encoding)
        if key not in self._compressed:
            body = await asyncio.to_thread(lambda: compress(file.path.read_bytes(), encoding))
            self._compressed[key] = body
        return self._compressed[key]


def content_security_policy(settings: Settings, inline_hashes: list[str]) -> str:
    """What the app may load: itself, and the object store where browsers are sent there for files."""
    if settings.web_content_security_policy:
        return settings.web_content_security_policy
    store = " https:" if settings.fs_s3_signed_seconds else ""
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self' 'wasm-unsafe-eval'", *inline_hashes)),
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: blob:{store}",
            f"media-src 'self' data: blob:{store}",
            "font-src 'self' data:",
            f"connect-src 'self' blob: data:{store}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )


class WebClientMiddleware:
    """Serves the app where the API has nothing to say."""

    def __init__(
        self, app: ASGIApp, settings: Settings, folder: WebFolder, has_route: Callable[[str], bool]
    ) -> None:
        self.app = app
        self._settings = settings
        self._folder = folder
        self._has_route = has_route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file or `index.html`, else pass the request on."""
        name = None
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and not scope.get("api_prefix"):
            headers = Headers(scope=scope)
            name = self._wanted(scope["path"], headers.get("accept", ""))
        if name is None:
            await self.app(scope, receive, send)
            return
        if name == INDEX:
            await self._folder.refresh()
        answer = await self._answer(name, headers)
        await answer(scope, receive, send)

    def _wanted(self, path: str, accept: str) -> str | None:
        """The file that a path stands for; None where the API answers."""
        wants_page = "text/html" in accept
        if path == "/":
            return None if "application/json" in accept and not wants_page else INDEX
        if self._has_route(path):
            return None
        if path in self._folder.files:
            return path
        of_api = path.startswith(tuple(f"{segment}/" for segment in API_SEGMENTS)) or path in API_SEGMENTS
        is_file = mimetypes.guess_type(path)[0] is not None
        return INDEX if wants_page and not of_api and not is_file else None

    async def _answer(self, name: str, request: Headers) -> Response:
        file = self._folder.files[name]
        headers = {
            "etag": file.etag,
            "cache-control": IMMUTABLE if name != INDEX and HASHED.search(name) else ASK_FIRST,
        }
        if file.media_type == "text/html":
            headers["content-security-policy"] = content_security_policy(
                self._settings, self._folder.inline_hashes
            )
        compressible = bool(COMPRESSIBLE.match(file.media_type))
        if compressible:
            headers["vary"] = "accept-encoding"
        known = request.get("if-none-match", "")
        if known == "*" or file.etag.removeprefix("W/") in known:
            return Response(status_code=304, headers=headers)
        encoding = accepted_encoding(request.get("accept-encoding", "")) if compressible else None
        if encoding is None:
            return FileResponse(file.path, headers=headers, media_type=file.media_type)
        if encoding in file.siblings:
            headers["content-encoding"] = encoding
            ready = file.path.with_name(file.path.name + ENCODINGS[encoding])
            return FileResponse(ready, headers=headers, media_type=file.media_type)
        if not 512 <= file.size <= LARGEST_KEPT:
            return FileResponse(file.path, headers=headers, media_type=file.media_type)
        headers["content-encoding"] = encoding
        body = await self._folder.compressed(name, file, encoding)
        return Response(body, headers=headers, media_type=file.media_type)
