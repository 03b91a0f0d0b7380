"""Tells events to the listeners of every process, through Valkey."""

from __future__ import annotations

from typing import Any

import socketio

from kitsu_api.realtime.rooms import ADMINS, EVERYBODY, NAMESPACE, room_of_managers, room_of_project


class SocketPublisher:
    """Events as socket.io messages: those of a production to its people and to admins, others to all."""

    def __init__(self, manager: socketio.AsyncManager) -> None:
        self._manager = manager

    async def publish(self, name: str, data: dict[str, Any], project_id: str | None) -> None:
        """Tell the listeners who may hear of it."""
        rooms = [EVERYBODY] if project_id is None else [room_of_project(project_id), ADMINS]
        await self._emit(name, data, rooms)

    async def publish_to_managers(self, name: str, data: dict[str, Any], project_id: str | None) -> None:
        """Tell those who run the production, and admins; without a production, admins alone."""
        rooms = [ADMINS] if project_id is None else [room_of_managers(project_id), ADMINS]
        await self._emit(name, data, rooms)

    async def _emit(self, name: str, data: dict[str, Any], rooms: list[str]) -> None:
        for room in rooms:
            await self._manager.emit(name, data, namespace=NAMESPACE, room=room)
