"""The pages of the documentation, without a browser."""

from __future__ import annotations

import gzip
import json

import pytest

from kitsu_api.openapi import TAGS
from kitsu_api.routers.documentation import PLACES, REMOTE_LOGO

PAGES = ["/docs", "/apidocs", "/redoc"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("prefix", ["", "/api"])
async def test_a_page_loads_from_this_server_alone(client, prefix, path):
    answer = await client.get(prefix + path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "://" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    for line in answer.text.splitlines():  # relative addresses: right under every prefix
        for attribute in ('src="', 'href="'):
            if attribute in line:
                address = line.partition(attribute)[2].partition('"')[0]
                assert (await client.get(f"{prefix}/{address}")).status_code == 200


@pytest.mark.parametrize("name", sorted(PLACES))
async def test_assets_are_compressed_and_cached(client, name):
    address = f"/documentation/{name}"
    answer = await client.get(address)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=86400"
    assert (answer.headers.get("content-encoding") == "gzip") is not name.endswith(".png")
    again = await client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = await client.get(address, headers={"Accept-Encoding": "identity"})
    assert plain.content == answer.content


async def test_redoc_does_not_ask_its_makers_for_a_logo(client):
    assert REMOTE_LOGO not in (await client.get("/documentation/redoc.standalone.js")).content


@pytest.mark.parametrize("name", ["none.js", "..%2f..%2fsettings.py", "__init__.py"])
async def test_nothing_else_is_served(client, name):
    assert (await client.get(f"/documentation/{name}")).status_code == 404


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi-raw.json", "/api/openapi.json"])
async def test_the_document_is_compressed_and_cached(client, path):
    async with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-type"] == "application/json"
    assert gzip.decompress(raw).startswith(b'{"openapi":"3.1')
    again = await client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def references(node: object) -> set[str]:
    """All that a part of a document refers to."""
    if isinstance(node, list):
        return set().union(*map(references, node))
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(references, node.values()))
    return set()


async def test_the_document_comes_by_tag_as_well(client):
    whole = (await client.get("/openapi.json")).json()
    part = (await client.get("/openapi.json", params={"tag": "Departments"})).json()
    assert part["tags"] == [{"name": "Departments", "description": TAGS["Departments"]}]
    operations = [one for item in part["paths"].values() for one in item.values()]
    assert {tag for one in operations for tag in one["tags"]} == {"Departments"}
    assert part["paths"]["/data/departments"] == whole["paths"]["/data/departments"]
    held = {
        f"#/components/{kind}/{name}"
        for kind, members in part["components"].items()
        if kind != "securitySchemes"
        for name in members
    }
    assert references(part) == held
    assert len(json.dumps(part)) < len(json.dumps(whole)) / 10
    assert (await client.get("/openapi.json?tag=")).json() == whole


async def test_an_unknown_tag_is_refused_with_those_that_there_are(client):
    answer = await client.get("/openapi.json?tag=Nothing")
    assert answer.status_code == 400
    assert "Departments" in answer.json()["message"]


async def test_the_pages_offer_every_tag_of_the_document(client):
    whole = (await client.get("/openapi.json")).json()
    assert {tag["name"] for tag in whole["tags"]} == set(TAGS)
    for path in ("/docs", "/redoc"):
        page = (await client.get(path)).text
        assert all(f"<option>{tag}</option>" in page for tag in TAGS)
