"""The page on which somebody shows a second factor who has signed in at an identity provider.

A page of the server's own: no web client has to know of it.
"""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from kitsu_api.db.repositories.accounts import Account
from kitsu_api.errors import BadRequest, TooManyRequests, Unauthorized, errors
from kitsu_api.permissions import cookies
from kitsu_api.permissions.rate_limits import SECOND_FACTOR, Limits
from kitsu_api.permissions.sign_in_flows import Flow
from kitsu_api.routers.auth import Desk
from kitsu_api.routers.sso import welcome_browser
from kitsu_api.services.sso import arriving

PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

router = APIRouter(
    prefix="/auth/sso",
    tags=["Authentication"],
    responses=errors(BadRequest, Unauthorized, TooManyRequests),
    default_response_class=Response,
)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("kitsu_api", "templates/sign_in"), autoescape=True, undefined=StrictUndefined
    )


def _page(account: Account, wrong: str | None = None) -> Response:
    text = (
        _environment()
        .get_template("second_factor.html")
        .render(
            totp=bool(account.totp_enabled),
            mailed=bool(account.email_otp_enabled and account.email),
            wrong=wrong,
        )
    )
    status = HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK
    headers = {"content-security-policy": PAGE_POLICY, "cache-control": "no-store"}
    return HTMLResponse(text, status, headers)


@router.get(
    "/second-factor",
    summary="Ask for a second factor",
    operation_id="show_sso_second_factor",
    responses={200: {"content": {"text/html": {}}}},
)
async def show_sso_second_factor(request: Request, desk: Desk) -> Response:
    """The page that asks for a code, in the middle of signing in elsewhere. 400 for a browser that is not."""
    _, account = await arriving.waiting(desk, request.cookies.get(cookies.flow_cookie(Flow.SECOND_FACTOR)))
    return _page(account)


@router.post(
    "/second-factor",
    summary="Show a second factor",
    operation_id="finish_sso_second_factor",
    status_code=302,
)
async def finish_sso_second_factor(
    request: Request,
    desk: Desk,
    limits: Limits,
    code: Annotated[str, Form(max_length=64, description="Of an app, of a mail, or a recovery code.")] = "",
) -> Response:
    """Leads to the web client, with a session in cookies. A wrong code counts as a failed try to sign in."""
    cookie = request.cookies.get(cookies.flow_cookie(Flow.SECOND_FACTOR))
    state, account = await arriving.waiting(desk, cookie)
    await limits.by_account(SECOND_FACTOR, str(account.id))
    try:
        opened = await arriving.show_second_factor(desk, state, account, code)
    except BadRequest as error:
        return _page(account, error.text)
    return welcome_browser(request, desk, Flow.SECOND_FACTOR, opened)
