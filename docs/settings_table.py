"""Writes the table of settings in operations.md from their descriptions: `python docs/settings_table.py`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from kitsu_api.settings import Settings

PAGE = Path(__file__).with_name("operations.md")
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"
HEAD = "| variable | also read | default | meaning |\n|---|---|---|---|"


def shown(value: Any) -> str:
    """A default as an operator would write it."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or value == "" or value == ():
        return ""
    if isinstance(value, tuple):
        value = ",".join(value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def choices(field: FieldInfo) -> str:
    """The values that a setting may have, where they are few."""
    values = [value for value in get_args(field.annotation) if isinstance(value, str)]
    return f" One of {', '.join(f'`{value}`' for value in values)}." if values else ""


def rows() -> Iterator[str]:
    """One row a setting."""
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        assert isinstance(alias, AliasChoices)
        first, *others = [str(choice) for choice in alias.choices if str(choice) != name]
        older = ", ".join(f"`{other}`" for other in others if other.isupper() or other[0].isdigit())
        about = (field.description or "").replace("|", "\\|")
        yield f"| `{first}` | {older} | {shown(field.default)} | {about}{choices(field)} |"


def page() -> str:
    """operations.md with its table as it should be."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    return before + "\n".join([BEGIN, HEAD, *rows(), END]) + after


if __name__ == "__main__":
    PAGE.write_text(page())
    sys.stdout.write(f"{PAGE.name}: {len(list(rows()))} settings\n")
