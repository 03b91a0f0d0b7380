"""What the history costs those who write: python -m tests.db.history_cost

Starts a PostgreSQL of its own, and prints how long updates of tasks take without and with the triggers.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import asyncpg

from kitsu_api.db import migrations
from kitsu_api.embedded import services

TASKS, ROUNDS, SINGLE = 1000, 9, 200
ROWS = (
    "INSERT INTO entity_type (id, name) VALUES (gen_random_uuid(), 'Prop')",
    "INSERT INTO project (id, name, production_style) VALUES (gen_random_uuid(), 'Film', '2d')",
    "INSERT INTO entity (id, name, project_id, entity_type_id, status)"
    f" SELECT gen_random_uuid(), 'Tree ' || i, project.id, entity_type.id, 'running'"
    f" FROM project, entity_type, generate_series(1, {TASKS}) AS i",
    "INSERT INTO task (id, name, project_id, entity_id, priority, data)"
    """ SELECT gen_random_uuid(), 'main', project_id, id, 0, '{"fps": 24}' FROM entity""",
)


async def measure(connection: asyncpg.Connection) -> tuple[float, float]:
    """Median milliseconds of an update of all tasks, and of one of a single task."""
    ids = [row[0] for row in await connection.fetch(f"SELECT id FROM task LIMIT {SINGLE}")]
    one = await connection.prepare("UPDATE task SET priority = priority + 1 WHERE id = $1 RETURNING id")
    together, single = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await connection.execute("UPDATE task SET priority = priority + 1")
        together.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        async with connection.transaction():
            for id in ids:
                await one.fetchval(id)
        single.append((time.perf_counter() - began) * 1000 / SINGLE)
        await connection.execute("VACUUM task")
    return statistics.median(together), statistics.median(single)


async def main(url: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    for statement in ROWS:
        await connection.execute(statement)
    for words, change in (
        ("without", "DISABLE"),
        ("with", "ENABLE"),
        ("without", "DISABLE"),
        ("with", "ENABLE"),
    ):
        await connection.execute(f"ALTER TABLE task {change} TRIGGER kitsu_api_history")
        together, single = await measure(connection)
        print(f"{words:8} {TASKS} tasks {together:7.1f} ms   one task {single:6.3f} ms")
    await connection.close()


if __name__ == "__main__":
    folder = Path(tempfile.mkdtemp(prefix="kitsu-history-"))
    try:
        folder.chmod(0o711)
        with services.start(folder / "data", durable=False) as started:
            migrations.upgrade(started.postgres_url)
            asyncio.run(main(started.postgres_url))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
