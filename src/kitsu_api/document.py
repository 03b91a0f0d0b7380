"""The OpenAPI document, made by a process of its own: it takes every route and every schema, 200 MB that a
server would keep for good."""

from __future__ import annotations

import logging
import subprocess
import sys

import orjson
from fastapi import FastAPI

logger = logging.getLogger(__name__)

PATIENCE = 300.0
"""Seconds; on an idle machine it takes five."""


def written(app: FastAPI) -> bytes:
    """The document of an application, in JSON. To be called in a thread.

    One that this process has made already is taken; it is also made here where no other process can do it.
    """
    if app.openapi_schema is None:
        command = [sys.executable, "-m", "kitsu_api.cli.document"]
        try:
            # our own module, nothing that a client says
            return subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE).stdout  # noqa: S603
        except (OSError, subprocess.SubprocessError) as error:
            logger.warning("No process could write the document (%s); it is made here.", type(error).__name__)
    return orjson.dumps(app.openapi())
