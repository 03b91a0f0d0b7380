"""The dashboard as an admin sees it: in a browser, live, with a failed job that is tried again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from kitsu_api.db.base import now
from kitsu_api.db.models import JobStatus
from tests import factories
from tests.browser.conftest import EMAIL
from tests.factories import PASSWORD

SECONDS = 120

SIGN_IN = """
const done = arguments[arguments.length - 1];
fetch("/auth/login", {
  method: "POST",
  headers: {"content-type": "application/json"},
  body: JSON.stringify({email: arguments[0], password: arguments[1]}),
}).then(answer => done(answer.status));
"""


async def test_an_admin_watches_and_tries_a_failed_job_again(
    served: str, migrated_database: str, browser: Chrome, tmp_path: Path
) -> None:
    engine = create_async_engine(migrated_database.replace("postgresql://", "postgresql+asyncpg://"))
    async with AsyncSession(engine, expire_on_commit=False) as session:
        job = factories.job(status=JobStatus.FAILED.value, ended_at=now(), error="It was damaged.")
        session.add(job)
        await session.commit()
    await engine.dispose()
    picture = tmp_path / "dashboard.png"

    def watch() -> list[str]:
        browser.get(f"{served}/docs")
        assert browser.execute_async_script(SIGN_IN, EMAIL, PASSWORD) == 200
        browser.get(f"{served}/status/dashboard")
        wait = WebDriverWait(browser, SECONDS)
        wait.until(lambda b: b.find_element("id", "live").text == "live")
        assert "It was damaged." in browser.page_source
        browser.save_screenshot(str(picture))
        browser.find_element("css selector", f"#job-{job.id} button").click()
        wait.until(lambda b: "It was damaged." not in b.page_source)
        return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]

    assert await asyncio.to_thread(watch) == []
    assert picture.stat().st_size > 10_000
