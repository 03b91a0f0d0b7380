"""How commands end when they can't do what they were asked."""

from __future__ import annotations

from typing import NoReturn

import typer

from kitsu_api.errors import FULL


def fail(message: str) -> NoReturn:
    """Say why on the error output, and exit with 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)


def fail_of_system(error: OSError) -> NoReturn:
    """Say that a disk is full.

    Raises:
        OSError: it is something else.
    """
    if error.errno not in FULL:
        raise error
    fail("The disk is full: nothing was finished. Make room, and try again.")
