"""Load a resource and check the right to use it, in one dependency."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends

from kitsu_api.errors import Forbidden, NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import (
    CurrentActor,
    authenticate,
    owner,
    owner_setting_up,
    refreshing,
)

T = TypeVar("T")
Policy = Callable[[Actor, T], bool]

GUARDS: set[Callable[..., Any]] = {authenticate, refreshing, owner, owner_setting_up}
"""Dependencies that count as a declared permission; a test refuses a route that has none."""

POLICIES: dict[Callable[..., Any], Callable[..., bool]] = {}
"""The policy that each dependency made here asks, for whoever explains it."""

PUBLIC_ROUTES: dict[tuple[str, str], str] = {
    ("GET", "/"): "Clients ask for the version before they sign in.",
    ("GET", "/status"): "Monitors have no account.",
    ("GET", "/status.txt"): "Monitors have no account.",
    ("GET", "/status/influx"): "Monitors have no account.",
    ("GET", "/status/resources"): "Monitors have no account.",
    ("GET", "/status/test-event"): "Monitors have no account; the event says nothing.",
    ("GET", "/metrics"): "Prometheus has no account; a setting opens it, another asks for a token.",
    ("GET", "/config"): "The web client draws its sign-in page from it.",
    ("GET", "/openapi.json"): "The document describes routes, not content.",
    ("GET", "/openapi-raw.json"): "The document describes routes, not content.",
    ("GET", "/docs"): "A page that shows the document.",
    ("GET", "/apidocs"): "A page that shows the document.",
    ("GET", "/redoc"): "A page that shows the document.",
    ("GET", "/documentation/{name}"): "Scripts and styles of these pages.",
    ("OPTIONS", "/uploads"): "Clients ask what uploads are understood; browsers send no credentials then.",
    ("POST", "/auth/login"): "Nobody is signed in before.",
    ("POST", "/auth/register"): "Who registers has no account yet; a setting closes it.",
    ("POST", "/auth/reset-password"): "Who forgot the password can't sign in.",
    ("PUT", "/auth/reset-password"): "The mailed token is the proof.",
    ("GET", "/data/report-mails/{token}"): "Whoever got the mail ends it; its token is the proof.",
    ("POST", "/data/report-mails/{token}"): "Whoever got the mail ends it; its token is the proof.",
    ("GET", "/auth/email-otp"): "Asked for in the middle of signing in.",
    ("GET", "/auth/fido"): "Asked for in the middle of signing in.",
    ("POST", "/auth/app-login/token"): "The code of a signed-in browser is the proof.",
    ("GET", "/auth/saml/login"): "Starts signing in elsewhere.",
    ("POST", "/auth/saml/sso"): "Ends signing in elsewhere.",
    ("GET", "/auth/oidc/login"): "Starts signing in elsewhere.",
    ("GET", "/auth/oidc/callback"): "Ends signing in elsewhere.",
    ("GET", "/auth/sso/second-factor"): "Asked for in the middle of signing in elsewhere.",
    ("POST", "/auth/sso/second-factor"): "Asked for in the middle of signing in elsewhere.",
}
"""Routes that anybody may call, and why."""


SHARED_PATHS = "/shared/"
"""Where the token in the path is the right: `permissions/shared_links.py` guards these routes."""


def required(found: T | None) -> T:
    """What a loader has looked for.

    Raises:
        NotFound: there is nothing.
    """
    if found is None:
        raise NotFound
    return found


def guard(load: Callable[..., Awaitable[T]], policy: Callable[[Actor, T], bool]) -> Any:
    """A dependency that gives what `load` found, once `policy` has let the caller pass.

    Raises (in the request):
        Forbidden: the policy says no.
    """

    async def authorise(actor: CurrentActor, resource: Annotated[T, Depends(load, scope="function")]) -> T:
        if not policy(actor, resource):
            raise Forbidden
        return resource

    GUARDS.add(authorise)
    POLICIES[authorise] = policy
    return Depends(authorise, scope="function")


def allow(policy: Callable[[Actor], bool]) -> Any:
    """A dependency that gives the actor, for rights that depend on the actor alone.

    Raises (in the request):
        Forbidden: the policy says no.
    """

    async def authorise(actor: CurrentActor) -> Actor:
        if not policy(actor):
            raise Forbidden
        return actor

    GUARDS.add(authorise)
    POLICIES[authorise] = policy
    return Depends(authorise, scope="function")
