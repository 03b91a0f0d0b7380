"""Who hears what: an event of a production goes to the people who may see it."""

from __future__ import annotations

NAMESPACE = "/events"
EVERYBODY = "everybody"
ADMINS = "admins"


def room_of_project(project_id: str) -> str:
    """The room of the people of a production."""
    return f"project:{project_id}"


def room_of_managers(project_id: str) -> str:
    """The room of those who run a production."""
    return f"managers:{project_id}"
