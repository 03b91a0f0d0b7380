"""The SQL floor: the fastest statements that were found for the content of an answer, over one connection.

No HTTP, no sign-in, no rights: what no server that asks the database can be faster than.
"""

from __future__ import annotations

import time
from collections import defaultdict
from uuid import UUID

import asyncpg

from bench.dataset import id_of

# pieces of JSON text, joined by the database
_TASK = """'{"id":"'||t.id||'","duration":'||t.duration||',"estimation":'||t.estimation||',"entity_id":"'||t.entity_id
||'","priority":'||t.priority||',"difficulty":'||t.difficulty||',"retake_count":'||t.retake_count
||',"real_start_date":'||coalesce('"'||to_char(t.real_start_date,'YYYY-MM-DD"T"HH24:MI:SS')||'"','null')
||',"start_date":'||coalesce('"'||to_char(t.start_date,'YYYY-MM-DD"T"HH24:MI:SS')||'"','null')
||',"due_date":'||coalesce('"'||to_char(t.due_date,'YYYY-MM-DD"T"HH24:MI:SS')||'"','null')
||',"end_date":'||coalesce('"'||to_char(t.end_date,'YYYY-MM-DD"T"HH24:MI:SS')||'"','null')
||',"last_comment_date":'||coalesce('"'||to_char(t.last_comment_date,'YYYY-MM-DD"T"HH24:MI:SS')||'"','null')
||',"last_preview_file_id":'||coalesce('"'||t.last_preview_file_id||'"','null')
||',"nb_assets_ready":'||coalesce(t.nb_assets_ready,0)||',"task_status_id":"'||t.task_status_id
||'","task_type_id":"'||t.task_type_id||'","project_id":"'||t.project_id||'","data":'||coalesce(t.data::text,'{}')||',"assignees":['"""
_ENTITY = """'{"id":"'||e.id||'","name":'||to_json(e.name)||',"description":'||coalesce(to_json(e.description)::text,'null')
||',"canceled":'||e.canceled||',"nb_frames":'||coalesce(e.nb_frames::text,'null')||',"status":"'||e.status
||'","parent_id":'||coalesce('"'||e.parent_id||'"','null')||',"preview_file_id":'||coalesce('"'||e.preview_file_id||'"','null')
||',"project_id":"'||e.project_id||'","entity_type_id":"'||e.entity_type_id||'","created_at":"'||to_char(e.created_at,'YYYY-MM-DD"T"HH24:MI:SS')
||'","updated_at":"'||to_char(e.updated_at,'YYYY-MM-DD"T"HH24:MI:SS')||'","data":'||coalesce(e.data::text,'{}')"""


class Floors:
    """Statements over one connection of asyncpg; each method gives its seconds."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def board(self, project_id: UUID, kinds: tuple[str, ...]) -> float:
        """Entities of some kinds with their tasks and assignees: three flat statements, joined as text."""
        kind_ids = await self.connection.fetch("SELECT id FROM entity_type WHERE name = ANY ($1)", kinds)
        ids = [row["id"] for row in kind_ids]
        began = time.perf_counter()
        entities = await self.connection.fetch(
            f"SELECT e.id, {_ENTITY} AS text FROM entity e WHERE e.project_id = $1 AND e.entity_type_id = ANY ($2) ORDER BY e.created_at",
            project_id,
            ids,
        )
        tasks = await self.connection.fetch(
            f"SELECT t.id, t.entity_id, {_TASK} AS text FROM task t JOIN entity e ON e.id = t.entity_id WHERE t.project_id = $1 AND e.entity_type_id = ANY ($2)",
            project_id,
            ids,
        )
        links = await self.connection.fetch(
            "SELECT l.task_id, string_agg('\"'||l.person_id||'\"', ',') AS people FROM task_person_link l JOIN task t ON t.id = l.task_id WHERE t.project_id = $1 GROUP BY l.task_id",
            project_id,
        )
        people = {row[0]: row[1] for row in links}
        grouped: defaultdict[UUID, list[str]] = defaultdict(list)
        for id, entity_id, text in tasks:
            grouped[entity_id].append(f"{text}{people.get(id, '')}]}}")
        parts = [f'{text},"tasks":[{",".join(grouped.get(id, ()))}]}}' for id, text in entities]
        body = f"[{','.join(parts)}]".encode()
        assert body
        return time.perf_counter() - began

    async def rows(self, statement: str, *arguments: object) -> float:
        """A statement whose rows come as one column of JSON text."""
        began = time.perf_counter()
        rows = await self.connection.fetch(statement, *arguments)
        body = f"[{','.join(row[0] for row in rows)}]".encode()
        assert body
        return time.perf_counter() - began


ENTITIES = "SELECT row_to_json(e)::text FROM entity e JOIN entity_type y ON y.id = e.entity_type_id WHERE e.project_id = $1 AND y.name = 'Shot'"
TASKS = "SELECT row_to_json(t)::text FROM task t WHERE t.project_id = $1 ORDER BY t.created_at LIMIT 100"
LINKS = "SELECT row_to_json(l)::text FROM entity_link l JOIN entity e ON e.id = l.entity_in_id WHERE e.project_id = $1 ORDER BY l.created_at LIMIT 1000"
NEWS = "SELECT row_to_json(n)::text FROM news n JOIN task t ON t.id = n.task_id WHERE t.project_id = $1 ORDER BY n.created_at DESC LIMIT 50"
COMMENTS = "SELECT row_to_json(c)::text FROM comment c WHERE c.object_id = $1 ORDER BY c.created_at DESC"
ONE_TASK = "SELECT row_to_json(t)::text FROM task t WHERE t.id = $1"
ONE_ENTITY = "SELECT row_to_json(e)::text FROM entity e WHERE e.id = $1"
PERSONS = "SELECT row_to_json(p)::text FROM (SELECT id, first_name, last_name, email, role FROM person) p"
EVENTS = "SELECT row_to_json(e)::text FROM api_event e ORDER BY e.created_at DESC LIMIT 1000"

BIG, MEDIUM = id_of("project", 1), id_of("project", 2)
TASK, BUSY, SHOT, ARTIST = id_of("task", 200), id_of("task", 101), id_of("shot", 7), id_of("person", 2)
