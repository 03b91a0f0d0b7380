"""Fixtures of all tests: real servers, a migrated database per process, a transaction undone per test."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from starlette.middleware import Middleware

from kitsu_api.app import connect, create_app, make_valkey
from kitsu_api.db.base import Base
from kitsu_api.db.engine import Sessions, make_engine
from kitsu_api.db.models import Person, Project, ProjectPersonLink
from kitsu_api.db.straight import StraightSession, watch
from kitsu_api.permissions import tokens
from kitsu_api.permissions.actor import Role
from kitsu_api.permissions.tokens import IdentityType
from kitsu_api.settings import Settings
from kitsu_api.workers import tracking
from tests import factories
from tests.answers import AnswersMiddleware, CheckedAnswers
from tests.servers import TEMPLATE, Addresses, Servers, run_sql

Row = TypeVar("Row", bound=Base)
Make = Callable[..., Awaitable[Any]]
SERVERS = pytest.StashKey[Servers]()


class Credentials(dict[str, str]):
    """Headers of a request, and the person whose they are."""

    def __init__(self, person: Person, token: str) -> None:
        super().__init__(Authorization=f"Bearer {token}")
        self.person = person
        self.token = token


SignIn = Callable[..., Credentials]
AsRole = Callable[..., Awaitable[Credentials]]


@dataclass
class Statements:
    """SQL statements of a block of code, without those that only set savepoints."""

    sql: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.sql)


CountStatements = Callable[[], contextlib.AbstractContextManager[Statements]]


# --- servers: one of each for the whole run ---------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SERVERS] = Servers()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SERVERS].stop()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the servers of its controller are."""
    addresses = node.config.stash[SERVERS].addresses()
    node.workerinput["servers"] = addresses.postgres, addresses.valkey


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> int:
    """Number of this process among those of the run."""
    name: str = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    return int(name.removeprefix("gw"))


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Addresses:
    """Where PostgreSQL and Valkey are."""
    told = getattr(request.config, "workerinput", {}).get("servers")
    return Addresses(*told) if told else request.config.stash[SERVERS].addresses()


@pytest.fixture(scope="session")
def database_url(servers: Addresses, worker: int) -> str:
    """The migrated database of this process."""
    name = f"tests_{worker}"
    run_sql(servers.postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return servers.database(name)


@pytest.fixture(scope="session")
def valkey_url(servers: Addresses, worker: int) -> str:
    """The Valkey database of this process; the server has 16."""
    assert worker < 16, "Run at most 16 workers: each has a Valkey database of its own."
    return f"{servers.valkey.rpartition('/')[0]}/{worker}"


@pytest.fixture
def empty_database(servers: Addresses) -> Iterator[str]:
    """URL of a database without tables, for this test alone."""
    name = f"scratch_{uuid4().hex}"
    run_sql(servers.postgres, f"CREATE DATABASE {name} TEMPLATE template0")
    yield servers.database(name)
    run_sql(servers.postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def migrated_database(servers: Addresses) -> Iterator[str]:
    """URL of a migrated database for this test alone: for real commits, crashes and several connections."""
    name = f"scratch_{uuid4().hex}"
    run_sql(servers.postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield servers.database(name)
    run_sql(servers.postgres, f"DROP DATABASE {name} WITH (FORCE)")


# --- settings, sessions, application ----------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path, database_url: str, valkey_url: str) -> Settings:
    """Cheap passwords, no limits of any kind, jobs before the answer, mails to the log, open registration."""
    return make_settings(tmp_path, database_url, valkey_url)


def make_settings(folder: Path, database_url: str, valkey_url: str) -> Settings:
    """Settings that look at no environment variable, whatever the machine sets."""
    values: dict[str, Any] = {
        "data_dir": folder,
        "database_url": database_url,
        "redis_url": valkey_url,
        "secret_key": SecretStr("a key of tests, long enough to sign their tokens"),
        "bcrypt_log_rounds": 4,
        "rate_limits": False,
        "jobs_inline": True,
        "registration": "open",
        "mail_to_log": True,
        "outbox_relay": False,
        "requests_at_once": 0,
    }
    return Settings.model_construct(**values)


@pytest.fixture(scope="session")
async def engine(
    tmp_path_factory: pytest.TempPathFactory, database_url: str, valkey_url: str
) -> AsyncIterator[AsyncEngine]:
    """The engine that the server uses, on the database of this process."""
    engine = make_engine(make_settings(tmp_path_factory.mktemp("engine"), database_url, valkey_url))
    yield engine
    await engine.dispose()


class SavingSession(StraightSession):
    """A session whose statements go straight to the driver as ever; one that fails is undone alone."""

    async def _send(self, driver: Any, sql: str, values: Sequence[Any]) -> list[Any]:
        async with driver.transaction():
            return await super()._send(driver, sql, values)


@pytest.fixture
async def sessions(engine: AsyncEngine) -> AsyncIterator[Sessions]:
    """Sessions on one connection, whose commits are undone after the test; one at a time may work."""
    async with engine.connect() as connection:
        transaction = await connection.begin()
        yield cast(
            Sessions,
            async_sessionmaker(
                connection,
                class_=SavingSession,
                expire_on_commit=False,
                join_transaction_mode="create_savepoint",
            ),
        )
        await transaction.rollback()


@pytest.fixture
async def session(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """A session to look into the database with; what the server wrote is there.

    A row that it holds already is not read again: `await session.refresh(row)`. Its rollback also undoes
    what others wrote since its first statement, for all share one transaction.
    """
    async with sessions() as session:
        yield session


@pytest.fixture
async def valkey(valkey_url: str) -> AsyncIterator[Redis]:
    """A Valkey database that is empty before and after the test."""
    client = make_valkey(valkey_url)
    await client.flushdb()
    yield client
    await client.flushdb()
    await client.aclose()


def whole_document() -> dict[str, Any]:
    """The document of the application."""
    from tests.contract.document import DOCUMENT

    return DOCUMENT


@pytest.fixture(scope="session")
def built_app(tmp_path_factory: pytest.TempPathFactory, database_url: str, valkey_url: str) -> FastAPI:
    """The application with all its routes, built once; `app` gives it the state of a test."""
    app = create_app(make_settings(tmp_path_factory.mktemp("app"), database_url, valkey_url))
    # settings change nothing of the document, and making it takes seconds: it is made once in a process
    app.openapi = whole_document  # type: ignore[method-assign]
    # innermost, where the route is known that has answered
    app.state.checked_answers = CheckedAnswers(app)
    app.user_middleware.append(Middleware(AnswersMiddleware, answers=app.state.checked_answers))
    return app


@pytest.fixture
async def app(
    built_app: FastAPI, settings: Settings, sessions: Sessions, valkey: Redis, valkey_url: str
) -> AsyncIterator[FastAPI]:
    """The application on the test's sessions and settings; its answers have to be as the document says."""
    built_app.state.settings = settings
    connect(built_app, sessions, valkey)
    yield built_app
    built_app.dependency_overrides.clear()
    problems = built_app.state.checked_answers.told()
    assert not problems, "Not as the document says:\n" + "\n".join(problems)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """An HTTP client of the application; an unexpected error is raised here, not answered with a 500."""
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[Callable[[], AsyncClient]]:
    """`browser()`: one more HTTP client, with cookies of its own."""
    opened: list[AsyncClient] = []

    def another() -> AsyncClient:
        opened.append(AsyncClient(transport=ASGITransport(app), base_url="http://test"))
        return opened[-1]

    yield another
    for one in opened:
        await one.aclose()


@pytest.fixture
def configure(app: FastAPI, settings: Settings) -> Callable[..., Settings]:
    """`configure(enforce_2fa=True)`: other settings for the rest of the test."""

    def change(**changes: Any) -> Settings:
        app.state.settings = settings.model_copy(update=changes)
        state = app.state
        connect(app, state.sessions, state.valkey)
        return app.state.settings  # type: ignore[no-any-return]

    return change


# --- rows and people --------------------------------------------------------------------------------


@pytest.fixture
def make(sessions: Sessions) -> Make:
    """`await make(row)` commits a row and returns it; `a, b = await make(a, b)` several, in this order."""

    async def commit(*rows: Base) -> Any:
        async with sessions() as session:
            for row in rows:
                session.add(row)
                await session.flush()  # in order: without relationships nothing else tells what comes first
            await session.commit()
        return rows[0] if len(rows) == 1 else rows

    return commit


@pytest.fixture
def sign_in(settings: Settings) -> SignIn:
    """`sign_in(person)`: headers with a token of theirs; keywords are those of `tokens.issue`."""

    def issue(person: Person, **claims: Any) -> Credentials:
        if person.is_bot:
            claims = {"identity": IdentityType.BOT, "token_id": person.jti, **claims}
        elif person.is_guest:
            claims = {"identity": IdentityType.GUEST, **claims}
        return Credentials(person, tokens.issue(settings, person.id, **claims))

    return issue


@pytest.fixture
def as_role(make: Make, sign_in: SignIn) -> AsRole:
    """`await as_role("manager", on=project)`: headers of a new person in the team of the production.

    `on` is a production, its id, or several; `role_on` sets the role held there where it differs.
    """

    async def person_of(
        role: Role | str,
        on: Project | UUID | list[Project] | None = None,
        role_on: Role | str | None = None,
        **values: Any,
    ) -> Credentials:
        person: Person = await make(factories.person(role=Role(role).value, **values))
        for project in on if isinstance(on, list) else [] if on is None else [on]:
            project_id = project if isinstance(project, UUID) else project.id
            held = None if role_on is None else Role(role_on).value
            await make(ProjectPersonLink(project_id=project_id, person_id=person.id, role=held))
        return sign_in(person)

    return person_of


@pytest.fixture
def count_statements(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> CountStatements:
    """`with count_statements() as statements: ...; assert statements.count <= 3`.

    A job notes how far it is once a second: that is what the clock asks for, not its work, and isn't there.
    """
    monkeypatch.setattr(tracking, "WRITE_EVERY", float("inf"))

    @contextlib.contextmanager
    def counting() -> Iterator[Statements]:
        statements = Statements()

        def note(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
            if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                statements.sql.append(sql)

        event.listen(engine.sync_engine, "before_cursor_execute", note)
        no_more = watch(engine, lambda sql, _seconds: statements.sql.append(sql))
        try:
            yield statements
        finally:
            no_more()
            event.remove(engine.sync_engine, "before_cursor_execute", note)

    return counting
