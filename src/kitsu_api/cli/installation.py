"""What ``kitsu-api up`` does: start the servers, prepare the database, then watch over all parts."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import typer

from kitsu_api.embedded.ports import is_taken
from kitsu_api.embedded.process import EmbeddedError
from kitsu_api.embedded.programs import Program
from kitsu_api.embedded.services import EmbeddedServices, start
from kitsu_api.embedded.supervisor import StopRequested, StopSignals, Supervisor, answers, reachable_host
from kitsu_api.settings import Settings


@dataclass(frozen=True, repr=False)
class Wishes:
    """What the operator asked for on the command line; None leaves it to the settings."""

    host: str | None
    port: int | None
    workers: int
    data_dir: Path | None
    domain: str
    admin_email: str | None
    admin_password: str | None


@dataclass(frozen=True, repr=False)
class FirstAdmin:
    """An admin that was made now; ``password`` only when it was made up here and must be shown."""

    email: str
    password: str | None


def run_everything(wishes: Wishes) -> int:
    """Run until Ctrl-C or SIGTERM; the exit code of the command."""
    settings = Settings()
    host, port = wishes.host or settings.host, wishes.port or settings.port
    with StopSignals().caught() as stop, contextlib.ExitStack() as undo:
        try:
            _check_address(host, port)
            if settings.postgres_url and settings.valkey_url:
                settings.signing_key()
            api = _api(host, port, wishes.workers)
            undo.callback(api.stop)
            api.load()
            with start(
                wishes.data_dir or settings.data_dir,
                postgres_url=settings.postgres_url,
                valkey_url=settings.valkey_url,
            ) as services:
                _set_environment(settings, services)
                admin = _prepare_database(wishes)
                return _supervise(services, api, host, port, admin, stop)
        except StopRequested:
            return 0
        except (EmbeddedError, RuntimeError, ValueError) as error:
            typer.echo(str(error), err=True)
            return 1


def _check_address(host: str, port: int) -> None:
    """Refuse an address that nobody can listen on, before anything is started."""
    try:
        taken = is_taken(host, port)
    except OSError as error:
        raise EmbeddedError(f"Can't listen on {host}:{port}: {error.strerror}.") from error
    if taken:
        raise EmbeddedError(
            f"Port {port} of {host} is taken. Stop what uses it, or choose another with --port."
        )


def _set_environment(settings: Settings, services: EmbeddedServices) -> None:
    """Tell this process and its children where things are, and the habits of an embedded installation."""
    chosen = settings.model_fields_set
    os.environ["KITSU_DATA_DIR"] = str(services.folder.path)
    if services.postgres:
        os.environ["DATABASE_URL"] = services.postgres_url
        # the bundled server has no pooler before it
        os.environ["KITSU_DATABASE_DIRECT_URL"] = services.postgres_url
        os.environ["KITSU_DB_POOLER"] = "none"
    if services.valkey:
        os.environ["REDIS_URL"] = services.valkey_url
    if services.servers and settings.secret_key is None:
        os.environ["SECRET_KEY"] = services.secret_key
    if services.postgres and "registration" not in chosen:
        os.environ["KITSU_REGISTRATION"] = "open"
    if services.postgres and "mail_server" not in chosen:
        os.environ["KITSU_MAIL_TO_LOG"] = "true"


def _prepare_database(wishes: Wishes) -> FirstAdmin | None:
    """Migrate, make the first admin, and fill a new database with starting data."""
    from kitsu_api.db.migrations import upgrade

    settings = Settings()
    url = settings.direct_postgres_url
    if url is None:  # start() has set it, unless a pooler is named
        raise EmbeddedError("No database to build tables in: set DATABASE_DIRECT_URL beside DB_POOLER.")
    upgrade(url)
    return asyncio.run(_fill(settings, wishes))


async def _fill(settings: Settings, wishes: Wishes) -> FirstAdmin | None:
    """Rows that a new installation needs; nothing in one that has them."""
    from kitsu_api.db.engine import make_engine, make_sessions
    from kitsu_api.services import first_admin, starting_data

    engine = make_engine(settings, "command line")
    try:
        async with make_sessions(engine)() as session:
            await starting_data.fill_new_database(session, wishes.domain)
            admin = None
            if not await first_admin.exists(session):
                given = wishes.admin_password or (
                    settings.admin_password.get_secret_value() if settings.admin_password else None
                )
                email = wishes.admin_email or settings.admin_email
                password = given or first_admin.make_up_password()
                await first_admin.create(session, settings, email, password)
                admin = FirstAdmin(email, None if given else password)
            await session.commit()
            return admin
    finally:
        await engine.dispose()


def _api(host: str, port: int, workers: int) -> Program:
    """The API's process. Several workers load the modules themselves: waiting gains nothing."""
    arguments = ["serve", "--host", host, "--port", str(port), "--workers", str(workers)]
    if workers > 1:
        return Program("API", arguments)
    return Program("API", [*arguments, "--when-told"], when_told=True)


def _supervise(
    services: EmbeddedServices,
    api: Program,
    host: str,
    port: int,
    admin: FirstAdmin | None,
    stop: StopSignals,
) -> int:
    """Run the API and the worker beside the servers."""
    supervisor = Supervisor(services.servers, [api, Program("worker", ["worker"])], typer.echo)
    shown = reachable_host(host)
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"

    def announce() -> None:
        typer.echo(f"\nThe API answers at {address}/api, its Swagger UI is at {address}/docs")
        if admin is not None and admin.password is not None:
            typer.echo(f"First admin: {admin.email}, password: {admin.password}  (shown only this once)")
        elif admin is not None:
            typer.echo(f"First admin: {admin.email}, with the password that you chose")
        typer.echo(f"Data lie in {services.folder.path}. Ctrl-C stops everything.\n")

    return supervisor.run(stop, lambda: answers(host, port), announce)
