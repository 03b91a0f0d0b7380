"""What the server tells of its settings."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Depends, Request

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.status import dark_theme_by_default
from kitsu_api.errors import Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.authentication import AppSettings
from kitsu_api.permissions.guard import GUARDS
from kitsu_api.schemas.configuration import ClientConfig, ConfigCheck
from kitsu_api.services.configuration import check_settings, client_config

router = APIRouter(tags=["Configuration"])


async def check_admin_token(request: Request, settings: AppSettings) -> None:
    """Let those pass who know the key of the /admin routes.

    Raises:
        NotFound: the server has no such key, so there are no such routes.
        Unauthorized: none came with the request.
        Forbidden: another one did.
    """
    if settings.admin_token is None:
        raise NotFound
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("Send the admin token: `Authorization: Bearer …`.")
    if not hmac.compare_digest(token.strip().encode(), settings.admin_token.get_secret_value().encode()):
        raise Forbidden


GUARDS.add(check_admin_token)


@router.get("/config", summary="Get the web client's settings", response_model_exclude_unset=True)
async def get_config(session: Session, settings: AppSettings) -> ClientConfig:
    """What the web client needs before anybody signs in."""
    return client_config(settings, dark_theme=await dark_theme_by_default(session))


@router.get(
    "/admin/config/check",
    summary="Check the settings",
    dependencies=[Depends(check_admin_token)],
    responses=errors(Unauthorized, Forbidden, NotFound),
    openapi_extra={"security": [{"admin": []}]},
)
async def check_config(settings: AppSettings) -> ConfigCheck:
    """Settings that suit a trial and not a studio on the open network. Exists when `ADMIN_TOKEN` is set."""
    return check_settings(settings)
