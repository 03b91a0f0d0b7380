"""Keeps the memory and the start of a process small: what 900 routes have in common is made once.

FastAPI builds a validator for each parameter and each documented answer of each route, and a tree of
dependencies for each route, though most are alike: the id in the path, the refusals, the person who asks.
Here equal ones are one object, and validators are made when they are first needed. The document of the
API is the same with it and without (ADR 0018 has the figures).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any, get_args

from fastapi._compat import shared
from fastapi._compat import v2 as fields
from fastapi.dependencies import utils as dependencies
from fastapi.utils import get_path_param_names
from pydantic import Field, PydanticUserError, TypeAdapter

UNUSED = ("alias", "alias_priority", "validation_alias", "serialization_alias", "deprecated")

_adapters: dict[tuple[Any, ...], tuple[TypeAdapter[Any], Any]] = {}
"""Adapters by what they check. The type is kept beside, so that no other takes its identity."""

_trees: dict[tuple[Any, ...], Any] = {}

_plain_adapter = TypeAdapter
_plain_is_old_model: Callable[[Any], bool] = shared.is_pydantic_v1_model_class
_plain_tree: Callable[..., Any] = dependencies.get_dependant


def _adapter(annotation: Any, *, config: Any = None) -> TypeAdapter[Any]:
    """The adapter of an annotated type, the same for all that are alike."""
    kind, *constraints = get_args(annotation)
    constraints[-1] = _bare(constraints[-1])
    key = (kind if isinstance(kind, type) else id(kind), repr(constraints), repr(config))
    if key not in _adapters:
        alike = Annotated[(kind, *constraints)]  # type: ignore[valid-type]  # made of values
        _adapters[key] = (_deferred(alike, config), alike)
    return _adapters[key][0]


def _bare(field: Any) -> Any:
    """A field without what adapters make no use of.

    Pydantic warns of such attributes when it builds, and FastAPI hides that only while it makes the route.
    """
    attributes = fields.asdict(field)["attributes"]
    return Field(**{name: value for name, value in attributes.items() if name not in UNUSED})


def _deferred(annotation: Any, config: Any) -> TypeAdapter[Any]:
    """An adapter that is built at its first use; models bring their own configuration."""
    if config is None:
        try:
            return _plain_adapter(annotation, config={"defer_build": True})
        except PydanticUserError:
            pass
    return _plain_adapter(annotation, config=config)


def _tree(*, path: str, call: Callable[..., Any], name: str | None = None, **how: Any) -> Any:
    """The dependencies of a dependency: one tree for all routes whose paths have the same variables.

    A route's own tree, which has no name, is changed by FastAPI afterwards and is made anew.
    """
    if name is None:
        return _plain_tree(path=path, call=call, name=name, **how)
    variables = frozenset(get_path_param_names(path))
    key = (call, name, variables, *(repr(how[each]) for each in sorted(how)))
    if key not in _trees:
        _trees[key] = _plain_tree(path=path, call=call, name=name, **how)
    return _trees[key]


def _is_old_model(kind: Any) -> bool:
    """Whether a class is a model of Pydantic 1. There is none unless somebody has loaded that, which FastAPI
    would do to ask it."""
    return "pydantic.v1" in sys.modules and _plain_is_old_model(kind)


def share() -> None:
    """Have FastAPI share what is alike. Before the first route is made; more than once does no harm."""
    setattr(fields, "TypeAdapter", _adapter)  # noqa: B010  # the type checker knows no assignment to a class
    setattr(dependencies, "get_dependant", _tree)  # noqa: B010  # the same
    setattr(shared, "is_pydantic_v1_model_class", _is_old_model)  # noqa: B010  # the same
