"""Rights that depend on the caller's general role alone."""

from __future__ import annotations

from kitsu_api.permissions.actor import Actor, Role


def anyone(actor: Actor) -> bool:
    """Everybody who is signed in, guests of share links excepted."""
    return not actor.is_guest


def admins(actor: Actor) -> bool:
    """Those who run the studio."""
    return actor.role is Role.ADMIN


def managers(actor: Actor) -> bool:
    """Those who run productions: managers and admins."""
    return actor.role in (Role.ADMIN, Role.MANAGER)


def supervisors(actor: Actor) -> bool:
    """Supervisors and those above them."""
    return actor.role in (Role.ADMIN, Role.MANAGER, Role.SUPERVISOR)


def staff(actor: Actor) -> bool:
    """People of the studio: neither clients nor vendors nor guests."""
    return actor.role not in (Role.CLIENT, Role.VENDOR) and not actor.is_guest


def without_vendors(actor: Actor) -> bool:
    """Everybody but vendors and guests."""
    return actor.role is not Role.VENDOR and not actor.is_guest
