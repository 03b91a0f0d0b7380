"""One scene for each module: what fails in a test works again in the next, which is part of the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.scene import Scene, scene


@pytest.fixture(scope="module")
def standing() -> Iterator[Scene]:
    with scene() as made:
        made.start_api()
        yield made
