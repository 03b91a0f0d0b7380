"""Routes that are served by plans answer as FastAPI's own do."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
from fastapi import Cookie, Depends, FastAPI, Header, HTTPException, Query, Request, Response
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel

from kitsu_api.planned_reads import PlannedRead, plan_reads

ID = "5d0ffd4c-6d0f-4a3e-9f1e-0f6d4b8a7c11"


class Answer(BaseModel):
    """What the routes give back."""

    told: list[str]
    extra: int | None = None


class Wishes(BaseModel):
    """Parameters that come as a model."""

    size: int = 3
    names: list[str] = []


def made(*, planned: bool) -> tuple[FastAPI, list[str]]:
    """An application, and the log of what its dependencies do."""
    app, log = FastAPI(), []

    async def opened(request: Request) -> AsyncIterator[str]:
        log.append("open")
        try:
            yield request.url.path
        except ValueError:
            log.append("failed")
            raise
        finally:
            log.append("close")

    opening = Annotated[str, Depends(opened, scope="function")]

    async def caller(path: opening, name: Annotated[str | None, Header()] = None) -> str:
        log.append("caller")
        if name is None:
            raise HTTPException(401, "Who?")
        return name

    calling = Annotated[str, Depends(caller)]

    async def thing(thing_id: UUID, who: calling, path: opening) -> str:
        log.append("thing")
        return f"{who} {thing_id}"

    @app.get("/things/{thing_id}", response_model=Answer, response_model_exclude_none=True)
    async def read(
        thing_id: UUID,
        who: calling,
        found: Annotated[str, Depends(thing)],
        limit: Annotated[int, Query(ge=1)] = 5,
        tags: Annotated[list[str] | None, Query()] = None,
        x_seen: Annotated[int, Header()] = 0,
        flavour: Annotated[str, Cookie()] = "plain",
    ) -> Any:
        log.append("read")
        return Answer(told=[who, found, str(limit), str(tags), str(x_seen), flavour])

    @app.get("/wishes", response_model=Answer)
    async def wish(wishes: Annotated[Wishes, Query()]) -> Answer:
        wishes.names.append("mine")
        return Answer(told=wishes.names, extra=wishes.size)

    @app.get("/bytes", response_model=Answer)
    async def written(path: opening) -> Response:
        return Response(b'{"told":[]}', media_type="application/json", headers={"x-log": ",".join(log)})

    @app.get("/faults", response_model=Answer)
    async def fault(path: opening) -> Answer:
        raise ValueError("wrong")

    @app.exception_handler(ValueError)
    async def on_fault(request: Request, error: Exception) -> Response:
        return Response(str(error), 418)

    @app.get("/plain", response_model=Answer)
    def in_a_thread() -> Answer:
        return Answer(told=["thread"])

    if planned:
        plan_reads(app.router.routes)
    return app, log


ASKED = (
    (f"/things/{ID}", {"name": "ada"}, 200),
    (
        f"/things/{ID.upper()}?limit=2&tags=a&tags=b",
        {"name": "ada", "x-seen": "7", "cookie": "flavour=sour"},
        200,
    ),
    (f"/things/{ID}", {}, 401),
    ("/things/five", {"name": "ada"}, 422),
    ("/things/five", {}, 401),
    (f"/things/{ID}?limit=0", {"name": "ada"}, 422),
    (f"/things/{ID}?limit=x&other=1", {"name": "ada", "x-seen": "many"}, 422),
    ("/wishes", {}, 200),
    ("/wishes?size=9&names=a&names=b", {}, 200),
    ("/wishes?size=nine", {}, 422),
    ("/bytes", {}, 200),
    ("/faults", {}, 418),
    ("/plain", {}, 200),
    ("/nowhere", {}, 404),
)


@pytest.mark.parametrize("twice", [1, 2])
@pytest.mark.parametrize(("path", "headers", "status"), ASKED)
async def test_a_plan_answers_and_does_what_fastapi_would(path, headers, status, twice):
    seen = []
    for planned in (False, True):
        app, log = made(planned=planned)
        async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
            for _ in range(twice):
                answer = await client.get(path, headers=headers)
        seen.append((answer.status_code, answer.content, sorted(answer.headers.items()), log))
    assert seen[0] == seen[1]
    assert answer.status_code == status


def planned_paths(app: FastAPI) -> set[str]:
    return {route.path for route in app.routes if isinstance(getattr(route, "app", None), PlannedRead)}


def test_what_is_plain_has_a_plan():
    app, _ = made(planned=True)
    assert planned_paths(app) == {"/things/{thing_id}", "/wishes", "/bytes", "/faults"}


async def test_what_stands_in_for_a_dependency_is_asked():
    app = FastAPI()

    async def number() -> int:
        return 1

    @app.get("/number", response_model=int)
    async def read(number: Annotated[int, Depends(number)]) -> int:
        return number

    plan_reads(app.router.routes)
    # routes that are added as they are know of no other application
    app.router.routes[-1].dependency_overrides_provider = app
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/number")).json() == 1
        app.dependency_overrides[number] = lambda: 2
        assert (await client.get("/number")).json() == 2


@pytest.mark.parametrize(
    "path",
    [
        "/data/tasks/{id}",
        "/data/tasks/{task_id}/full",
        "/data/user/context",
        "/data/persons",
        "/data/shots/{shot_id}",
    ],
)
def test_the_routes_that_are_asked_all_day_have_plans(built_app, path):
    assert path in planned_paths(built_app)


async def test_a_path_that_names_no_thing_is_refused_as_ever(client, as_role):
    headers = await as_role("admin")
    assert (await client.get("/data/tasks/five", headers=headers)).status_code == 404
    assert (await client.get("/data/tasks/five")).status_code == 401
    assert (await client.get(f"/data/tasks/{uuid4()}?relations=perhaps", headers=headers)).status_code == 400
