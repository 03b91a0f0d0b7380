"""A served application, and a browser that reaches nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from kitsu_api.app import create_app
from kitsu_api.embedded.ports import free_port
from tests import factories
from tests.conftest import make_settings

EMAIL = "admin@studio.test"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,1600",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@pytest.fixture
async def served_with(
    tmp_path: Path, migrated_database: str, valkey_url: str
) -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """`await served_with(web_folder=…)`: address of a running server with these settings, and an admin and a
    department in its database."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    async def serve(**changes: Any) -> str:
        settings = make_settings(tmp_path, migrated_database, valkey_url).model_copy(update=changes)
        engine = create_async_engine(str(settings.postgres_url))
        async with AsyncSession(engine) as session:
            session.add(factories.person(role="admin", email=EMAIL))
            session.add(factories.department(name="Animation"))
            await session.commit()
        await engine.dispose()
        port = free_port()
        config = uvicorn.Config(create_app(settings), host="127.0.0.1", port=port, log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        running.append((server, thread))
        thread.start()
        deadline = time.monotonic() + 30
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert server.started, "The server did not start."
        return f"http://127.0.0.1:{port}"

    yield serve
    for server, thread in running:
        server.should_exit = True
        thread.join(timeout=20)


@pytest.fixture
async def served(served_with: Callable[..., Awaitable[str]]) -> str:
    """Address of a running server, with an admin and a department in its database."""
    return await served_with()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chrome]:
    """Headless Chromium with an empty profile; skips where there is none."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("needs Chromium and chromedriver (Debian: apt-get install chromium chromium-driver)")
    options = ChromeOptions()
    options.binary_location = binary
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    quiet = {**os.environ, "SE_OFFLINE": "true", "SE_AVOID_STATS": "true"}
    service = ChromeService(executable_path=driver, env=quiet, log_output=subprocess.DEVNULL)
    chrome = Chrome(options=options, service=service)
    yield chrome
    chrome.quit()
