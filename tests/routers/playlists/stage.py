"""A production with something to watch, for the tests of playlists."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from tests import factories

RATE = Fraction(24)
"""Frames a second of the production."""


async def make_stage(make: Any, **project_values: Any) -> SimpleNamespace:
    """A production with two shots in a sequence and an asset, and tasks on them."""
    status = factories.project_status()
    values = {"name": "Big Film", "fps": "24", "resolution": "192x108", **project_values}
    film = factories.project(status, **values)
    kinds = {name: factories.entity_type(name=name) for name in ("Episode", "Sequence", "Shot", "Props")}
    episode = factories.entity(film, kinds["Episode"], name="E01")
    sequence = factories.entity(film, kinds["Sequence"], name="SQ01", parent_id=episode.id)
    first = factories.entity(film, kinds["Shot"], name="SH010", parent_id=sequence.id)
    second = factories.entity(film, kinds["Shot"], name="SH020", parent_id=sequence.id)
    tree = factories.entity(film, kinds["Props"], name="Tree")
    animation, layout = factories.task_type(name="Animation"), factories.task_type(name="Layout")
    work, artist = factories.task_status(), factories.person()
    tasks = {
        "first": factories.task(first, animation, work),
        "first_layout": factories.task(first, layout, work),
        "second": factories.task(second, animation, work),
        "tree": factories.task(tree, animation, work),
    }
    await make(status, film, *kinds.values(), episode, sequence, first, second, tree, animation, layout)
    await make(work, artist, *tasks.values())
    return SimpleNamespace(
        film=film,
        kinds=kinds,
        episode=episode,
        sequence=sequence,
        first=first,
        second=second,
        tree=tree,
        animation=animation,
        layout=layout,
        artist=artist,
        tasks=SimpleNamespace(**tasks),
    )


def take(stage: SimpleNamespace, task: Any, revision: int, **values: Any) -> Any:
    """A revision of a task, to be stored."""
    return factories.preview_file(task, stage.artist, revision=revision, **{"position": 1, **values})


def entry(entity: Any, preview: Any = None) -> dict[str, str]:
    """An entry of a playlist."""
    shown = {} if preview is None else {"preview_file_id": str(preview.id)}
    return {"entity_id": str(entity.id), **shown}


async def playlist_of(make: Any, stage: SimpleNamespace, *previews: Any, **values: Any) -> Any:
    """A playlist that shows previews of the first shot."""
    shots = [entry(stage.first, preview) for preview in previews]
    return await make(factories.playlist(stage.film, **{"name": "Reel", "shots": shots, **values}))
