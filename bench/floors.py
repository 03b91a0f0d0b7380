"""The SQL floor: the fastest statements that were found for the same JSON as an answer holds, over one connection.

No HTTP, no sign-in, no rights, no names of answers: what no server that asks the database can be faster than.
Each row comes as text that PostgreSQL joins; what it is joined from is looked up in the catalog once.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from uuid import UUID

import asyncpg

from bench.dataset import id_of
from kitsu_api.db.repositories import board_fields

PLAIN = ("bool", "int2", "int4", "int8", "float4", "float8", "json", "jsonb")
SECRETS = (
    *("password", "jti", "totp_secret", "email_otp_secret", "otp_recovery_codes", "fido_credentials"),
    *(
        "login_failed_attemps",
        "last_login_failed",
        "oidc_issuer",
        "oidc_subject",
        "saml_issuer",
        "saml_subject",
    ),
)
CARD = (
    "json_build_object('id', p.id, 'first_name', p.first_name, 'last_name', p.last_name,"
    " 'full_name', btrim(p.first_name||' '||p.last_name), 'has_avatar', p.has_avatar, 'role', p.role)"
)


def _value(reference: str, kind: str, *, nullable: bool) -> str:
    """SQL that writes a column as JSON text."""
    if kind == "uuid":
        text = f"'\"'||{reference}||'\"'"
    elif kind == "timestamp":
        text = f"to_json(date_trunc('second', {reference}))::text"
    else:
        text = f"{reference}::text" if kind in PLAIN else f"to_json({reference})::text"
    return f"coalesce({text},'null')" if nullable else text


class Floors:
    """Statements over one connection of asyncpg; each method gives its seconds, and leaves the `body`."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self.body = b""
        self._known: dict[str, str] = {}

    async def _members(self, table: str, alias: str, without: Collection[str] = ()) -> str:
        """The columns of a table as the members of an object, without the brackets."""
        key = f"{table} {alias} {without}"
        if key not in self._known:
            rows = await self.connection.fetch(
                "SELECT column_name, udt_name, is_nullable FROM information_schema.columns"
                " WHERE table_name = $1 ORDER BY ordinal_position",
                table,
            )
            self._known[key] = "||',".join(
                f'"{name}":\'||' + _value(f'{alias}."{name}"', kind, nullable=nullable == "YES")
                for name, kind, nullable in rows
                if name not in without
            )
        return f"'{self._known[key]}"

    async def board(self, project_id: UUID, board: board_fields.Board, person_id: UUID) -> float:
        """A board, by one statement that looks up the tasks of one entity at a time: three flat statements,
        whose rows are joined here, take twice as long."""
        entity = "||',".join(f'"{name}":\'||{sql}' for name, sql in board.fields).replace(
            f"||{board_fields.DATA}", "||coalesce(nullif(entity.data,'null'::jsonb)::text,'{}')"
        )
        task = "||',".join(f'"{name}":\'||{sql}' for name, sql in board.task_fields)
        statement = BOARD.format(entity=entity, task=task, more=CASTING if "casting" in board.joins else "")
        return await self._rows(statement, project_id, await self._kinds(board), person_id)

    async def _kinds(self, board: board_fields.Board) -> list[UUID]:
        named = "('Shot', 'Sequence', 'Episode', 'Scene', 'Edit', 'Concept', 'ConceptFolder')"
        which = f"name NOT IN {named}" if board.kind == "Asset" else f"name = '{board.kind}'"
        return [row[0] for row in await self.connection.fetch(f"SELECT id FROM entity_type WHERE {which}")]

    async def _rows(self, statement: str, *arguments: object) -> float:
        """A statement whose rows come as one column of JSON text."""
        began = time.perf_counter()
        rows = await self.connection.fetch(statement, *arguments)
        self.body = f"[{','.join(row[0] for row in rows)}]".encode()
        return time.perf_counter() - began

    async def entities(self, project_id: UUID) -> float:
        """The shots of a production."""
        kind = (await self._kinds(board_fields.SHOTS))[0]
        members = await self._members("entity", "e")
        return await self._rows(
            f"SELECT '{{'||{members}||',\"type\":\"Shot\"}}' FROM entity e"
            " WHERE e.project_id = $1 AND e.entity_type_id = $2 ORDER BY e.created_at, e.id",
            project_id,
            kind,
        )

    async def tasks(self, project_id: UUID, *, assignees: bool) -> float:
        """The newest 100 tasks of a production, and how many there are."""
        members = await self._members("task", "t")
        people = (
            "||',\"assignees\":'||coalesce((SELECT json_agg(l.person_id) FROM task_person_link l"
            " WHERE l.task_id = t.id)::text,'[]')"
        )
        taken = await self._rows(
            f"SELECT '{{'||{members}{people if assignees else ''}||',\"type\":\"Task\"}}' FROM task t"
            " WHERE t.project_id = $1 ORDER BY t.created_at DESC, t.id DESC LIMIT 100",
            project_id,
        )
        return taken + await self._counted("SELECT count(*) FROM task WHERE project_id = $1", project_id)

    async def _counted(self, statement: str, *arguments: object) -> float:
        began = time.perf_counter()
        await self.connection.fetchrow(statement, *arguments)
        return time.perf_counter() - began

    async def links(self, project_id: UUID, limit: int | None = None) -> float:
        """The castings of a production, oldest first."""
        members = await self._members("entity_link", "l", ("created_at", "updated_at", "shotgun_id"))
        moment = "to_char(l.created_at,'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
        return await self._rows(
            f'SELECT \'{{\'||{members}||\',"created_at":"\'||{moment}||\'","type":"EntityLink"}}\' FROM entity_link l'
            " JOIN entity e ON e.id = l.entity_in_id WHERE e.project_id = $1 ORDER BY l.created_at LIMIT $2",
            project_id,
            limit,
        )

    async def news(self, project_id: UUID, offset: int) -> float:
        """50 news of a production with what they show, how many there are, and the changes by status."""
        taken = await self._rows(NEWS.format(card=CARD), project_id, offset)
        return taken + await self._counted(COUNTED_NEWS, project_id)

    async def comments(self, task_id: UUID) -> float:
        """All comments of a task with their authors, statuses, previews and links."""
        members = await self._members("comment", "c", ("replies",))
        return await self._rows(COMMENTS.format(card=CARD, members=members), task_id)

    async def persons(self) -> float:
        """All persons, without what is secret."""
        members = await self._members("person", "p", SECRETS)
        name = "to_json(btrim(p.first_name||' '||p.last_name))"
        return await self._rows(
            f"SELECT '{{'||{members}||',\"full_name\":'||{name}||',\"type\":\"Person\"}}' FROM person p ORDER BY p.created_at, p.id"
        )

    async def events(self) -> float:
        """The last 1,000 events."""
        members = await self._members("api_event", "e", ("updated_at",))
        return await self._rows(
            f"SELECT '{{'||{members}||'}}' FROM api_event e ORDER BY e.created_at DESC LIMIT 1000"
        )

    async def one_task(self, task_id: UUID) -> float:
        """A task with its assignees."""
        members = await self._members("task", "t")
        return await self._rows(
            f'SELECT \'{{\'||{members}||\',"type":"Task","assignees":\'||coalesce((SELECT json_agg(l.person_id)'
            " FROM task_person_link l WHERE l.task_id = t.id)::text,'[]')||'}' FROM task t WHERE t.id = $1",
            task_id,
        )

    async def one_entity(self, entity_id: UUID) -> float:
        """An entity with what it casts, what casts it, its concepts and instances."""
        members = await self._members("entity", "e")
        links = "".join(
            f"||',\"{name}\":'||coalesce((SELECT json_agg(l.{other}) FROM {table} l WHERE l.{own} = e.id)::text,'[]')"
            for name, table, own, other in (
                ("entities_out", "entity_link", "entity_in_id", "entity_out_id"),
                ("entities_in", "entity_link", "entity_out_id", "entity_in_id"),
                ("entity_concept_links", "entity_concept_link", "entity_in_id", "entity_out_id"),
                ("instance_casting", "asset_instance_link", "entity_id", "asset_instance_id"),
            )
        )
        return await self._rows(
            f"SELECT '{{'||{members}{links}||',\"type\":\"Shot\"}}' FROM entity e WHERE e.id = $1", entity_id
        )


CASTING = """LEFT JOIN (
        SELECT l.entity_out_id, string_agg('"'||c.id||'"', ',') AS ids FROM entity_link l
        JOIN entity c ON c.id = l.entity_in_id JOIN entity_type k ON k.id = c.entity_type_id AND k.name = 'Episode'
        GROUP BY 1) casting ON casting.entity_out_id = entity.id"""
BOARD = """
SELECT entity.text||',"tasks":['||coalesce(tasks.text, '')||']}}' FROM (
    SELECT entity.id, '{{{entity} AS text FROM entity JOIN project ON project.id = entity.project_id
    JOIN entity_type ON entity_type.id = entity.entity_type_id
    LEFT JOIN entity parent ON parent.id = entity.parent_id LEFT JOIN entity above ON above.id = parent.parent_id {more}
    WHERE entity.project_id = $1 AND entity.entity_type_id = ANY ($2)
    ORDER BY entity.created_at, entity.id OFFSET 0) entity
CROSS JOIN LATERAL (SELECT string_agg('{{{task}||'}}', ',') AS text FROM task
    CROSS JOIN LATERAL (SELECT string_agg('"'||l.person_id||'"', ',') AS ids
        FROM task_person_link l WHERE l.task_id = task.id) assignees
    CROSS JOIN LATERAL (SELECT task.id IN (SELECT s.task_id FROM subscription s
        WHERE s.person_id = $3 AND s.task_id IS NOT NULL) AS found) subscribed
    WHERE task.entity_id = entity.id) tasks
"""
NEWS = """
WITH page AS MATERIALIZED (
    SELECT n.*, t.task_type_id, t.entity_id, t.project_id FROM news n JOIN task t ON t.id = n.task_id
    WHERE t.project_id = $1 ORDER BY n.created_at DESC, n.id DESC LIMIT 50 OFFSET $2
)
SELECT json_build_object('id', n.id, 'type', 'News', 'author_id', n.author_id, 'comment_id', n.comment_id,
    'task_id', n.task_id, 'task_type_id', n.task_type_id, 'task_status_id', c.task_status_id,
    'task_entity_id', n.entity_id, 'preview_file_id', n.preview_file_id, 'preview_file_extension', f.extension,
    'preview_file_revision', f.revision, 'project_id', n.project_id, 'project_name', r.name,
    'created_at', date_trunc('second', n.created_at), 'change', n.change,
    'full_entity_name', CASE WHEN y.name IN ('Shot', 'Sequence', 'Episode', 'Scene', 'Edit')
        THEN concat_ws(' / ', a.name, h.name, e.name) ELSE concat_ws(' / ', y.name, e.name) END, 'episode_id', h.parent_id,
    'entity_preview_file_id', e.preview_file_id, 'person', {card})::text
FROM page n JOIN project r ON r.id = n.project_id JOIN entity e ON e.id = n.entity_id
JOIN entity_type y ON y.id = e.entity_type_id JOIN person p ON p.id = n.author_id LEFT JOIN entity h ON h.id = e.parent_id LEFT JOIN entity a ON a.id = h.parent_id
LEFT JOIN comment c ON c.id = n.comment_id LEFT JOIN preview_file f ON f.id = n.preview_file_id
ORDER BY n.created_at DESC, n.id DESC
"""
COUNTED_NEWS = """
SELECT (SELECT count(*) FROM news n JOIN task t ON t.id = n.task_id WHERE t.project_id = $1),
    (SELECT json_object_agg(task_status_id, amount) FROM (
        SELECT c.task_status_id, count(*) AS amount FROM news n JOIN task t ON t.id = n.task_id
        JOIN comment c ON c.id = n.comment_id WHERE t.project_id = $1 AND n.change GROUP BY 1) AS changes)
"""
COMMENTS = """
WITH people AS MATERIALIZED (SELECT p.id, {card}::text AS card FROM person p)
SELECT '{{'||{members}||',"type":"Comment","replies":'||CASE WHEN c.replies = '[]' THEN '[]' ELSE (
        SELECT coalesce(jsonb_agg(r.value||jsonb_build_object('person', h.card::jsonb) ORDER BY r.place), '[]')::text
        FROM jsonb_array_elements(c.replies) WITH ORDINALITY AS r (value, place)
        LEFT JOIN people h ON h.id = (r.value->>'person_id')::uuid) END
    ||',"person":'||coalesce(a.card,'null')
    ||',"task_status":'||json_build_object('name', s.name, 'short_name', s.short_name, 'color', s.color, 'id', s.id)
    ||',"previews":'||coalesce((SELECT json_agg(json_build_object('id', f.id, 'revision', f.revision,
        'extension', f.extension, 'width', f.width, 'height', f.height, 'duration', f.duration, 'status', f.status,
        'validation_status', f.validation_status, 'original_name', f.original_name, 'position', f.position,
        'annotations', f.annotations, 'task_id', f.task_id) ORDER BY f.position) FROM comment_preview_link k
        JOIN preview_file f ON f.id = k.preview_file WHERE k.comment = c.id)::text,'[]')
    ||',"mentions":'||coalesce((SELECT json_agg(k.person) FROM comment_mentions k WHERE k.comment = c.id)::text,'[]')
    ||',"department_mentions":'||coalesce((SELECT json_agg(k.department) FROM comment_department_mentions k
        WHERE k.comment = c.id)::text,'[]')
    ||',"acknowledgements":'||coalesce((SELECT json_agg(k.person) FROM comment_acknoledgments k
        WHERE k.comment = c.id)::text,'[]')
    ||',"attachment_files":'||coalesce((SELECT json_agg(json_build_object('id', k.id, 'name', k.name,
        'extension', k.extension, 'size', k.size)) FROM attachment_file k WHERE k.comment_id = c.id)::text,'[]')||'}}'
FROM comment c JOIN task_status s ON s.id = c.task_status_id LEFT JOIN people a ON a.id = c.person_id
WHERE c.object_id = $1 ORDER BY c.pinned DESC NULLS LAST, c.created_at DESC, c.id
"""

BIG, MEDIUM = id_of("project", 1), id_of("project", 2)
TASK, BUSY, SHOT, ARTIST = id_of("task", 200), id_of("task", 101), id_of("shot", 7), id_of("person", 2)
ADMIN = id_of("person", 1)
