"""What has to hold of any input, and how it is tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st


@dataclass(frozen=True)
class Property:
    """A check, and the input that is made up for it."""

    check: Callable[..., None]
    inputs: Mapping[str, st.SearchStrategy[Any]]

    def run(self, examples: int, start: int, *, shrink: bool = True) -> None:
        """Try so many inputs, the same for the same `start`; a failure is told with the smallest input of its
        kind, unless `shrink` says otherwise."""
        wishes = settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        wishes(seed(start)(given(**self.inputs)(self.check)))()


def holds_for(**inputs: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Property]:
    """`@holds_for(text=st.text())`: make a property of a check."""
    return lambda check: Property(check, inputs)
