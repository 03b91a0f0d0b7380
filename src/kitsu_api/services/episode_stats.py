"""How far the shots of each episode are, and how often they were taken again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from kitsu_api.db.repositories.episode_stats import Tally
from kitsu_api.schemas.episode_stats import EpisodeStats, Evolution, RetakeStats, RetakeSums, StatusSum, Sum

ALL = "all"
"""The key of sums over all episodes, or over all task types."""


def stats_of(tallies: Iterable[Tally]) -> EpisodeStats:
    """Tasks by episode, task type and status."""
    table: dict[str, dict[str, dict[str, StatusSum]]] = {}
    for tally in tallies:
        for episode in (str(tally.episode_id), ALL):
            for task_type in (str(tally.task_type_id), ALL):
                statuses = table.setdefault(episode, {}).setdefault(task_type, {})
                sums = statuses.setdefault(
                    str(tally.task_status_id), StatusSum(name=tally.status_name, color=tally.color)
                )
                _add(sums, tally)
    return EpisodeStats(table)


def retake_stats_of(tallies: Iterable[Tally]) -> RetakeStats:
    """Tasks by episode and task type: how many are done, to be taken again, or neither; for each episode
    also as it was after each take."""
    cells: dict[tuple[str, str], list[Tally]] = defaultdict(list)
    for tally in tallies:
        for episode in (ALL, str(tally.episode_id)):
            for task_type in (ALL, str(tally.task_type_id)):
                cells[episode, task_type].append(tally)
    cells.setdefault((ALL, ALL), [])
    table: dict[str, dict[str, RetakeSums]] = {}
    for (episode, task_type), found in cells.items():
        table.setdefault(episode, {})[task_type] = _retakes_of(found, evolves=episode != ALL)
    return RetakeStats(table)


def _retakes_of(tallies: list[Tally], *, evolves: bool) -> RetakeSums:
    most = max((tally.retakes for tally in tallies), default=0)
    sums = RetakeSums(max_retake_count=most)
    for tally in tallies:
        state = sums.done if tally.is_done else sums.retake if tally.is_retake else sums.other
        _add(state, tally)
    for take in range(1, most + 1 if evolves else 1):
        sums.evolution[str(take)] = _after(take, tallies)
    return sums


def _after(take: int, tallies: list[Tally]) -> Evolution:
    """How it was after a take: what was retaken that often or more was to be taken again, what needed
    fewer retakes was done already if it is done now."""
    state = Evolution()
    for tally in tallies:
        if tally.retakes >= take:
            _add(state.retake, tally)
        elif tally.is_done:
            _add(state.done, tally)
        else:
            _add(state.other, tally)
    return state


def _add(sums: Sum, tally: Tally) -> None:
    sums.count += tally.count
    sums.frames += tally.frames
    sums.drawings += tally.drawings
