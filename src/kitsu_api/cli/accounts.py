"""Commands on accounts: passwords, second factors, bots, sessions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kitsu_api.cli.at_work import run
from kitsu_api.cli.progress import AsJson, show

if TYPE_CHECKING:
    from kitsu_api.workers.context import JobContext

Email = Annotated[str, typer.Argument(help="E-mail of the account.")]


def change_password(
    email: Email,
    password: Annotated[
        str | None, typer.Option(help="The new one; asked for, or made up and shown with --random.")
    ] = None,
    random: Annotated[bool, typer.Option("--random", help="Make one up, and show it.")] = False,
    json: AsJson = False,
) -> None:
    """Set somebody's password, and end their sessions."""
    from kitsu_api.services import administration, first_admin

    made = first_admin.make_up_password() if random else None
    chosen = made or password or typer.prompt("Password", hide_input=True, confirmation_prompt=True)

    async def work(context: JobContext) -> None:
        async with context.unit_of_work() as uow:
            id = await administration.change_password(uow, context.valkey, email, chosen)
        show([{"id": id, "email": email, **({"password": made} if made else {})}], json)

    run(work)


def set_person_as_active(
    email: Email,
    unactive: Annotated[bool, typer.Option("--unactive", help="Close the account instead.")] = False,
    json: AsJson = False,
) -> None:
    """Open an account, or close it."""
    from kitsu_api.services import administration

    async def work(context: JobContext) -> None:
        async with context.unit_of_work() as uow:
            id = await administration.set_active(uow, context.valkey, email, active=not unactive)
        show([{"id": id, "email": email, "active": not unactive}], json)

    run(work)


def disable_two_factor(email: Email, json: AsJson = False) -> None:
    """Take every second factor from somebody who has lost them."""
    from kitsu_api.services import administration

    async def work(context: JobContext) -> None:
        async with context.unit_of_work() as uow:
            id = await administration.disable_two_factor(uow, email)
        show([{"id": id, "email": email}], json)

    run(work)


def create_bot(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    email: Annotated[str | None, typer.Option(help="An e-mail, where it needs one.")] = None,
    role: Annotated[
        Literal["admin", "manager", "supervisor", "user", "client", "vendor"],
        typer.Option(help="What it may do."),
    ] = "user",
    expires: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Last day of its token; default: none."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Add a bot, and show its token, this once."""
    from kitsu_api.permissions.actor import Role
    from kitsu_api.services import administration

    async def work(context: JobContext) -> None:
        day = expires.date() if expires else None
        async with context.unit_of_work() as uow:
            id, token = await administration.create_bot(uow, name, email, Role(role), day)
        if json:
            show([{"id": id, "access_token": token}], json)
        else:
            typer.echo(token)  # whole, to be piped on

    run(work)


def clean_auth_tokens(json: AsJson = False) -> None:
    """Count the notes of revoked tokens, and delete those that would stay for ever."""
    from kitsu_api.permissions.revocation import forget_needless

    async def work(context: JobContext) -> None:
        deleted, kept = await forget_needless(context.valkey)
        show([{"deleted": deleted, "kept": kept}], json)

    run(work)


def clear_all_auth_tokens(
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False, json: AsJson = False
) -> None:
    """Sign everybody out. Tokens of bots stay good."""
    from kitsu_api.services import administration

    if not yes:
        typer.confirm("Everybody has to sign in again. Go on?", abort=True)

    async def work(context: JobContext) -> None:
        async with context.unit_of_work() as uow:
            people = await administration.revoke_everybody(uow, context.valkey)
        show([{"people": people}], json)

    run(work)
