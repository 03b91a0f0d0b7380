"""From a request to its actor: token, revocation, account."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.attribution import Author, note_author
from kitsu_api.db.engine import Session, Sessions
from kitsu_api.db.repositories.actors import ActorRow, find_actor
from kitsu_api.db.straight import StraightSession
from kitsu_api.errors import Forbidden, Unauthorized
from kitsu_api.permissions import api_keys, idempotency, tokens
from kitsu_api.permissions.actor import Actor, KeyLimits, Role
from kitsu_api.permissions.callers import Caller, Callers
from kitsu_api.permissions.client_programs import program_of
from kitsu_api.permissions.csrf import check_csrf
from kitsu_api.permissions.in_loop import in_loop
from kitsu_api.permissions.preconditions import refuse_unknown_state
from kitsu_api.permissions.revocation import is_revoked
from kitsu_api.permissions.tokens import Claims, IdentityType, TokenType
from kitsu_api.settings import Settings

ACCESS_COOKIE = "access_token_cookie"
REFRESH_COOKIE = "refresh_token_cookie"


def settings_of(request: Request) -> Settings:
    """The settings of the app that serves the request."""
    settings: Settings = request.app.state.settings
    return settings


def valkey_of(request: Request) -> Redis:
    """The Valkey client of the app that serves the request."""
    valkey: Redis = request.app.state.valkey
    return valkey


AppSettings = Annotated[Settings, Depends(in_loop(settings_of))]
Valkey = Annotated[Redis, Depends(in_loop(valkey_of))]


def token_of(request: Request, cookie: str) -> str:
    """The token that came with a request: the `Authorization: Bearer` header, else the cookie.

    Raises:
        Unauthorized: there is none.
    """
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials:
        return credentials.strip()
    token = request.cookies.get(cookie)
    if not token:
        raise Unauthorized
    check_csrf(request, settings_of(request), token)
    return token


def claims_of(request: Request, type: TokenType, token: str) -> Claims:
    """The claims of the request's token, which may have been revoked.

    Raises:
        Unauthorized: it is expired, or of the other type.
        Malformed: it is no token of ours.
    """
    claims = tokens.read(settings_of(request), token)
    if claims.type is not type:
        raise Unauthorized(f"This route takes a {type.value} token.")
    return claims


def actor_from(row: ActorRow, claims: Claims) -> Actor:
    """The actor that a person's row and a token make.

    Raises:
        Unauthorized: the account is closed or out of date, or a bot's token was replaced.
    """
    if not row.active or (row.expiration_date is not None and row.expiration_date < date.today()):
        raise Unauthorized("This account is not active.")
    if claims.key is None and row.is_bot and row.token_id != claims.token_id:
        raise Unauthorized("This token of the bot was replaced by another one.")
    actor = _actor(row, is_guest=claims.identity is IdentityType.GUEST, restricted=claims.restricted)
    return actor if claims.key is None else _limited(actor, claims.key)


def _limited(actor: Actor, key: KeyLimits) -> Actor:
    """Somebody as far as their API key goes: an admin's for some productions runs these, not the studio."""
    if key.projects is None:
        return replace(actor, key=key)
    if actor.is_admin:
        roles = dict.fromkeys(key.projects, Role.MANAGER)
        return replace(actor, key=key, role=Role.MANAGER, project_roles=roles)
    roles = {id: role for id, role in actor.project_roles.items() if id in key.projects}
    return replace(actor, key=key, project_roles=roles)


def actor_of_row(row: ActorRow) -> Actor | None:
    """Somebody as they are, whoever asks and with whatever token; None when the account is closed."""
    if not row.active or (row.expiration_date is not None and row.expiration_date < date.today()):
        return None
    return _actor(row)


def _grants(row: ActorRow) -> dict[UUID, frozenset[str]]:
    """What groups add in each production of somebody's; a group for all productions counts in these alone."""
    found: dict[UUID, frozenset[str]] = {}
    for project_id, names in row.grants:
        for id in row.project_roles if project_id is None else (project_id,):
            found[id] = found.get(id, frozenset()).union(names)
    return found


def _actor(row: ActorRow, *, is_guest: bool = False, restricted: bool = False) -> Actor:
    role = Role(row.role)
    return Actor(
        id=row.id,
        role=role,
        email=row.email,
        departments=frozenset(row.departments),
        project_roles={project: Role(own) if own else role for project, own in row.project_roles.items()},
        grants=_grants(row) if row.grants else {},
        is_bot=row.is_bot,
        is_guest=row.is_guest or is_guest,
        restricted=restricted,
    )


async def authenticate(request: Request, session: Session) -> Actor:
    """The caller, whatever the state of the account's second factor.

    Raises:
        Unauthorized: nobody is signed in, or no longer.
        Forbidden: it is a guest of a share link, or an API key that is not good for this.
        Malformed: the token is none of ours.
    """
    if api_keys.is_key(token := token_of(request, ACCESS_COOKIE)):
        claims, row, stale = await api_keys.read(session, token)
        if await is_revoked(valkey_of(request), claims):
            raise Unauthorized("The API key has been revoked.")
        api_keys.check_reach(claims, request.method, request.scope["path"])
        if stale:
            sessions: Sessions = request.app.state.sessions
            request.state.afterwards = partial(api_keys.note_use, sessions, UUID(claims.token_id))
        return await _enter(request, session, claims, row, row.client)
    return await _actor_of(request, session, claims_of(request, TokenType.ACCESS, token))


async def _actor_of(request: Request, session: Session, claims: Claims) -> Actor:
    program = program_of(request.headers.get("user-agent", ""))
    if isinstance(session, StraightSession) and session.reads:
        callers: Callers = request.app.state.callers
        caller = await callers.find(claims)
    else:
        caller = await _caller(request, session, claims, program)
    if caller.revoked:
        raise Unauthorized("The token has been revoked. Log in again.")
    if caller.row is None:
        raise Unauthorized
    return await _enter(request, session, claims, caller.row, program)


async def _caller(request: Request, session: AsyncSession, claims: Claims, program: str) -> Caller:
    """Who asks, looked up in the transaction that writes, which is told who it is."""
    # Valkey and PostgreSQL are asked at the same time
    revoked = asyncio.ensure_future(is_revoked(valkey_of(request), claims))
    try:
        return Caller(await find_actor(session, claims.person_id, program), await revoked)
    finally:
        revoked.cancel()


async def _enter(
    request: Request, session: AsyncSession, claims: Claims, row: ActorRow, program: str
) -> Actor:
    actor = actor_from(row, claims)
    if actor.is_guest:  # they have the routes of their link, and nothing else, whatever their row says
        raise Forbidden("Guests of a share link reach what is shared by it alone.")
    request.state.actor, request.state.claims = actor, claims
    note_author(Author(actor.id, program))
    refuse_unknown_state(request)
    if idempotency.HEADER in request.headers:
        valkey, settings = valkey_of(request), settings_of(request)
        request.state.once = await idempotency.begin(request, session, valkey, settings, actor.id)
    return actor


async def refreshing(request: Request, session: Session) -> Actor:
    """The caller who shows a refresh token, to get a new access token for it.

    Raises:
        Unauthorized: the token is missing, revoked, out of date or an access token.
        Malformed: the token is none of ours.
    """
    token = token_of(request, REFRESH_COOKIE)
    return await _actor_of(request, session, claims_of(request, TokenType.REFRESH, token))


def claims_in(request: Request) -> Claims:
    """What the token said that let this request in."""
    claims: Claims = request.state.claims
    return claims


ShownClaims = Annotated[Claims, Depends(in_loop(claims_in))]
"""Declare it after the guard: it reads what the guard has checked."""

Refreshing = Annotated[Actor, Depends(refreshing, scope="function")]
SignedIn = Annotated[Actor, Depends(authenticate, scope="function")]


async def current_actor(actor: SignedIn) -> Actor:
    """The caller, who has done all that signing in asks for.

    Raises:
        Forbidden: a second factor has to be set up first.
    """
    if actor.restricted:
        raise Forbidden("Set up two-factor authentication first.", two_factor_authentication_required=True)
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor, scope="function")]


async def owner_setting_up(actor: SignedIn) -> Actor:
    """A person on their own account, whose second factor may be missing yet.

    Raises:
        Forbidden: bots and guests of share links have no account to look after.
    """
    if actor.is_bot or actor.is_guest:
        raise Forbidden("Only people have an account to look after.")
    return actor


async def owner(actor: CurrentActor) -> Actor:
    """A person on their own account.

    Raises:
        Forbidden: bots and guests of share links have none, or a second factor has to be set up first.
    """
    return await owner_setting_up(actor)


OwnerSettingUp = Annotated[Actor, Depends(owner_setting_up, scope="function")]
Owner = Annotated[Actor, Depends(owner, scope="function")]
