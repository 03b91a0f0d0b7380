"""Made-up requests to the operations of the document, and what is checked of the answers."""

from __future__ import annotations

import contextlib
import gc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.python.asgi import get_client
from schemathesis.specs.openapi.checks import response_schema_conformance
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from kitsu_api.db.models import Person, ProjectPersonLink
from kitsu_api.permissions import tokens
from kitsu_api.permissions.tokens import IdentityType
from kitsu_api.settings import Settings
from tests import factories

ROLES = ("admin", "user", "guest")
POSITIVE, NEGATIVE = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
LATER = {"GET": 0, "POST": 1, "PUT": 2, "DELETE": 3}
"""Rows are read before they are changed, and changed before they are deleted."""

ENDLESS = {"/data/events/stream", "/status/dashboard/stream"}
"""Answers that go on until the caller leaves; they have tests of their own."""

BASE = "http://testserver"


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of_an_upload(ctx: Any, value: Any) -> bytes:
    """A piece of an upload."""
    return value if isinstance(value, bytes) else str(value).encode()


def rows_of_every_kind(people: list[Person]) -> list[Any]:
    """A small production with something of everything, and the people in its team."""
    rows = factories.production()
    return [
        *rows,
        *people,
        *(ProjectPersonLink(project_id=rows.project.id, person_id=person.id) for person in people),
        factories.comment(rows.task, rows.person),
        factories.preview_file(rows.task, rows.person),
        factories.department(),
        factories.working_file(rows.task, rows.person),
        factories.time_spent(rows.task, rows.person),
        factories.playlist(rows.project),
        factories.metadata_descriptor(rows.project),
        factories.milestone(rows.project, rows.task_type),
        factories.news(rows.task, rows.person),
        factories.notification(rows.person, rows.task),
        factories.output_type(),
        factories.file_status(),
        factories.organisation(),
        factories.software(),
        factories.studio(),
    ]


@dataclass
class Studio:
    """The application on a database of its own, who calls it, and which rows are there."""

    app: FastAPI
    settings: Settings
    people: dict[str, Person]
    stored: list[str]

    def headers(self, role: str) -> dict[str, str]:
        """A new token of the person: a request may have revoked the last one."""
        claims: dict[str, Any] = {"identity": IdentityType.GUEST} if role == "guest" else {}
        token = tokens.issue(self.settings, self.people[role].id, **claims)
        return {"Authorization": f"Bearer {token}"}


async def settle(app: FastAPI, configuration: Settings) -> Studio:
    """Put rows of every kind into the database of the settings; made-up requests name their ids."""
    people = {role: factories.person(role=role) for role in ("admin", "user")}
    people["guest"] = factories.guest(role="client")
    rows = rows_of_every_kind(list(people.values()))
    stored = [str(row.id) for row in rows if hasattr(row, "id") and row not in people.values()]
    engine = create_async_engine(str(configuration.postgres_url))
    async with AsyncSession(engine, expire_on_commit=False) as session:
        for row in rows:
            session.add(row)
            await session.flush()
        await session.commit()
    await engine.dispose()
    name_rows(stored)
    return Studio(app, configuration, people, stored)


def name_rows(stored: list[str]) -> None:
    """Have made-up ids be those of stored rows half of the time."""
    schemathesis.openapi.format("uuid", st.sampled_from(stored) | st.uuids().map(str))


def operations_of(app: FastAPI) -> list[Any]:
    """The operations of the document, in the order in which they are tried."""
    document = schemathesis.openapi.from_dict(app.openapi())
    whole = [result.ok() for result in document.get_all_operations()]
    found = [operation for operation in whole if operation.path not in ENDLESS]
    return sorted(found, key=lambda one: LATER.get(one.method.upper(), 1))


def requests_to(operation: Any, mode: Any, examples: int, start: int) -> list[Any]:
    """Made-up requests, the same for the same `start`, or none where the operation takes nothing that could
    be made up in this mode."""
    found: list[Any] = []

    @seed(start)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def collect(case: Any) -> None:
        found.append(case)

    # what refers to itself (the filters of queries) is now and then made up too deep for the library
    with contextlib.suppress(Unsatisfiable, RecursionError):
        collect()
    return found


@dataclass
class Findings:
    """What was tried, and what came to light: one entry an operation, with a command that shows it."""

    faults: dict[str, str] = field(default_factory=dict)
    tried: Counter[str] = field(default_factory=Counter)
    """Requests by role."""
    statuses: Counter[int] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    succeeded: set[str] = field(default_factory=set)
    """Operations that answered with a 2xx at least once."""

    def told(self) -> list[str]:
        """The faults as lines."""
        return [f"{label}: {text}" for label, text in self.faults.items()]


class Caller:
    """Sends made-up requests, and notes what is wrong with the answers."""

    def __init__(self, studio: Studio, client: Any, findings: Findings) -> None:
        self.studio, self.client, self.findings = studio, client, findings

    def send(self, role: str, case: Any, mode: Any) -> Any:
        """Send one request; its answer, unless it is a fault."""
        label = case.operation.label
        checks: list[Any] = [not_a_server_error]
        narrowed = (case.query or {}).get("fields") is not None  # the document tells of whole rows
        if case.operation.method.upper() == "GET" and mode is POSITIVE and not narrowed:
            checks.append(response_schema_conformance)
        self.findings.tried[role] += 1
        self.findings.operations.add(label)
        try:
            response = case.call(
                session=self.client, app=self.studio.app, base_url=BASE, headers=self.studio.headers(role)
            )
            self.findings.statuses[response.status_code] += 1
            if response.status_code < 300:
                self.findings.succeeded.add(label)
            case.validate_response(response, checks=checks)
        except (Failure, FailureGroup) as failure:
            told = "; ".join(str(reason)[:600] for reason in getattr(failure, "exceptions", [failure]))
        except Exception as error:  # the server's own: the client in the same process lets it through
            told = f"500, {type(error).__name__}: {error}"
        else:
            return response
        self.findings.faults.setdefault(label, f"{role}: {told}\n    {case.as_curl_command()}")
        return None

    def still_there(self, role: str) -> bool:
        """Whether a person can still call: else nothing more would be tried."""
        answer = self.client.get(f"{BASE}/auth/authenticated", headers=self.studio.headers(role))
        return bool(answer.status_code == 200)


@contextlib.contextmanager
def rare_collections() -> Iterator[None]:
    """Have the interpreter look for garbage rarely: making requests up leaves millions of small objects
    beside a large application, and a quarter of the time went into walking over it."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextlib.contextmanager
def calling(studio: Studio, findings: Findings) -> Iterator[Caller]:
    """Somebody who calls the application of the studio."""
    with get_client(studio.app) as client, rare_collections():
        yield Caller(studio, client, findings)
