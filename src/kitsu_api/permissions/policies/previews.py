"""Who sees previews, and who does what with them."""

from __future__ import annotations

from kitsu_api.db.repositories.preview_media import PreviewPlace
from kitsu_api.permissions.actor import Actor, Role


def sees(actor: Actor, place: PreviewPlace) -> bool:
    """Whether the preview is open to the caller: vendors see those of their tasks."""
    role = actor.role_on(place.project_id)
    return role is not None and (role is not Role.VENDOR or place.assigned)


def downloads(actor: Actor, place: PreviewPlace) -> bool:
    """Whether the caller may save the preview: clients only where their production allows it."""
    allowed = place.downloadable or actor.role_on(place.project_id) is not Role.CLIENT
    return sees(actor, place) and allowed


def makes(actor: Actor, place: PreviewPlace) -> bool:
    """Whether the caller may upload the preview or move it: who sees it, clients aside."""
    return sees(actor, place) and actor.role_on(place.project_id) is not Role.CLIENT


def runs(actor: Actor, place: PreviewPlace) -> bool:
    """Whether the caller runs the production of the preview."""
    return actor.manages(place.project_id)
