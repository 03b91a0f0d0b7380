"""The document can be made into clients: nothing of it is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from tests.contract.document import DOCUMENT, operations

SETTINGS = Path(__file__).parents[2] / "sdk" / "python.yaml"


@pytest.fixture(scope="module")
def parsed() -> GeneratorData:
    """What the generator of the Python client understands of the document."""
    settings = ConfigFile.load_from_path(SETTINGS)
    config = Config.from_sources(settings, MetaType.NONE, SETTINGS, "utf-8", True, None)
    data = GeneratorData.from_dict(DOCUMENT, config=config)
    assert not isinstance(data, GeneratorError), data
    return data


def test_the_generator_warns_of_nothing(parsed):
    collections = parsed.endpoint_collections_by_tag.values()
    assert list(parsed.errors) == []
    assert [error for each in collections for error in each.parse_errors] == []


def test_every_operation_becomes_a_function(parsed):
    made = {one.name for each in parsed.endpoint_collections_by_tag.values() for one in each.endpoints}
    assert made == {operation["operationId"] for _, _, operation in operations()}
