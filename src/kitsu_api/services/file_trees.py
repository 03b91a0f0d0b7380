"""File trees: where the files of a production lie and what they are called, as templates.

A tree has a part for each purpose (`working`, `output`, `preview`) with a mount point, a root folder, and
for each kind of entity a template of folders and one of file names: `<Project>/shots/<Sequence>/<Shot>`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from kitsu_api.db.models import Project
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import record_event
from kitsu_api.unit_of_work import UnitOfWork

TREES = ("default", "simple")
"""Trees that a production can be given by name. The second has places for instances of assets, too."""

TAG = re.compile(r"<([A-Za-z][A-Za-z.]*)>")
GAPS = re.compile(r"_{2,}")


@dataclass(frozen=True)
class FilePath:
    """A folder, absolute, and a file name in it without an extension."""

    folder: str
    name: str


@cache
def _text_of(name: str) -> str:
    return files("kitsu_api").joinpath(f"static/file_trees/{name}.json").read_text(encoding="utf-8")


def named_tree(name: str) -> dict[str, Any]:
    """The tree of this name.

    Raises:
        BadRequest: there is none.
    """
    if name not in TREES:
        raise BadRequest(f"tree_name must be one of: {', '.join(TREES)}.")
    tree: dict[str, Any] = json.loads(_text_of(name))
    return tree


async def set_tree(uow: UnitOfWork, project_id: UUID, name: str) -> None:
    """Give a production the file tree of this name.

    Raises:
        BadRequest: there is no such tree.
        NotFound: there is no such production.
    """
    tree = named_tree(name)
    projects = Records(uow.session, Project)
    project = await projects.find(project_id)
    if project is None:
        raise NotFound
    await projects.change(project, {"file_tree": tree})
    uow.emit(record_event("project", "update", project_id, project_id))


def plain_name(text: str) -> str:
    """A name as part of a path: no accents, no separators, no dots that could lead elsewhere."""
    letters = unicodedata.normalize("NFKD", text.strip())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[^\w-]+", "_", bare)


def _filled(template: str, words: Mapping[str, str], style: Any) -> str:
    """A template with its tags replaced; a tag that nothing is known for leaves no trace."""
    text = TAG.sub(lambda tag: plain_name(words.get(tag[1], "")), template)
    text = GAPS.sub("_", text).strip("_")
    if style == "lowercase":
        return text.lower()
    return text.upper() if style == "uppercase" else text


def path_in(
    tree: Any, mode: str, kind: str, words: Mapping[str, str], separator: str = "/"
) -> FilePath | None:
    """Where a file lies in a tree, by the words that stand for its tags; None when the tree has no
    templates for this purpose (`mode`) and kind of entity. Trees are written by people: whatever is wrong
    in one counts as missing."""
    part = tree.get(mode) if isinstance(tree, dict) else None
    if not isinstance(part, dict):
        return None
    folders, names = part.get("folder_path"), part.get("file_name")
    if not isinstance(folders, dict) or not isinstance(names, dict):
        return None
    folder, name = folders.get(kind), names.get(kind)
    mount, root = part.get("mountpoint"), part.get("root", "")
    if not (isinstance(folder, str) and isinstance(name, str)):
        return None
    if not (isinstance(mount, str) and isinstance(root, str)):
        return None
    steps = [_filled(step, words, folders.get("style")) for step in folder.split("/")]
    # a last tag that nothing is known for leaves its separator, as the tools of studios expect it
    whole = [mount.rstrip("/"), *root.split("/"), *steps]
    last = len(whole) - 1
    return FilePath(
        folder=separator.join(step for index, step in enumerate(whole) if step or index in (0, last)),
        name=_filled(name, words, names.get("style")),
    )
