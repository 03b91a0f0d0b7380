"""What people are told in their own language.

Texts are written in English where they are used, `_("…")`; `translations/<language>/messages.po` holds what
they are in another language. A text that a catalog lacks stays English. `make translations` brings new texts
into the catalogs.
"""

from __future__ import annotations

import gettext
import io
from functools import lru_cache
from importlib.resources import files

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE = "en"


@lru_cache(maxsize=64)
def catalog(language: str) -> gettext.NullTranslations:
    """The texts of a language, `fr`; English ones where there is no such catalog."""
    found = files("kitsu_api").joinpath("translations", language, "messages.po")
    if not language.isalpha() or not found.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with found.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def language_of(locale: str | None) -> str:
    """The language of a person's locale: `fr` of `fr_FR`."""
    return (locale or SOURCE).replace("-", "_").partition("_")[0].lower() or SOURCE
