"""Dependencies that are made in the event loop."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


@functools.cache
def in_loop(make: Callable[..., T]) -> Callable[..., Any]:
    """`make` as a coroutine function with the same parameters.

    FastAPI runs in a thread what is no coroutine function: right for work that blocks, and for what only
    reads the request slower than the work itself by far.
    """

    async def made(**values: Any) -> T:
        return make(**values)

    signature = inspect.signature(make, eval_str=True)
    made.__signature__ = signature  # type: ignore[attr-defined]  # functions take attributes
    made.__name__ = getattr(make, "__name__", "made")
    return made
