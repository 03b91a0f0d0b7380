"""Every route says who may call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from kitsu_api.permissions.guard import GUARDS, PUBLIC_ROUTES
from tests.contract.document import APP

ROUTES = {
    (method, str(route.path_format)): route
    for route in iter_route_contexts(APP.routes)
    if isinstance(route.original_route, APIRoute)
    for method in route.methods or ()
}


def calls(dependant: Dependant) -> Iterator[Callable[..., Any] | None]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from calls(dependency)


def is_guarded(key: tuple[str, str]) -> bool:
    return bool(GUARDS.intersection(calls(ROUTES[key].dependant)))


@pytest.mark.parametrize("key", sorted(ROUTES), ids=" ".join)
def test_a_route_is_guarded_or_public_for_a_reason(key):
    assert is_guarded(key) or PUBLIC_ROUTES.get(key)


@pytest.mark.parametrize("key", sorted(PUBLIC_ROUTES), ids=" ".join)
def test_a_public_route_exists_and_is_not_guarded_as_well(key):
    assert key in ROUTES
    assert not is_guarded(key)
