"""A walk over every route by everybody, in their own production and in another one.

python -m tests.permissions.walk     writes the table of what they were answered, permissions.csv
"""

from __future__ import annotations

import csv
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from kitsu_api.db import models as m
from tests import factories
from tests.contract.document import operations
from tests.permissions.bodies import bodies
from tests.routers.data.payloads import BODIES, World, row_of

TABLE = Path(__file__).with_name("permissions.csv")
WRITE = "WRITE_PERMISSIONS"
"""Environment variable that has the walk write the table instead of comparing with it."""

PEOPLE = ("admin", "manager", "supervisor", "artist", "vendor", "client", "bot")
COLUMNS = (
    "method",
    "path",
    "anonymous",
    *(f"{person} {place}" for person in PEOPLE for place in ("own", "other")),
)
PARTS = 6
"""Tests that the walk is cut into, so that several processes share it."""

ONE_OF_TABLE = re.compile(r"/data/([a-z-]+)/{id}")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

SIMPLE = {
    "date": "2026-03-02",
    "year": "2026",
    "month": "3",
    "week": "10",
    "day": "2",
    "month_date": "2026-03",
    "file_name": "file.txt",
    "field_name": "walked_field",
    "entity_type": "Asset",
    "name": "swagger.js",
}
"""Parameters of paths that are no ids."""

LEFT_OUT = {
    ("GET", "/status/test-event"),
    ("GET", "/auth/logout"),
    ("GET", "/status/dashboard/stream"),
}
"""What ends a session, talks to other servers, or has no end; all of it has tests of its own."""


def routes(part: int | None = None) -> list[tuple[str, str]]:
    """Methods and paths, in the order of the table; a part of them, or all."""
    found = sorted((path, method.upper()) for path, method, _ in operations())
    kept = [(method, path) for path, method in found if (method, path) not in LEFT_OUT]
    return kept if part is None else kept[part::PARTS]


class Place:
    """A production with a row of every table that paths name."""

    def __init__(self, make: Any) -> None:
        self.make = make
        self.world = World(make)
        self.ids: dict[str, UUID | str] = {}
        self.rows: dict[str, Any] = {}
        self.bodies: dict[tuple[str, str], Any] = {}

    async def _entity(self, kind: Any, **values: Any) -> Any:
        return await self.make(factories.entity(self.world.project, kind, **values))

    async def store(self, kinds: dict[str, Any]) -> Place:
        await self.world.store()
        for path in sorted(BODIES):
            row = await self.make(row_of(path, await BODIES[path](self.world)))
            self.rows[path] = row
        world, rows = self.world, self.rows
        episode = await self._entity(kinds["Episode"])
        sequence = await self._entity(kinds["Sequence"], parent_id=episode.id)
        shot = await self._entity(kinds["Shot"], parent_id=sequence.id)
        reply_id = uuid4()
        for entity in (episode, sequence, shot):
            kind = await self.make(factories.task_type())
            await self.make(factories.task(entity, kind, world.rows.task_status))
        own_comment = await self.make(
            factories.comment(
                world.task,
                world.person,
                replies=[{"id": str(reply_id), "text": "x", "person_id": str(world.person.id)}],
            )
        )
        attachment = await self.make(m.AttachmentFile(id=uuid4(), name="a", comment_id=own_comment.id))
        chat = await self.make(m.Chat(id=uuid4(), object_id=world.entity.id))
        message = await self.make(m.ChatMessage(id=uuid4(), chat_id=chat.id, person_id=world.person.id))
        own_job = await self.make(factories.job(project_id=world.project.id, status="failed"))
        own_news = await self.make(factories.news(world.task, world.person))
        self.rows["access-groups"] = await self.make(factories.access_group(world.project))
        webhook = await self.make(factories.webhook(world.person, world.project))
        delivery = await self.make(factories.webhook_delivery(webhook))
        report = await self.make(factories.report(world.person, world.project, shared=True))
        sheet = await self.make(factories.sheet_import(world.person, world.project))
        mapping = await self.make(
            m.ImportMapping(id=uuid4(), kind="shots", project_id=world.project.id, fields={})
        )
        self.ids = {
            "project_id": world.project.id,
            "task_id": world.task.id,
            "entity_id": world.entity.id,
            "asset_id": world.entity.id,
            "instance_id": rows["preview-files"].id,
            "temporal_entity_id": shot.id,
            "episode_id": episode.id,
            "sequence_id": sequence.id,
            "shot_id": shot.id,
            "person_id": world.person.id,
            "task_type_id": world.rows.task_type.id,
            "task_status_id": world.rows.task_status.id,
            "asset_type_id": world.rows.entity_type.id,
            "comment_id": own_comment.id,
            "reply_id": reply_id,
            "attachment_file_id": attachment.id,
            "chat_message_id": message.id,
            "news_id": own_news.id,
            "job_id": own_job.id,
            "filter_id": rows["search-filters"].id,
            "filter_group_id": rows["search-filter-groups"].id,
            "entry_id": rows["budget-entries"].id,
            "webhook_id": webhook.id,
            "delivery_id": delivery.id,
            "report_id": report.id,
            "import_id": sheet.id,
            "mapping_id": mapping.id,
        }
        for name in ("Scene", "Edit", "Concept"):
            self.ids[f"{name.lower()}_id"] = (await self._entity(kinds[name])).id
        folder = await self._entity(kinds["ConceptFolder"])
        self.ids["concept_folder_id"] = folder.id
        for path in sorted(BODIES):
            self.bodies["POST", f"/data/{path}"] = await BODIES[path](world)
        kind = await self.make(factories.task_type())
        other = await self.make(factories.task(world.entity, kind, world.rows.task_status))
        more = {"other_task_id": other.id, "output_type_id": rows["output-types"].id}
        self.bodies |= bodies(self.ids | more)
        return self

    def path(self, path: str) -> str:
        """The path with the rows of this production in it."""

        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name == "id" and (table := ONE_OF_TABLE.match(path)):
                row = self.rows.get(table[1])
                return str(row.id if row is not None else uuid4())
            if name in self.ids:
                return str(self.ids[name])
            plural = name.removesuffix("_id").replace("_", "-") + "s"
            if plural in self.rows:
                return str(self.rows[plural].id)
            return SIMPLE.get(name, str(uuid4()))

        return re.sub(r"{(\w+)}", value, path)

    def body(self, method: str, path: str) -> Any:
        """What is sent to a route."""
        return self.bodies.get((method, path), {}) if method in ("POST", "PUT", "PATCH") else None

    def own_ids(self) -> set[str]:
        """The ids of what is this production's alone: rows of the library and people are the studio's."""
        shared = {
            *("persons", "departments", "studios", "softwares", "hardware-items", "task-types"),
            *("task-status", "entity-types", "project-status", "organisations", "output-types"),
            *("file-status", "plugins", "custom-actions", "status-automations", "salary-scales"),
            *("preview-background-files", "project-templates", "projects", "events", "day-offs"),
        }
        found = {str(row.id) for path, row in self.rows.items() if path not in shared}
        kept = ("person_id", "task_type_id", "task_status_id", "asset_type_id")
        return found | {str(id) for name, id in self.ids.items() if name not in kept}


async def build(make: Any) -> tuple[Place, Place, dict[str, Any]]:
    """The two productions, and the people: all of them in the team of the first one."""
    names = ("Episode", "Sequence", "Shot", "Scene", "Edit", "Concept", "ConceptFolder")
    kinds = {name: await make(factories.entity_type(name=name)) for name in names}
    own, other = [await Place(make).store(kinds) for _ in range(2)]
    roles = {"artist": "user", "bot": "user"}
    people = {}
    for name in PEOPLE:
        values: dict[str, Any] = {"role": roles.get(name, name)}
        person = factories.bot(**values) if name == "bot" else factories.person(**values)
        people[name] = await make(person)
        await make(m.ProjectPersonLink(project_id=own.world.project.id, person_id=person.id))
    await make(m.TaskPersonLink(task_id=own.world.task.id, person_id=people["vendor"].id))
    await make(m.TaskPersonLink(task_id=own.world.task.id, person_id=people["artist"].id))
    return own, other, people


def read_table() -> dict[tuple[str, str], dict[str, str]]:
    """The table as it is kept, by method and path."""
    if not TABLE.exists():
        return {}
    with TABLE.open(newline="") as file:
        return {(row["method"], row["path"]): row for row in csv.DictReader(file)}


def write_table(rows: dict[tuple[str, str], dict[str, str]]) -> None:
    """Keep the table: a line a route, in the order of the paths."""
    with TABLE.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for method, path in routes():
            if (method, path) in rows:
                writer.writerow(rows[method, path])


def differences(found: dict[tuple[str, str], dict[str, str]]) -> Iterator[str]:
    """What was answered otherwise than the table says, a line each."""
    kept = read_table()
    for route, row in found.items():
        before = kept.get(route)
        if before is None:
            yield f"{' '.join(route)}: not in the table"
            continue
        for column in COLUMNS[2:]:
            if row[column] != before[column]:
                yield f"{' '.join(route)}: {column} was {before[column]}, is {row[column]}"


if __name__ == "__main__":
    os.environ[WRITE] = "1"
    TABLE.unlink(missing_ok=True)
    sys.exit(pytest.main(["-n0", "-q", str(Path(__file__).with_name("test_walk.py"))]))
