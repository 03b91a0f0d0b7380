"""Commands that run servers: ``up``, ``serve`` and ``worker``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from kitsu_api.cli.failure import WRONGLY_CALLED, fail

APP = "kitsu_api.app:from_environment"

Host = Annotated[str | None, typer.Option(help="Address to listen on; default KITSU_HOST, else 127.0.0.1.")]
Port = Annotated[
    int | None, typer.Option(help="Port to listen on; default KITSU_PORT, else 8000.", min=1, max=65535)
]
Workers = Annotated[int, typer.Option(help="Processes that answer requests.", min=1, max=256)]

Web = Annotated[
    Path | None,
    typer.Option(
        "--web",
        help="Folder of a built web client to serve at `/`; default WEB_FOLDER.",
        exists=True,
        file_okay=False,
        resolve_path=True,
    ),
]


def _serve_web_client(folder: Path | None) -> None:
    """Tell the processes that answer requests which web client to serve; ends the command if it is none."""
    import os

    if folder is None:
        return
    if not (folder / "index.html").is_file():
        fail(f"{folder} is no built web client: it has no index.html.")
    os.environ["KITSU_WEB_FOLDER"] = str(folder)


def up(
    host: Host = None,
    port: Port = None,
    workers: Workers = 1,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of all data; default KITSU_DATA_DIR, else .kitsu.")
    ] = None,
    domain: Annotated[
        Literal["2d", "3d", "vfx", "games"], typer.Option(help="Task types and asset types to start with.")
    ] = "3d",
    admin_email: Annotated[str | None, typer.Option(help="E-mail of the first admin.")] = None,
    admin_password: Annotated[
        str | None, typer.Option(help="Password of the first admin; better in KITSU_ADMIN_PASSWORD.")
    ] = None,
    web: Web = None,
) -> None:
    """Run everything: PostgreSQL, Valkey, the API and the worker, with an admin and starting data.

    DATABASE_URL and REDIS_URL, where set, name the servers to use in place of the bundled ones.
    """
    if sys.platform == "win32":
        fail("`up` needs Linux or macOS. Set DATABASE_URL and REDIS_URL, then run `serve` and `worker`.")
    _serve_web_client(web)
    from kitsu_api.cli.installation import Wishes, run_everything

    wishes = Wishes(host, port, workers, data_dir, domain, admin_email, admin_password)
    raise typer.Exit(run_everything(wishes))


def serve(
    host: Host = None,
    port: Port = None,
    workers: Workers = 1,
    web: Web = None,
    when_told: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run the API alone, on the database and the Valkey that the environment names."""
    from kitsu_api import own_sockets
    from kitsu_api.libraries import uvicorn

    if when_told:
        _wait_for_environment()
    _serve_web_client(web)
    from kitsu_api.settings import get_settings

    settings = get_settings()
    if settings.metrics_enabled and workers > 1:
        _share_metrics()
    options: dict[str, Any] = {
        "factory": True,
        "http": "kitsu_api.slow_clients:PatientHttp",
        "host": host or settings.host,
        "port": port or settings.port,
        "log_level": settings.log_level.lower(),
        "access_log": settings.debug,
        "server_header": False,
        "proxy_headers": True,
        "forwarded_allow_ips": list(settings.trusted_proxies),
        "timeout_graceful_shutdown": 10,
        # by default a process that says nothing for 5 s is killed, also one that loads on a busy machine
        "timeout_worker_healthcheck": 60,
        # events are a few ids: compressing each for each listener costs more than it saves
        "ws_per_message_deflate": False,
    }
    if workers > 1:
        own_sockets.serve(uvicorn.Config(APP, workers=workers, **options))
    else:
        uvicorn.run(APP, **options)


def _share_metrics() -> None:
    """Give the processes on this port a folder to share what they count in, until the command ends."""
    import atexit
    import os
    import shutil
    import tempfile

    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        folder = tempfile.mkdtemp(prefix="kitsu-metrics-")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


def _wait_for_environment() -> None:
    """Load the modules, then take the environment from the standard input; end when that closes."""
    import json
    import os

    import kitsu_api.app  # noqa: F401 (loaded here so that it is there once the environment is)

    told = sys.stdin.readline()
    if not told:
        raise typer.Exit(1)
    os.environ.clear()
    os.environ.update(json.loads(told))


def worker(
    queues: Annotated[
        str, typer.Option(help="Queues to serve, with commas between: quick, media.")
    ] = "quick,media",
) -> None:
    """Run the worker alone: it does the jobs that the API queues."""
    from kitsu_api.observability import logs
    from kitsu_api.observability.reporting import start_sentry
    from kitsu_api.settings import get_settings
    from kitsu_api.workers.register import QUEUES
    from kitsu_api.workers.settings import run

    wanted = list(dict.fromkeys(name.strip() for name in queues.split(",") if name.strip()))
    if not wanted or not QUEUES.keys() >= set(wanted):
        fail(f"There is no such queue. Name one or more of: {', '.join(QUEUES)}.", WRONGLY_CALLED)
    settings = get_settings()
    logs.configure(settings, text_too=True)
    start_sentry(settings)
    run(settings, wanted)
