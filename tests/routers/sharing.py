"""A production whose previews are reviewed by a share link, and browsers that come by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from httpx import AsyncClient

from kitsu_api.db.models import Playlist, PlaylistShareLink, PreviewFile, ProjectTaskStatusLink
from tests import factories
from tests.factories import Production

Browser = Callable[[], AsyncClient]
PASSWORD = "open sesame"


@dataclass
class Review:
    """A playlist of one preview, and a link to it."""

    rows: Production
    preview: PreviewFile
    playlist: Playlist
    link: PlaylistShareLink
    closed_status: Any
    """A status of the production that clients may not give."""
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/shared/playlists/{self.link.token}"

    @property
    def comments(self) -> str:
        return f"{self.path}/comments"

    def wish(self, guest: dict[str, Any], **values: Any) -> dict[str, Any]:
        """The body of a comment of a guest."""
        return {
            "guest_id": guest["id"],
            "task_id": str(self.rows.task.id),
            "task_status_id": str(self.rows.task_status.id),
            "text": "Too dark",
            **values,
        }


def share_link(playlist: Playlist, maker: Any, **values: Any) -> PlaylistShareLink:
    password = values.pop("password", None)
    hashed = factories.hashed(password).decode() if password else None
    defaults = {"token": str(uuid4()), "playlist_id": playlist.id, "created_by": maker.id, "password": hashed}
    return PlaylistShareLink(id=uuid4(), **{**defaults, **values})


async def stage(make: Any, project: dict[str, Any] | None = None, **link: Any) -> Review:
    """Rows of a review, stored; keywords are columns of the link."""
    rows = factories.production(**(project or {}))
    rows.task_status.is_client_allowed = True
    closed = factories.task_status(is_client_allowed=False)
    preview = factories.preview_file(rows.task, rows.person, revision=1, position=1)
    playlist = factories.playlist(
        rows.project, shots=[{"entity_id": str(rows.entity.id), "preview_file_id": str(preview.id)}]
    )
    made = share_link(playlist, rows.person, **link)
    await make(*rows, closed, preview, playlist, made)
    for status in (rows.task_status, closed):
        await make(ProjectTaskStatusLink(project_id=rows.project.id, task_status_id=status.id))
    return Review(rows, preview, playlist, made, closed)


async def enter(browser: AsyncClient, review: Review, name: str = "Gina") -> dict[str, Any]:
    """Come as a guest; who that is."""
    answer = await browser.post(f"{review.path}/guest", json={"first_name": name})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def say(browser: AsyncClient, review: Review, guest: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Comment as a guest; the comment."""
    answer = await browser.post(review.comments, json=review.wish(guest, **values))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found
