"""A small web client, served beside the API, in a real browser: it signs in, lists, hears and uploads."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.conftest import EMAIL
from tests.factories import PASSWORD

SECONDS = 120

PAGE = """<!doctype html><html><head><title>Studio</title><link rel="icon" href="data:,"></head>
<body><p id="done"></p><script src="/assets/app-1a2b3c4d.js"></script></body></html>"""

SCRIPT = """
const json = {"content-type": "application/json"};
window.begin = async (email, password) => {
  const shown = {};
  const call = async (path, method = "GET", body = undefined) => {
    const headers = body instanceof FormData ? {} : json;
    const text = body === undefined || body instanceof FormData ? body : JSON.stringify(body);
    const answer = await fetch("/api" + path, {method, headers, body: text, credentials: "include"});
    return [answer.status, await answer.json()];
  };
  const signedIn = await call("/auth/login", "POST", {email, password});
  shown.login = signedIn[0];
  shown.listed = (await call("/data/departments"))[1].map(row => row.name);
  const stream = new EventSource("/api/data/events/stream?name=department:new");
  const heard = new Promise(resolve => stream.addEventListener("department:new", e => resolve(e.data)));
  await new Promise(resolve => { stream.onopen = resolve; });
  shown.made = (await call("/data/departments", "POST", {name: "Lighting", color: "#ffffff"}))[0];
  shown.heard = JSON.parse(await heard).name;
  stream.close();
  const socket = new WebSocket("ws://" + location.host + "/socket.io/?EIO=4&transport=websocket");
  shown.socket = await new Promise(resolve => {
    socket.onmessage = message => {
      if (message.data.startsWith("0{")) socket.send("40/events,");
      else resolve(message.data.slice(0, 10));
    };
    socket.onerror = () => resolve("refused");
  });
  socket.close();
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 16;
  canvas.getContext("2d").fillRect(0, 0, 16, 16);
  const picture = await new Promise(resolve => canvas.toBlob(resolve));
  const form = new FormData();
  form.append("file", picture, "face.png");
  shown.uploaded = (await call("/pictures/thumbnails/persons/" + signedIn[1].user.id, "POST", form))[0];
  document.getElementById("done").textContent = JSON.stringify(shown);
};
"""


@pytest.fixture
def web_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "assets" / "app-1a2b3c4d.js").write_text(SCRIPT)
    return folder


async def test_a_web_client_does_its_work_on_the_port_of_the_api(
    served_with, browser: Chrome, web_folder: Path
) -> None:
    address = await served_with(web_folder=web_folder)

    def use() -> dict[str, object]:
        browser.get(f"{address}/productions/some/page")
        browser.execute_script("window.begin(arguments[0], arguments[1])", EMAIL, PASSWORD)
        shown = WebDriverWait(browser, SECONDS).until(
            lambda b: b.execute_script("return document.getElementById('done').textContent")
        )
        return json.loads(shown)

    shown = await asyncio.to_thread(use)
    assert shown["login"] == 200
    assert shown["listed"] == ["Animation"]
    assert shown["made"] == 201
    assert shown["heard"] == "department:new"
    assert str(shown["socket"]).startswith("40/events,")
    assert shown["uploaded"] == 201
    errors = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert errors == []
