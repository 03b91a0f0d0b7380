"""Catalogs of texts: complete, and true to what they translate."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from kitsu_api.services.translations import catalog, language_of

PACKAGE = Path(str(files("kitsu_api")))
CATALOGS = sorted((PACKAGE / "translations").glob("*/messages.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def texts() -> set[str]:
    """All texts that are marked for translation."""
    methods = [("services/message_texts.py", "python"), ("templates/**", "jinja2")]
    found = extract_from_dir(str(PACKAGE), methods, keywords={"_": None})
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parent.name)
def test_a_catalog_has_every_text_once_with_its_placeholders_and_no_other(path):
    with path.open("rb") as source:
        known = {str(message.id): str(message.string) for message in read_po(source) if message.id}
    assert known.keys() == texts()
    for text, translated in known.items():
        assert translated.strip(), text
        assert sorted(PLACEHOLDER.findall(translated)) == sorted(PLACEHOLDER.findall(text)), text


def test_french_is_there():
    assert [path.parent.name for path in CATALOGS] == ["fr"]
    assert catalog("fr").gettext("Open") == "Ouvrir"


@pytest.mark.parametrize(
    ("locale", "language"), [("fr_FR", "fr"), ("fr-CA", "fr"), ("en_US", "en"), (None, "en"), ("", "en")]
)
def test_the_language_of_a_locale(locale, language):
    assert language_of(locale) == language


@pytest.mark.parametrize("language", ["xx", "../fr", ""])
def test_a_language_without_a_catalog_is_english(language):
    assert catalog(language).gettext("Open") == "Open"
