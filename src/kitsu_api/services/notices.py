"""What people are told that is no notification of the web client: of previews, and of their webhooks."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.db.models import PreviewFile, Webhook
from kitsu_api.db.repositories.messages import Messages
from kitsu_api.unit_of_work import UnitOfWork

BROKEN_PREVIEW = "preview-broken"


async def tell_of_broken_preview(uow: UnitOfWork, preview: PreviewFile, project_id: UUID) -> None:
    """Tell whoever uploaded a movie that nothing could be made of it, once: they have gone on with something
    else by then. Call it in the transaction that sets the preview's status."""
    if preview.person_id is None:
        return
    about = {
        "name": preview.original_name or preview.name or str(preview.id),
        "path": f"/productions/{project_id}/previews/{preview.id}",
    }
    key = f"{BROKEN_PREVIEW}:{preview.id}"
    await Messages(uow.session).add(preview.person_id, BROKEN_PREVIEW, key, about)


async def tell_of_disabled_webhook(uow: UnitOfWork, webhook: Webhook, reason: str) -> None:
    """Mail the owner of a webhook that it was switched off, and why."""
    about = {"name": webhook.name, "reason": reason}
    key = f"webhook-disabled:{webhook.id}:{webhook.failing_since}"
    await Messages(uow.session).add_mail(webhook.owner_id, "webhook-disabled", key, about)
