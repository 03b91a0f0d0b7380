"""Commands that write first rows: ``create-admin`` and ``init-data``."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

import typer

from kitsu_api.cli.failure import fail
from kitsu_api.cli.progress import AsJson, progress, show


def create_admin(
    email: Annotated[str, typer.Argument(help="E-mail to sign in with.")],
    password: Annotated[
        str | None,
        typer.Option(help="Password; default KITSU_ADMIN_PASSWORD, else a random one is made and shown."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Make an admin who can sign in."""
    from kitsu_api.cli.database import database_url
    from kitsu_api.services import first_admin
    from kitsu_api.settings import get_settings

    settings = get_settings()
    database_url()
    given = password or (settings.admin_password.get_secret_value() if settings.admin_password else None)
    chosen = given or first_admin.make_up_password()

    async def make() -> None:
        from kitsu_api.db.engine import make_engine, make_sessions

        engine = make_engine(settings, "command line")
        try:
            async with make_sessions(engine)() as session:
                await first_admin.create(session, settings, email, chosen)
                await session.commit()
        finally:
            await engine.dispose()

    try:
        asyncio.run(make())
    except ValueError as error:
        fail(str(error))
    if json:
        show([{"email": email, **({} if given else {"password": chosen})}], json)
    else:
        typer.echo(f"Admin {email} can sign in." + ("" if given else f" Password: {chosen}"))


def init_data(
    domain: Annotated[
        Literal["2d", "3d", "vfx", "games"], typer.Option(help="What the studio makes.")
    ] = "3d",
    json: AsJson = False,
) -> None:
    """Add the usual task types, statuses, asset types and departments; what is there stays as it is."""
    from kitsu_api.cli.database import database_url
    from kitsu_api.services import starting_data
    from kitsu_api.settings import get_settings

    database_url()

    async def fill() -> int:
        from kitsu_api.db.engine import make_engine, make_sessions

        engine = make_engine(get_settings(), "command line")
        try:
            async with make_sessions(engine)() as session:
                added = await starting_data.fill(session, domain)
                await session.commit()
                return added
        finally:
            await engine.dispose()

    with progress(json, "adding"):
        added = asyncio.run(fill())
    if json:
        show([{"added": added}], json)
    else:
        typer.echo(f"{added} rows were added.")
