"""What 900 routes have in common is there once, and what few servers need is not loaded."""

import subprocess
import sys

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

SCRIPT = """
import sys
from kitsu_api.app import create_app, settle
from kitsu_api.settings import Settings

app = create_app(Settings(secret_key="k" * 40, database_url="postgresql://x/y", redis_url="redis://x"))
settle(app)
import gc, time
began = time.perf_counter()
gc.collect()
print(time.perf_counter() - began)
heavy = ("av", "lxml", "onelogin", "ldap3", "matplotlib", "openpyxl", "numpy", "opentimelineio")
spared = ("aiohttp", "requests", "jwt", "valkey", "websocket", "watchfiles", "cryptography.hazmat")
later = ("webauthn", "obstore", "PIL", "httpx", "jinja2")
own = ("kitsu_api.services.reports", "kitsu_api.routers.data.work")
print(*(name for name in (*heavy, *spared, *later, *own) if name in sys.modules))
"""


CLIENTS = """
import sys
import kitsu_api.app
import engineio.async_client, engineio.client, redis.auth.token
from jose import jwk, jwt

print("cryptography.hazmat" in sys.modules)
import aiohttp, requests, websocket
from aiohttp import web
assert engineio.async_client.aiohttp.ClientSession is aiohttp.ClientSession
assert engineio.client.requests.Session is requests.Session
assert engineio.client.websocket.WebSocketException is websocket.WebSocketException
assert redis.auth.token.jwt.__name__ == "jwt" and redis.auth.token.jwt.decode

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

keys = {"RS256": rsa.generate_private_key(65537, 2048), "ES256": ec.generate_private_key(ec.SECP256R1())}
for algorithm, key in keys.items():
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    token = jwt.encode({"sub": "x"}, private, algorithm=algorithm)
    assert jwt.decode(token, public, algorithms=[algorithm]) == {"sub": "x"}
    document = jwk.construct(public, algorithm).to_dict()
    assert jwt.decode(token, document, algorithms=[algorithm]) == {"sub": "x"}
print("well")
"""


@pytest.fixture(scope="module")
def process() -> tuple[float, str]:
    """Seconds of a collection, and libraries of a process with the application."""
    found = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    seconds, heavy = found.stdout.splitlines()
    return float(seconds), heavy


def test_libraries_that_few_servers_need_wait_until_they_are_needed(process: tuple[float, str]) -> None:
    assert process[1] == ""


def test_the_collector_does_not_walk_over_what_stays(process: tuple[float, str]) -> None:
    assert process[0] < 0.05


def test_libraries_that_wait_are_there_for_whoever_uses_them() -> None:
    found = subprocess.run([sys.executable, "-c", CLIENTS], capture_output=True, text=True, check=False)
    assert found.stdout.splitlines() == ["False", "well"], found.stderr


def _below(tree: Dependant) -> list[Dependant]:
    return [each for below in tree.dependencies for each in (below, *_below(below))]


def test_dependencies_that_are_alike_are_one_tree(app: FastAPI) -> None:
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    trees = [tree for route in routes for tree in _below(route.dependant)]
    assert len({id(tree) for tree in trees}) < len(trees) / 2
    tops = [route.dependant for route in routes]
    assert len({id(tree) for tree in tops}) == len(tops)


def test_validators_that_are_alike_are_one(app: FastAPI) -> None:
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    fields = [field for route in routes for field in route.response_fields.values()]
    assert len({id(field._type_adapter) for field in fields}) < len(fields) / 10


def test_a_variable_of_the_path_stays_one_where_a_dependency_is_shared(app: FastAPI) -> None:
    for route in app.routes:
        if isinstance(route, APIRoute):
            inside = {field.alias for tree in _below(route.dependant) for field in tree.path_params}
            assert inside <= set(route.param_convertors), route.path
