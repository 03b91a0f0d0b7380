"""How commands end when they can't do what they were asked."""

from __future__ import annotations

from typing import NoReturn

import typer


def fail(message: str) -> NoReturn:
    """Say why on the error output, and exit with 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)
