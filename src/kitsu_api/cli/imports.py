"""``kitsu-api import``: sheets sent to a running server, with a bar that shows how far it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn
from uuid import UUID

import typer

from kitsu_api.cli.progress import AsJson, show

app = typer.Typer(help="Send what others made to a running server.", no_args_is_help=True)

REFUSED = 1
UNREACHABLE = 3
CANCELLED = 130
"""Exit codes beside 0, and 2 for wrong options: the sheet is refused; the server is not there, or lets nobody
in; Ctrl-C ended the import."""

SECONDS_BETWEEN = 0.3
"""Between two looks at the job."""

IN_PRODUCTIONS = ("assets", "shots", "edits", "casting", "estimations")
Kind = Literal["persons", "assets", "shots", "edits", "casting", "estimations"]
FIGURES = ("rows", "created", "updated", "unchanged", "conflicts", "skipped")


@app.callback()
def main() -> None:
    """Send what others made to a running server."""


def _stop(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


class Server:
    """A running server, as somebody who has signed in sees it."""

    def __init__(self, url: str) -> None:
        import httpx

        self._client = httpx.Client(base_url=url.rstrip("/"), timeout=httpx.Timeout(30, read=600))

    def sign_in(self, email: str | None, password: str | None, token: str | None) -> None:
        """Use a token, or get one for an e-mail and a password."""
        if token is None:
            if email is None or password is None:
                _stop("Say who you are: --token, or --email and --password (or KITSU_… of these).", 2)
            answer = self.ask("POST", "/auth/login", json={"email": email, "password": password})
            token = answer.get("access_token")
            if token is None:
                _stop("This account needs a second factor: use the token of a bot (--token).", UNREACHABLE)
        self._client.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """The JSON of an answer; a refusal ends the command with what the server says."""
        import httpx

        try:
            answer = self._client.request(method, path, **more)
            body = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            _stop(f"The server does not answer as it should: {type(error).__name__}.", UNREACHABLE)
        if answer.is_success:
            return body
        told = body.get("message") or body.get("error") if isinstance(body, dict) else None
        code = UNREACHABLE if answer.status_code in (401, 403) or answer.status_code >= 500 else REFUSED
        _stop(str(told or f"The server answered {answer.status_code}."), code)

    def id_of(self, path: str, name: str, what: str) -> str:
        """The id of the row of a list that has this name, or this id."""
        try:
            return str(UUID(name))
        except ValueError:
            rows = self.ask("GET", path)
        found = [row["id"] for row in rows if row.get("name", "").casefold() == name.casefold()]
        if len(found) != 1:
            _stop(f"There {'is no' if not found else 'are several'} {what} {name}: give its id.", 2)
        return str(found[0])


def _path(server: Server, kind: Kind, project: str | None, episode: str | None, task_type: str | None) -> str:
    """Where the sheet goes."""
    if kind == "persons":
        return "/import/csv/persons"
    if project is None:
        _stop(f"Say which production: sheets of {kind} need --project.", 2)
    project_id = server.id_of("/data/projects", project, "production")
    path = f"/import/csv/projects/{project_id}"
    if kind != "estimations":
        return f"{path}/{kind}"
    if task_type is None:
        _stop("Say which task type: sheets of estimations need --task-type.", 2)
    task_type_id = server.id_of(f"/data/projects/{project_id}/task-types", task_type, "task type")
    if episode is not None:
        id = server.id_of(f"/data/projects/{project_id}/episodes", episode, "episode")
        path = f"{path}/episodes/{id}"
    return f"{path}/task-types/{task_type_id}/estimations"


def _watch(server: Server, job: dict[str, Any], silent: bool) -> dict[str, Any]:
    """The job once it has ended; Ctrl-C ends it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        MofNCompleteColumn(),
        TextColumn("rows"),
        TimeElapsedColumn(),
    )
    address = f"/data/jobs/{job['id']}"
    with Progress(*columns, console=Console(stderr=True), disable=silent) as progress:
        bar = progress.add_task(job["status"], total=None)
        try:
            while True:
                total = job["total"] or None
                progress.update(bar, description=job["status"], completed=job["done"], total=total)
                if job["ended_at"] is not None:
                    break
                time.sleep(SECONDS_BETWEEN)
                job = server.ask("GET", address)
        except KeyboardInterrupt:
            server.ask("DELETE", address)
            progress.stop()
            _stop("The import is being cancelled; nothing of it stays.", CANCELLED)
    return job


def _report(job: Mapping[str, Any], as_json: bool) -> None:
    """Say what became of the sheet."""
    if job["status"] != "succeeded":
        _stop(job["error"] or f"The import was {job['status']}; nothing was written.", REFUSED)
    result = job["result"]
    if as_json:
        show([result], as_json)
        if result["conflicts"]:
            raise typer.Exit(REFUSED)
        return
    typer.echo(", ".join(f"{result[name]} {name}" for name in FIGURES))
    if result["ignored_columns"]:
        typer.echo(f"Columns that were not read: {', '.join(result['ignored_columns'])}.")
    for conflict in result["conflict_lines"]:
        typer.echo(conflict["message"])
    if result["conflicts"]:
        raise typer.Exit(REFUSED)


@app.command("csv")
def import_csv(
    kind: Annotated[Kind, typer.Argument(help="What the rows are.")],
    file: Annotated[Path, typer.Argument(help="The sheet.", exists=True, dir_okay=False, readable=True)],
    project: Annotated[str | None, typer.Option(help="Name or id of the production.")] = None,
    episode: Annotated[str | None, typer.Option(help="Of estimations: name or id of the episode.")] = None,
    task_type: Annotated[str | None, typer.Option(help="Of estimations: name or id of the type.")] = None,
    update: Annotated[bool, typer.Option("--update", help="Change what is there already.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, do nothing.")] = False,
    create_columns: Annotated[
        bool, typer.Option("--create-columns", help="Make unknown columns metadata columns.")
    ] = False,
    url: Annotated[
        str, typer.Option(envvar="KITSU_URL", help="Where the server is.")
    ] = "http://127.0.0.1:8000",
    email: Annotated[str | None, typer.Option(envvar="KITSU_EMAIL", help="Who signs in.")] = None,
    password: Annotated[str | None, typer.Option(envvar="KITSU_PASSWORD", help="Their password.")] = None,
    token: Annotated[str | None, typer.Option(envvar="KITSU_TOKEN", help="A token instead.")] = None,
    json: AsJson = False,
) -> None:
    """Import a sheet of people, assets, shots, edits, castings or estimations.

    Exit code 1: the sheet is refused, and nothing was written; 2: wrong options; 3: the server can't be
    reached, or does not let you; 130: cancelled.
    """
    server = Server(url)
    server.sign_in(email, password, token)
    path = _path(server, kind, project, episode, task_type)
    wishes = {"update": update, "dry_run": dry_run, "create_columns": create_columns}
    with file.open("rb") as content:
        job = server.ask(
            "POST",
            path,
            params={name: "true" for name, wanted in wishes.items() if wanted},
            files={"file": (file.name, content, "text/csv")},
            headers={"Prefer": "respond-async"},
        )
    _report(_watch(server, job, json), json)
