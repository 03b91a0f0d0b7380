"""What people are told that is no notification of the web client: of previews, and of their webhooks."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.db.models import PreviewFile, Webhook
from kitsu_api.db.repositories.messages import Messages
from kitsu_api.unit_of_work import UnitOfWork


async def tell_of_processed_preview(uow: UnitOfWork, preview: PreviewFile, project_id: UUID) -> None:
    """Tell whoever uploaded a preview that it is ready, or that it is broken; once for each of the two.

    Call it in the transaction that sets the preview's status. Nothing is told of other statuses.
    """
    if preview.person_id is None or preview.status not in ("ready", "broken"):
        return
    kind = f"preview-{preview.status}"
    about = {
        "name": preview.original_name or preview.name or str(preview.id),
        "path": f"/productions/{project_id}/previews/{preview.id}",
    }
    await Messages(uow.session).add(preview.person_id, kind, f"{kind}:{preview.id}", about)


async def tell_of_disabled_webhook(uow: UnitOfWork, webhook: Webhook, reason: str) -> None:
    """Mail the owner of a webhook that it was switched off, and why."""
    about = {"name": webhook.name, "reason": reason}
    key = f"webhook-disabled:{webhook.id}:{webhook.failing_since}"
    await Messages(uow.session).add_mail(webhook.owner_id, "webhook-disabled", key, about)
