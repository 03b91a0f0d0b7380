"""The jobs that exist, by name.

A job is an async function whose first argument is the worker's context, with a `JobContext` under `job`. One
that takes a `job_id` is tracked: it has a row that people watch, and works within
`kitsu_api.workers.tracking.begin`. Others are small and nobody waits for them.

Modules say what they hold in `JOBS` (of seconds), `MEDIA_JOBS` (long work of the processor, in a queue of its
own; done in threads: `asyncio.to_thread`) and `TIME_LIMITS` (seconds that a tracked kind may take, where that
is not the setting's). The names stand here too, so that a process that only queues jobs needs to load none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

Job = Callable[..., Awaitable[Any]]


def _module(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")


class _Jobs(Mapping[str, Job]):
    """Functions by the names of their jobs, of which the module is loaded that holds the wanted one."""

    def __init__(self, table: str, places: Mapping[str, str]) -> None:
        self._table, self.places = table, places

    def __getitem__(self, name: str) -> Job:
        found: Job = getattr(_module(self.places[name]), self._table)[name]
        return found

    def __contains__(self, name: object) -> bool:
        return name in self.places

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


_QUICK = {
    "import_step": "import_steps",
    "forget_imports": "import_steps",
    "import_sheet": "imports",
    "send_mail": "mails",
    "send_password_reset": "mails",
    "send_email_otp": "mails",
    "send_invitation": "mails",
    "send_share_invitation": "mails",
    "forget_sheets": "picture_forms",
    "settle_builds": "playlists",
    "mail_reports": "reports",
    "forget_charts": "reports",
    "delete_old_events": "retention",
    "forget_told_messages": "retention",
    "delete_old_deliveries": "retention",
    "delete_ended_jobs": "retention",
    "keep_history_months": "retention",
    "purge_trash": "retention",
    "purge_deleted_files": "retention",
    "delete_expired_uploads": "retention",
    "add_up_storage_use": "retention",
}

_MEDIA = {
    "make_picture_forms": "picture_forms",
    "build_playlist": "playlists",
    "probe_previews": "preview_upkeep",
    "make_preview_extras": "preview_upkeep",
    "renormalise_previews": "preview_upkeep",
    "make_movie_preview": "previews",
    "import_last_revision": "revisions",
    "draw_report": "reports",
}

JOBS = _Jobs("JOBS", _QUICK)
"""Jobs of seconds."""

MEDIA_JOBS = _Jobs("MEDIA_JOBS", _MEDIA)
"""Long work of the processor."""


def time_limit(name: str) -> int | None:
    """The seconds that a kind of jobs may take; None: what the settings say.

    Raises:
        KeyError: there is no such job.
    """
    limits: dict[str, int] = getattr(_module((_QUICK | _MEDIA)[name]), "TIME_LIMITS", {})
    return limits.get(name)
