"""All of gazu, the client that studios script with, against one live server."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

import gazu
import pytest

from tests import live
from tests.contract.gazu_calls import CALLS
from tests.contract.gazu_world import EMAIL, PASSWORD, World
from tests.servers import TEMPLATE, run_sql

DELETES = re.compile(r".*\.(remove|delete|clear|leave|unsubscribe)(_.+)?")
LOCAL = "looks at nothing but its arguments or the client's own fields"
NOT_CALLED = {
    "client.create_client": LOCAL,
    "client.get_host": LOCAL,
    "client.get_api_url_from_host": LOCAL,
    "client.set_host": LOCAL,
    "client.get_event_host": LOCAL,
    "client.set_event_host": LOCAL,
    "client.set_tokens": LOCAL,
    "client.make_auth_header": LOCAL,
    "client.url_path_join": LOCAL,
    "client.get_full_url": LOCAL,
    "client.build_path_with_params": LOCAL,
    "client.get_message_from_data": LOCAL,
    "client.get_message_from_response": LOCAL,
    "client.check_status": LOCAL,
    "aio.get_full_url": LOCAL,
    "aio.check_status": LOCAL,
    "events.connect_error": LOCAL,
    "sync.get_model_list_diff": LOCAL,
    "sync.get_link_list_diff": LOCAL,
    "sync.get_id_map_by_name": LOCAL,
    "sync.get_id_map_by_id": LOCAL,
    "sync.is_changed": LOCAL,
    "sync.convert_id_list": LOCAL,
    "get_host": LOCAL,
    "set_host": LOCAL,
    "get_event_host": LOCAL,
    "set_event_host": LOCAL,
    "set_token": LOCAL,
    "project.create_budget_entry": "has no department, duration or salary, of which an entry is made",
    "user.new_filter_group": "names no list, which a group of searches must be of",
    "aio.upload": "calls a function of gazu with an argument that it hasn't, after each upload",
    "send_email_otp": "is refused until a code from a mail was entered; tests/routers/auth reads those mails",
}
MODULES_WITHOUT_REQUESTS = {
    "__version__": "is a number",
    "cache": "keeps answers",
    "cli": "is a command line over the functions of the other modules, for people at a terminal",
    "encoder": "writes JSON",
    "exception": "names errors",
    "helpers": "looks at arguments; its download is of addresses elsewhere",
    "sorting": "sorts lists",
}
ANSWERS_NOTHING = {
    "search.search_entities": "there is no index",
    "client.post": "there is no index",
    "aio.post": "there is no index",
    "aio.download": "gazu returns nothing",
    "log_out": "gazu returns the tokens that are left",
    "files.get_running_preview_files": "previews are made before the answer here",
    **dict.fromkeys(
        (name for name in CALLS if DELETES.fullmatch(name)), "what is removed is answered with no content"
    ),
}


def public_functions() -> Iterator[str]:
    """`module.function` of every public function that gazu defines; without a module those of its top."""
    for module_name in ["", *(module.name for module in pkgutil.iter_modules(gazu.__path__))]:
        if module_name in MODULES_WITHOUT_REQUESTS:
            continue
        module = importlib.import_module(f"gazu.{module_name}".rstrip("."))
        for name, value in vars(module).items():
            function = inspect.unwrap(value) if inspect.isfunction(value) else None
            if function and not name.startswith("_") and function.__module__ == module.__name__:
                yield f"{module_name}.{name}".lstrip(".")


@pytest.fixture(scope="module")
def world(servers, valkey_url, tmp_path_factory) -> Iterator[World]:
    """A studio on a live server, made by gazu."""
    folder = tmp_path_factory.mktemp("gazu")
    name = "gazu"
    run_sql(servers.postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    database_url = servers.database(name)
    settings = live.environment(database_url, valkey_url, folder)
    made = live.command("create-admin", EMAIL, "--password", PASSWORD, **settings)
    assert made.returncode == 0, made.stderr
    assert live.command("init-data", **settings).returncode == 0
    with live.serving(database_url, valkey_url, folder) as address:
        host = gazu.client.get_host()
        yield World(address, folder)
        gazu.set_host(host)
        gazu.client.set_tokens({})
    run_sql(servers.postgres, f"DROP DATABASE {name} WITH (FORCE)")


def test_every_function_of_gazu_is_called_or_has_a_reason_not_to_be():
    functions = set(public_functions())
    assert functions - set(CALLS) - set(NOT_CALLED) == set(), "gazu has new functions: call them"
    assert (set(CALLS) | set(NOT_CALLED)) - functions == set(), "gazu has lost functions"
    assert set(CALLS) & set(NOT_CALLED) == set()


@pytest.mark.parametrize("function", CALLS)
def test_the_server_answers(function, world):
    answer = CALLS[function](world)
    if function not in ANSWERS_NOTHING:
        assert answer, f"gazu.{function} answered {answer!r}"
