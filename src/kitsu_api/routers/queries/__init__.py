"""Queries: rows and groups of what the caller sees, by filters that the caller puts together."""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter

ORDER = -1
"""Before routes of `/data/…` that have a variable where these have a word."""


def parts() -> list[str]:
    """The sources that can be queried; each has a route of its own, made when it is first asked for."""
    from kitsu_api.routers.queries.register import OPENINGS

    return sorted(OPENINGS)


@cache
def part(name: str) -> APIRouter:
    """The route of one source."""
    # each source refers to others: the shapes of all take 10 MB, which wait for the first query
    from kitsu_api.routers.queries.making import router_of

    return router_of(name)
