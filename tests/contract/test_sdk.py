"""The document can be made into clients: nothing of it is left out, and nothing has a name that breaks one."""

from __future__ import annotations

import re
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


def test_no_field_has_the_name_of_its_schema():
    """In the Python client the field and the object under construction are variables of one function."""
    for name, schema in DOCUMENT["components"]["schemas"].items():
        variable = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        assert variable not in schema.get("properties", {}), name
