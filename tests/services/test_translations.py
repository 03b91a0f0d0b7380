"""Catalogs of texts: complete, and true to what they translate."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import babel
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from kitsu_api.services.translations import catalog, language_of

PACKAGE = Path(str(files("kitsu_api")))
ROOT = Path(__file__).parents[2]
CATALOGS = sorted((PACKAGE / "translations").glob("*/messages.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def texts() -> set[str]:
    """All texts that are marked for translation."""
    methods = [("services/*_texts.py", "python"), ("templates/**", "jinja2")]
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


def recipe(target: str) -> str:
    """The commands of a target of the Makefile, as the shell gets them."""
    lines = (ROOT / "Makefile").read_text().partition(f"\n{target}:")[2].partition("\n\n")[0].splitlines()[1:]
    commands = "\n".join(line.removeprefix("\t") for line in lines)
    return commands.replace("$(BIN)", str(Path(sys.executable).parent)).replace("$$", "$")


def test_make_translations_works_and_changes_nothing_where_nothing_is_new(tmp_path):
    copy = tmp_path / "src/kitsu_api"
    for part in ("templates", "translations"):
        shutil.copytree(PACKAGE / part, copy / part)
    (copy / "services").mkdir()
    for source in (PACKAGE / "services").glob("*_texts.py"):
        shutil.copy(source, copy / "services")
    for path in copy.glob("translations/*/messages.po"):
        # another release of Babel says so
        path.write_text(
            re.sub('"Generated-By: .*"', f'"Generated-By: Babel {babel.__version__}\\\\n"', path.read_text())
        )
    before = {path: path.read_text() for path in copy.glob("translations/*/messages.po")}
    subprocess.run(["sh", "-e", "-c", recipe("translations")], cwd=tmp_path, check=True)
    assert {path: path.read_text() for path in before} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["src"]


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
