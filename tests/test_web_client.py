"""A built web client and the API share one port: each gets what is meant for it."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import brotli
import pytest
from httpx import ASGITransport, AsyncClient

from kitsu_api.app import connect, create_app

PAGE = "<!doctype html><title>Studio</title><script>window.begun = 1</script><script src=/assets/x></script>"
SCRIPT = "console.log('a script that is worth compressing');\n" * 40
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HASHED = "/assets/index-Bx81_kQa.js"


@pytest.fixture
def web_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / HASHED.lstrip("/")).write_text(SCRIPT)
    (folder / "assets" / "my-component.js").write_text(SCRIPT)
    (folder / "assets" / "ready-1a2b3c4d.css").write_text("a { color: red }")
    (folder / "assets" / "ready-1a2b3c4d.css.br").write_bytes(brotli.compress(b"a { color: red }"))
    (folder / "status").write_text("no status")
    (folder / ".env").write_text("secret")
    (tmp_path / "outside.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    return folder


@pytest.fixture
async def web(web_folder, settings, sessions, valkey):
    app = create_app(settings.model_copy(update={"web_folder": web_folder}))
    connect(app, sessions, valkey)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/login", "/productions/1/assets", "/people/", "/index.html"])
async def test_pages_of_the_app_are_its_index(web, path):
    answer = await web.get(path, headers=BROWSER)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/status", "/api/status", "/api", "/api/"])
async def test_paths_of_the_api_stay_its_own(web, path):
    answer = await web.get(path, headers=BROWSER)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["version"]


@pytest.mark.parametrize("path", ["/data/persons", "/api/data/persons"])
async def test_scripts_call_the_api_with_the_prefix_and_without(web, as_role, path):
    answer = await web.get(path, headers={**await as_role("admin"), "accept": "*/*"})
    assert isinstance(answer.json(), list)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/nothing", BROWSER),
        ("/data/nothing/here", BROWSER),
        ("/assets/index-gone1234.js", BROWSER),
        ("/login", {"accept": "application/json"}),
    ],
)
async def test_what_is_no_page_is_not_answered_with_one(web, path, headers):
    answer = await web.get(path, headers=headers)
    assert answer.status_code == 404
    assert answer.json()["error"] is True


async def test_a_client_that_asks_the_root_for_json_gets_the_version(web):
    assert (await web.get("/", headers={"accept": "application/json"})).json()["api"] == "kitsu-api"


async def test_a_page_is_only_ever_read(web):
    assert (await web.post("/login", headers=BROWSER)).status_code == 404
    head = await web.head("/login", headers=BROWSER)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../outside.txt",
        "/%2e%2e/outside.txt",
        "/assets/..%2f..%2foutside.txt",
        "/assets/%2e%2e/%2e%2e/outside.txt",
        "//etc/passwd",
        "/link.txt",
        "/.env",
        "/assets/%00",
        "/..%5coutside.txt",
    ],
)
async def test_nothing_outside_of_the_folder_is_served(web, path):
    for headers in (BROWSER, {"accept": "*/*"}):
        answer = await web.get(path, headers=headers)
        assert "secret" not in answer.text
        assert "root:" not in answer.text


async def test_files_named_by_their_content_are_kept_for_good_and_others_asked_for(web):
    assert (await web.get(HASHED)).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await web.get("/assets/my-component.js")).headers["cache-control"] == "no-cache"


async def test_a_file_that_the_browser_has_is_not_sent_again(web):
    etag = (await web.get(HASHED)).headers["etag"]
    again = await web.get(HASHED, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity", "br;q=0, gzip"])
async def test_scripts_come_compressed_as_the_browser_likes(web, encoding):
    async with web.stream("GET", HASHED, headers={"accept-encoding": encoding}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    sent = answer.headers.get("content-encoding")
    assert sent == {"br": "br", "gzip": "gzip", "identity": None, "br;q=0, gzip": "gzip"}[encoding]
    opened = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[sent](raw)
    assert opened.decode() == SCRIPT
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.headers["content-type"].startswith(("text/javascript", "application/javascript"))


async def test_a_file_that_lies_there_compressed_is_sent_as_it_is(web, web_folder):
    ready = web_folder / "assets" / "ready-1a2b3c4d.css.br"
    async with web.stream("GET", "/assets/ready-1a2b3c4d.css", headers={"accept-encoding": "br"}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "br"
    assert raw == ready.read_bytes()
    assert answer.headers["content-type"].startswith("text/css")


async def test_the_page_loads_itself_and_its_own_inline_scripts_alone(web):
    headers = (await web.get("/", headers=BROWSER)).headers
    policy = headers["content-security-policy"]
    assert "object-src 'none'" in policy
    assert "script-src 'self' 'wasm-unsafe-eval' 'sha256-" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert headers["x-content-type-options"] == "nosniff"


async def test_a_new_build_is_found_without_a_restart(web, web_folder):
    assert (await web.get("/assets/new-9f8e7d6c.js")).status_code == 404
    (web_folder / "assets" / "new-9f8e7d6c.js").write_text(SCRIPT)
    (web_folder / "index.html").write_text(PAGE + "<p>new")
    os.utime(web_folder / "index.html", ns=(1, 1))
    assert (await web.get("/", headers=BROWSER)).text.endswith("new")
    assert (await web.get("/assets/new-9f8e7d6c.js")).status_code == 200


def test_a_folder_without_an_index_is_refused_at_the_start(tmp_path, settings):
    with pytest.raises(RuntimeError, match="no built web client"):
        create_app(settings.model_copy(update={"web_folder": tmp_path}))
