"""What 900 routes have in common is there once, and what few servers need is not loaded."""

import subprocess
import sys

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

SCRIPT = """
import sys
from pathlib import Path
from kitsu_api.app import create_app, settle
from kitsu_api.settings import Settings

app = create_app(Settings(secret_key="k" * 40, database_url="postgresql://x/y", redis_url="redis://x"))
settle()
import gc, time
began = time.perf_counter()
gc.collect()
print(time.perf_counter() - began)
heavy = ("av", "lxml", "onelogin", "ldap3", "matplotlib", "openpyxl", "numpy", "opentimelineio")
print(*(name for name in heavy if name in sys.modules))
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
print(next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS")), 0))
"""


@pytest.fixture(scope="module")
def process() -> tuple[float, str, int]:
    """Seconds of a collection, libraries and resident megabytes of a process with the application."""
    found = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    seconds, heavy, megabytes = found.stdout.splitlines()
    return float(seconds), heavy, int(megabytes)


def test_a_process_at_rest_keeps_to_its_memory(process: tuple[float, str, int]) -> None:
    assert process[2] <= 230


def test_libraries_that_few_servers_need_wait_until_they_are_needed(process: tuple[float, str, int]) -> None:
    assert process[1] == ""


def test_the_collector_does_not_walk_over_what_stays(process: tuple[float, str, int]) -> None:
    assert process[0] < 0.05


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
