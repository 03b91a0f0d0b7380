"""Made-up requests to every operation of the document: no input may bring the server to a 500.

The requests are the same in every run. Ids are those of stored rows half of the time.
"""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.python.asgi import get_client, shutdown_lifespans
from schemathesis.specs.openapi.checks import response_schema_conformance
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from kitsu_api.app import create_app
from kitsu_api.db.models import Person, ProjectPersonLink
from kitsu_api.permissions import tokens
from tests import factories
from tests.conftest import make_settings

SEED = 20261123
LATER = {"GET": 0, "POST": 1, "PUT": 2, "DELETE": 3}
"""Rows are read before they are changed, and changed before they are deleted."""

ENDLESS = {"/data/events/stream", "/status/dashboard/stream"}
"""Answers that go on until the caller leaves; they have tests of their own."""


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of_an_upload(ctx: Any, value: Any) -> bytes:
    """A piece of an upload."""
    return value if isinstance(value, bytes) else str(value).encode()


POSITIVE, NEGATIVE = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE


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


class Studio:
    """The application on a database of its own, and who calls it."""

    def __init__(self, app: FastAPI, people: dict[str, Person]) -> None:
        self.app = app
        self.people = people

    def headers(self, role: str) -> dict[str, str]:
        """A new token of the person: a request may have revoked the last one."""
        token = tokens.issue(self.app.state.settings, self.people[role].id)
        return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def studio(tmp_path: Path, migrated_database: str, valkey_url: str) -> AsyncIterator[Studio]:
    """A studio with rows of every kind, whose ids made-up requests name."""
    configuration = make_settings(tmp_path, migrated_database, valkey_url)
    people = {role: factories.person(role=role) for role in ("admin", "user")}
    rows = rows_of_every_kind(list(people.values()))
    stored = [str(row.id) for row in rows if hasattr(row, "id") and row not in people.values()]
    engine = create_async_engine(str(configuration.postgres_url))
    async with AsyncSession(engine, expire_on_commit=False) as session:
        for row in rows:
            session.add(row)
            await session.flush()
        await session.commit()
    await engine.dispose()
    schemathesis.openapi.format("uuid", st.sampled_from(stored) | st.uuids().map(str))
    yield Studio(create_app(configuration), people)
    await asyncio.to_thread(shutdown_lifespans)


def requests_to(operation: Any, mode: Any, examples: int) -> Iterator[Any]:
    """Made-up requests, or none where the operation takes nothing that could be made up in this mode."""
    found: list[Any] = []

    @seed(SEED)
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

    with contextlib.suppress(Unsatisfiable):
        collect()
    yield from found


def fault(studio: Studio, role: str, client: Any, case: Any, checks: list[Any]) -> str | None:
    """What one request brought to light; None when all is well."""
    try:
        response = case.call(
            session=client, app=studio.app, base_url="http://testserver", headers=studio.headers(role)
        )
        case.validate_response(response, checks=checks)
    except (Failure, FailureGroup) as failure:
        return "; ".join(str(reason)[:600] for reason in getattr(failure, "exceptions", [failure]))
    except Exception as error:  # the server's own: the client in the same process lets it through
        return f"500, {type(error).__name__}: {error}"
    return None


def problems(studio: Studio, role: str, examples: dict[Any, int]) -> list[str]:
    """What went wrong, one entry an operation, with a command that shows it."""
    document = schemathesis.openapi.from_dict(studio.app.openapi())
    whole = (result.ok() for result in document.get_all_operations())
    operations = [operation for operation in whole if operation.path not in ENDLESS]
    found: dict[str, str] = {}
    with get_client(studio.app) as client:
        for operation in sorted(operations, key=lambda one: LATER.get(one.method.upper(), 1)):
            for mode, number in examples.items():
                checks: list[Any] = [not_a_server_error]
                if operation.method.upper() == "GET" and mode is POSITIVE:
                    checks.append(response_schema_conformance)
                for case in requests_to(operation, mode, number):
                    told = fault(studio, role, client, case, checks)
                    if told is not None:
                        found.setdefault(operation.label, f"{told}\n    {case.as_curl_command()}")
        who = client.get("http://testserver/auth/authenticated", headers=studio.headers(role))
        assert who.status_code == 200, "The caller was shut out on the way, so nothing was tried."
    return [f"{label}: {told}" for label, told in found.items()]


@pytest.mark.parametrize(
    ("role", "examples"), [("admin", {POSITIVE: 4, NEGATIVE: 4}), ("user", {POSITIVE: 2})]
)
def test_made_up_requests_find_no_fault_of_the_server(
    studio: Studio, role: str, examples: dict[Any, int]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = problems(studio, role, examples)
    assert not found, "\n\n".join(found)
