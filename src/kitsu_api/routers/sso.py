"""Signing in elsewhere: SAML and OpenID Connect."""

from __future__ import annotations

from typing import NoReturn

from fastapi import APIRouter

from kitsu_api.errors import BadRequest, errors
from kitsu_api.schemas.auth import Success

router = APIRouter(prefix="/auth", tags=["Authentication"], responses=errors(BadRequest))


@router.get("/saml/login", summary="Start signing in by SAML", operation_id="start_saml_login")
async def start_saml_login() -> Success:
    """Leads to the identity provider. This server has none: 400."""
    _refuse("SAML")


@router.post("/saml/sso", summary="Finish signing in by SAML", operation_id="finish_saml_login")
async def finish_saml_login() -> Success:
    """Takes the identity provider's answer. This server has none: 400."""
    _refuse("SAML")


@router.get("/oidc/login", summary="Start signing in by OpenID Connect", operation_id="start_oidc_login")
async def start_oidc_login() -> Success:
    """Leads to the identity provider. This server has none: 400."""
    _refuse("OIDC")


@router.get("/oidc/callback", summary="Finish signing in by OpenID Connect", operation_id="finish_oidc_login")
async def finish_oidc_login() -> Success:
    """Takes the identity provider's answer. This server has none: 400."""
    _refuse("OIDC")


def _refuse(name: str) -> NoReturn:
    raise BadRequest(f"{name} is not enabled.")
