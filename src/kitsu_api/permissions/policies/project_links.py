"""Who may choose what a production works with."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from kitsu_api.permissions.actor import Actor


class OfProject(Protocol):
    """Something that names its production."""

    project_id: UUID


def runs_linked_project(actor: Actor, link: OfProject) -> bool:
    """Whether the caller runs the production that a link names."""
    return actor.manages(link.project_id)
