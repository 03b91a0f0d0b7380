"""The layout of mails: templates in a reader's language, as plain text and as HTML."""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from kitsu_api.services.translations import catalog


@lru_cache(maxsize=64)
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("kitsu_api", "templates/mails"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    texts: gettext.NullTranslations = catalog(language)
    environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]  # by the extension
    return environment


def rendered(name: str, language: str, values: Mapping[str, object]) -> tuple[str, str]:
    """A mail as plain text and as a page. Values are escaped in the page: they come from strangers."""
    environment = _environment(language)
    given = {**values, "language": language}
    return (
        environment.get_template(f"{name}.txt").render(given),
        environment.get_template(f"{name}.html").render(given),
    )
