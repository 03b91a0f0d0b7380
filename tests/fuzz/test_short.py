"""A moment of fuzzing, with the same input in every run. `make fuzz` goes on for minutes with other input."""

from __future__ import annotations

import warnings

import pytest

from tests.fuzz import parsers, uploads

EXAMPLES = 25
PROPERTIES = {**parsers.PROPERTIES, **uploads.PROPERTIES}


@pytest.mark.parametrize("name", PROPERTIES)
def test_hostile_input_is_read_or_refused(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        PROPERTIES[name].run(EXAMPLES, 20261126, shrink=False)
