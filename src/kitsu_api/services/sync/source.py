"""The instance that is copied, over its API."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

logger = logging.getLogger(__name__)

PAGE = 500
"""Rows that are asked for at a time."""

NAMED_AT_ONCE = 50
"""Rows that are asked for by their ids in one request."""

TRIES = 5
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
"""Seconds between two tries of a request; each pause is twice the one before."""

WHO = "/auth/authenticated"
LATER = frozenset({429, 502, 503, 504})
"""Answers after which the same request may succeed."""

Row = dict[str, Any]


class SyncError(Exception):
    """A copy can't go on; the message tells the operator why."""


@dataclass(frozen=True, repr=False)
class Credentials:
    """Who signs in at the source: an admin by e-mail and password, or a bot's token."""

    email: str | None = None
    password: str | None = None
    token: str | None = None


@dataclass(frozen=True)
class Page:
    """Rows of a list; `number` counts from 1, `total` are the rows of all pages."""

    rows: list[Row]
    number: int
    pages: int
    total: int


class Source:
    """A signed-in client of another instance; an async context."""

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        *,
        page: int = PAGE,
        first_pause: float = FIRST_PAUSE,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.page = page
        self._credentials = credentials
        self._first_pause = first_pause
        self._token: str | None = None
        self._signing_in = asyncio.Lock()
        try:
            self._client = httpx.AsyncClient(
                base_url=self.url,
                timeout=httpx.Timeout(120, connect=10),
                limits=httpx.Limits(max_connections=8),
                headers={"user-agent": "kitsu-api sync"},
                transport=transport,
            )
        except httpx.InvalidURL as error:
            raise SyncError(f"{url} is no address: {error}") from error

    async def __aenter__(self) -> Self:
        try:
            await self._sign_in(None)
        except BaseException:
            await self._client.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    def _has_expired(self, status: int) -> bool:
        """Whether an answer says that the token is good no more, and another can be had."""
        return status in (401, 422) and self._credentials.token is None

    def _signed(self) -> dict[str, str]:
        """The header that says who asks."""
        return {} if self._token is None else {"authorization": f"Bearer {self._token}"}

    async def _sign_in(self, expired: str | None) -> None:
        """Get a token in place of one that has expired, unless another request has got one meanwhile."""
        async with self._signing_in:
            if self._token != expired:
                return
            token = self._credentials.token
            if token is None:
                body = {"email": self._credentials.email, "password": self._credentials.password}
                answer = await self._send("POST", "/auth/login", json=body)
                if answer.status_code >= 300:
                    raise SyncError(f"{self.url} refuses the sign-in: {refusal(answer)}")
                token = _document(answer).get("access_token")
                if not isinstance(token, str):
                    raise SyncError(f"{self.url} asks for a second factor: use an account without, or a bot.")
            # The session cookie of the login would count before the token.
            self._client.cookies.clear()
            answer = await self._send("GET", WHO, headers={"authorization": f"Bearer {token}"})
            role = _document(self._taken(WHO, answer)).get("user", {}).get("role")
            if role != "admin":
                raise SyncError(f"The account at {self.url} is no admin's: it doesn't see all rows.")
            self._token = token

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request, again while the source is busy or away.

        Raises:
            SyncError: it stays so.
        """
        pause = self._first_pause
        for attempt in range(1, TRIES + 1):
            problem: str
            try:
                answer = await self._client.request(method, path, **options)
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise SyncError(f"{self.url} is no address of an API: https://host/api is one.") from error
            except httpx.TransportError as error:
                problem = f"{type(error).__name__} {error}".strip()
            else:
                if answer.status_code not in LATER:
                    return answer
                problem = f"status {answer.status_code}"
                pause = max(pause, _asked_pause(answer))
            if attempt < TRIES:
                logger.warning("%s %s: %s; trying again in %.1f s.", method, path, problem, pause)
                await asyncio.sleep(min(pause, LONGEST_PAUSE))
                pause *= 2
        raise SyncError(f"{self.url} can't be reached: {problem}.")

    async def _get(self, path: str, params: Any = None) -> httpx.Response:
        """Read a path, signing in anew when the token has expired.

        Raises:
            SyncError: the source refuses.
        """
        return self._taken(path, await self.send("GET", path, params=params))

    def _taken(self, path: str, answer: httpx.Response) -> httpx.Response:
        """An answer that is none of the source's refusals, or says that there is nothing.

        Raises:
            SyncError: it is a refusal.
        """
        if answer.is_redirect:
            raise SyncError(f"{self.url} sends to {answer.headers['location']}: give that address.")
        if answer.status_code >= 400 and answer.status_code != 404:
            raise SyncError(f"{self.url}{path} answers {answer.status_code}: {refusal(answer)}")
        return answer

    async def read(self, path: str, params: Any = None) -> Any:
        """A JSON document; None when there is none.

        Raises:
            SyncError: the source refuses, or answers something else.
        """
        answer = await self._get(path, params)
        return None if answer.status_code == 404 else _document(answer, of=object)

    async def push(self, path: str, rows: list[Row], *, silent: bool = False) -> None:
        """Have rows taken over there, all of them or none.

        Raises:
            SyncError: they are refused.
        """
        answer = await self.send(
            "POST", f"/import/kitsu/{path}", json=rows, params={"silent": "true"} if silent else None
        )
        if answer.status_code >= 300:
            raise SyncError(f"{self.url} refuses {path}: {refusal(answer)}")

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request, signing in anew when the token has expired.

        Raises:
            SyncError: the other instance is away.
        """
        more = options.pop("headers", {})
        used = self._token
        answer = await self._send(method, path, headers={**more, **self._signed()}, **options)
        if self._has_expired(answer.status_code):
            await self._sign_in(used)
            answer = await self._send(method, path, headers={**more, **self._signed()}, **options)
        return answer

    async def pages(
        self, path: str, params: Mapping[str, Any] | None = None, start: int = 1
    ) -> AsyncIterator[Page]:
        """A list page by page, from the page `start` on.

        Raises:
            SyncError: the source has no such list.
        """
        number = start
        while True:
            wanted = {**(params or {}), "page": number, "limit": self.page}
            answer = await self.read(path, wanted)
            if answer is None:
                raise SyncError(f"{self.url} has no list {path}: is it the address of the API?")
            if isinstance(answer, list):  # a list that doesn't come in pages
                yield Page(answer, 1, 1, len(answer))
                return
            if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
                raise SyncError(f"{self.url}{path} answers no list.")
            rows, pages = answer["data"], int(answer.get("nb_pages") or 0)
            yield Page(rows, number, pages, int(answer.get("total") or len(rows)))
            if number >= pages or not rows:
                return
            number += 1

    async def by_ids(self, path: str, ids: Sequence[str]) -> AsyncIterator[list[Row]]:
        """Rows of a list with their relations, by their ids, some at a time. Pages miss rows that move to an
        earlier one while they are read: before something follows from that, these are asked for.

        Raises:
            SyncError: the source refuses.
        """
        for start in range(0, len(ids), NAMED_AT_ONCE):
            named = [("id", id) for id in ids[start : start + NAMED_AT_ONCE]]
            rows = await self.read(path, [("relations", "true"), *named])
            yield rows if isinstance(rows, list) else []

    async def download(self, path: str, target: Path) -> bool:
        """Write a file to the disk; whether the source has it and gives it.

        An object store that the source sends to gets no token. An answer that breaks off is tried again.

        Raises:
            SyncError: the source is away.
        """
        pause, problem, renewed = self._first_pause, "", False
        for _ in range(TRIES):
            used = self._token
            try:
                status = await self._download(path, target)
            except httpx.TransportError as error:
                problem = type(error).__name__
            else:
                if status < 300:
                    return True
                problem = f"status {status}"
                if self._has_expired(status) and not renewed:
                    await self._sign_in(used)
                    renewed = True
                    continue
                if status not in LATER:
                    if status != 404:
                        logger.warning("%s isn't given: status %s.", path, status)
                    return False
            await asyncio.sleep(min(pause, LONGEST_PAUSE))
            pause *= 2
        raise SyncError(f"{self.url}{path} can't be read: {problem}.")

    async def _download(self, path: str, target: Path) -> int:
        """Try once; the status of the answer."""
        signed = self._signed()
        async with self._client.stream("GET", path, headers=signed, follow_redirects=True) as answer:
            if answer.status_code == 200:
                with await asyncio.to_thread(target.open, "wb") as file:
                    async for chunk in answer.aiter_bytes(1024 * 1024):
                        await asyncio.to_thread(file.write, chunk)
            return answer.status_code


def _asked_pause(answer: httpx.Response) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0.0


def _document(answer: httpx.Response, of: type = dict) -> Any:
    try:
        document = orjson.loads(answer.content)
    except orjson.JSONDecodeError as error:
        raise SyncError(f"{answer.url} answers no JSON: is it the address of the API?") from error
    if not isinstance(document, of):
        raise SyncError(f"{answer.url} answers something else than expected.")
    return document


def refusal(answer: httpx.Response) -> str:
    """What a refusal says, as far as it says anything."""
    try:
        message = orjson.loads(answer.content).get("message")
    except (orjson.JSONDecodeError, AttributeError):
        message = None
    return str(message)[:300] if message else answer.reason_phrase
