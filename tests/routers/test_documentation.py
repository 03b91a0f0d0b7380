"""The pages of the documentation, without a browser."""

from __future__ import annotations

import gzip

import pytest

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
