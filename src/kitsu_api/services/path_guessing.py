"""Reading paths: which entity, task type and software a file is of, by the templates of the file tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from kitsu_api.db.models import OutputType, Software, TaskType
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS
from kitsu_api.db.repositories.production_files import TreeNames
from kitsu_api.errors import NotFound
from kitsu_api.services.file_trees import TAG, plain_name
from kitsu_api.unit_of_work import UnitOfWork

LIBRARY: Mapping[str, Any] = {"TaskType": TaskType, "OutputType": OutputType, "Software": Software}
HOLDERS = ("Episode", "Sequence", "Scene", "Shot")
Ids = dict[str, UUID]


def _same(first: str, second: str) -> bool:
    return plain_name(first).lower() == plain_name(second).lower()


class Reader:
    """The names of one production, against which paths are read."""

    def __init__(
        self, project: tuple[UUID, str], entities: Sequence[Any], library: Mapping[str, Sequence[Any]]
    ) -> None:
        self.project = project
        self.entities = entities
        self.library = library

    def read(self, steps: Sequence[str], template: Sequence[str]) -> Ids | None:
        """The ids behind the tags of a template that a path fits; None when it doesn't. Names of software and
        the like that nobody knows are passed over."""
        words: dict[str, str] = {}
        for step, pattern in zip(steps, template, strict=False):
            tag = TAG.fullmatch(pattern)
            if tag is not None:
                words[tag[1]] = step
            elif not TAG.search(pattern) and not _same(step, pattern):
                return None
        if not _same(words.get("Project", self.project[1]), self.project[1]):
            return None
        found: Ids | None = {"Project": self.project[0]}
        for place in (self._asset, self._held):
            found = None if found is None else place(words, found)
        if found is None:
            return None
        for tag_name, rows in self.library.items():
            if tag_name in words:
                known = next((id for id, name in rows if _same(name, words[tag_name])), None)
                if known is not None:
                    found[tag_name] = known
        return found

    def _asset(self, words: Mapping[str, str], found: Ids) -> Ids | None:
        if "Asset" not in words:
            return found
        for id, name, type_id, kind, _ in self.entities:
            if kind in OTHER_KINDS or not _same(name, words["Asset"]):
                continue
            if "AssetType" in words and not _same(kind, words["AssetType"]):
                continue
            return {**found, "AssetType": type_id, "Asset": id}
        return None

    def _held(self, words: Mapping[str, str], found: Ids) -> Ids | None:
        """Shots, scenes, sequences and episodes: each in what the path names before it."""
        holder: UUID | None = None
        for kind in HOLDERS:
            if kind not in words:
                continue
            id = next(self._named(kind, words[kind], holder), None)
            if id is None:
                return None
            found, holder = {**found, kind: id}, id
        return found

    def _named(self, kind: str, name: str, holder: UUID | None) -> Iterator[UUID]:
        for id, own, _, type_name, parent_id in self.entities:
            if type_name == kind and _same(own, name) and holder in (None, parent_id):
                yield id


def _templates(tree: Any) -> Iterator[tuple[str, list[str]]]:
    """The kinds of a tree's templates, with their folders."""
    for part in tree.values() if isinstance(tree, dict) else ():
        folders = part.get("folder_path") if isinstance(part, dict) else None
        if not isinstance(folders, dict):
            continue
        start = f"{part.get('mountpoint') or ''}/{part.get('root') or ''}"
        for kind, folder in folders.items():
            if kind != "style" and isinstance(folder, str):
                yield kind, [step for step in f"{start}/{folder}".split("/") if step]


async def guess(uow: UnitOfWork, project_id: UUID, path: str, separator: str) -> list[dict[str, Any]]:
    """What a path may stand for: the kind of each template that it fits, with the ids behind its tags.

    Raises:
        NotFound: there is no such production.
    """
    names = TreeNames(uow.session, project_id)
    project = await names.project()
    if project is None:
        raise NotFound
    steps = [step for step in path.split(separator) if step]
    fitting = [(kind, parts) for kind, parts in _templates(project.file_tree) if len(parts) <= len(steps)]
    if not fitting:
        return []
    library = {tag: await names.library(model) for tag, model in LIBRARY.items()}
    reader = Reader((project.id, project.name), await names.entities(), library)
    guesses: list[dict[str, Any]] = []
    for kind, parts in fitting:
        ids = reader.read(steps, parts)
        if ids is not None and (found := {"Template": kind, **ids}) not in guesses:
            guesses.append(found)
    return guesses
