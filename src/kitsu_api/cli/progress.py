"""What long commands show: a bar while they work, and what they did."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

Progress = Callable[[str, int, int], None]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON, without progress.")]


@contextlib.contextmanager
def progress(silent: bool, what: str = "") -> Iterator[Progress]:
    """A bar on the error output, where that is a terminal. It is told what is worked on, how much of it is
    done, and how much there is; until then it only moves."""
    if silent:
        yield lambda what, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def told(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield told


def show(rows: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """Rows as a table, or as a JSON list."""
    if as_json:
        import orjson

        typer.echo(orjson.dumps([dict(row) for row in rows], default=str).decode())
        return
    from rich.console import Console
    from rich.table import Table

    if rows:
        table = Table(*(name.replace("_", " ") for name in rows[0]))
        for row in rows:
            table.add_row(*(str(value) for value in row.values()))
        console = Console()
        Console(width=None if console.is_terminal else 140).print(table)
