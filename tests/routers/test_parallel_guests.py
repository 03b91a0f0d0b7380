"""Many guests of one share link at once, each with a connection of its own."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from uuid import uuid4

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from kitsu_api.app import connect
from kitsu_api.db.models import Comment, Person, PreviewFile, Task
from tests.routers import sharing

AT_ONCE = 20


@pytest.fixture
async def stage(built_app, settings, migrated_database, valkey, valkey_url):
    engine = create_async_engine(migrated_database.replace("postgresql://", "postgresql+asyncpg://"))
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    built_app.state.settings = settings
    connect(built_app, sessions, valkey)

    async def make(*rows):
        async with sessions() as session:
            for row in rows:
                session.add(row)
                await session.flush()
            await session.commit()
        return rows[0] if len(rows) == 1 else rows

    review = await sharing.stage(make)
    browsers = [
        AsyncClient(transport=ASGITransport(built_app), base_url="http://test") for _ in range(AT_ONCE)
    ]
    yield SimpleNamespace(review=review, browsers=browsers, sessions=sessions)
    for browser in browsers:
        await browser.aclose()
    await engine.dispose()


async def visit(browser, review):
    """Come, comment and draw."""
    guest = await sharing.enter(browser, review)
    await sharing.say(browser, review, guest, text=guest["id"])
    wish = {
        "guest_id": guest["id"],
        "preview_file_id": str(review.preview.id),
        "additions": [{"time": 0.0, "drawing": {"objects": [{"id": str(uuid4()), "type": "rect"}]}}],
    }
    drawn = await browser.put(f"{review.path}/annotations", json=wish)
    assert drawn.status_code == 200, drawn.text
    return guest["id"]


async def test_what_many_guests_say_and_draw_at_once_is_all_kept(stage):
    guests = await asyncio.gather(*(visit(browser, stage.review) for browser in stage.browsers))
    assert len(set(guests)) == AT_ONCE
    async with stage.sessions() as session:
        said = (await session.scalars(select(Comment.text))).all()
        preview = await session.get(PreviewFile, stage.review.preview.id)
        task = await session.get(Task, stage.review.rows.task.id)
        newest = await session.scalar(select(func.max(Comment.created_at)))
        mails = (await session.scalars(select(Person.email).where(Person.is_guest.is_(True)))).all()
    assert sorted(said) == sorted(guests)
    (drawing,) = preview.annotations
    assert sorted(one["createdBy"] for one in drawing["drawing"]["objects"]) == sorted(guests)
    assert task.last_comment_date == newest
    assert len(set(mails)) == AT_ONCE
