"""Calls of sessions, of plain requests, of events and of studios that copy from each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gazu
import gazu.aio

from tests.contract.gazu_world import EMAIL, PASSWORD, World

CALLS: dict[str, Callable[[World], Any]] = {
    "client.host_is_up": lambda w: gazu.client.host_is_up(),
    "client.host_is_valid": lambda w: gazu.client.host_is_valid(),
    "client.get": lambda w: gazu.client.get("data/projects", params={"name": "Stargazer"}),
    "client.post": lambda w: gazu.client.post("data/search", {"query": "tea"}),
    "client.put": lambda w: gazu.client.put(f"data/studios/{w.studio['id']}", {"color": "#445567"}),
    "client.delete": lambda w: gazu.client.delete(f"data/studios/{w.fresh_studio()['id']}"),
    "client.fetch_all": lambda w: gazu.client.fetch_all("persons", paginated=True, limit=1),
    "client.fetch_first": lambda w: gazu.client.fetch_first("projects", {"name": "Stargazer"}),
    "client.fetch_one": lambda w: gazu.client.fetch_one("projects", w.project["id"]),
    "client.create": lambda w: gazu.client.create("studios", {"name": w.name("Studio"), "color": "#445566"}),
    "client.update": lambda w: gazu.client.update("studios", w.studio["id"], {"color": "#445568"}),
    "client.upload": lambda w: gazu.client.upload(f"pictures/thumbnails/persons/{w.person['id']}", w.png),
    "client.download": lambda w: gazu.client.download(
        f"pictures/originals/preview-files/{w.fresh_preview()['id']}.png", w.path()
    ),
    "client.get_file_data_from_url": lambda w: gazu.client.get_file_data_from_url(
        f"pictures/thumbnails/persons/{w.person['id']}.png"
    ),
    "client.import_data": lambda w: gazu.client.import_data(
        "entities", [gazu.entity.get_entity(w.fresh_asset()["id"])]
    ),
    "client.get_api_version": lambda w: gazu.client.get_api_version(),
    "client.get_current_user": lambda w: gazu.client.get_current_user(),
    "aio.get": lambda w: w.aio(lambda c: gazu.aio.get("data/projects", client=c)),
    "aio.post": lambda w: w.aio(lambda c: gazu.aio.post("data/search", {"query": "tea"}, client=c)),
    "aio.put": lambda w: w.aio(
        lambda c: gazu.aio.put(f"data/studios/{w.studio['id']}", {"color": "#445567"}, client=c)
    ),
    "aio.delete": lambda w: w.aio(
        lambda c: gazu.aio.delete(f"data/studios/{w.fresh_studio()['id']}", client=c)
    ),
    "aio.fetch_all": lambda w: w.aio(
        lambda c: gazu.aio.fetch_all("persons", paginated=True, limit=1, client=c)
    ),
    "aio.fetch_first": lambda w: w.aio(
        lambda c: gazu.aio.fetch_first("projects", {"name": "Stargazer"}, client=c)
    ),
    "aio.fetch_one": lambda w: w.aio(lambda c: gazu.aio.fetch_one("projects", w.project["id"], client=c)),
    "aio.create": lambda w: w.aio(
        lambda c: gazu.aio.create("studios", {"name": w.name("Studio"), "color": "#445566"}, client=c)
    ),
    "aio.update": lambda w: w.aio(
        lambda c: gazu.aio.update("studios", w.studio["id"], {"color": "#445568"}, client=c)
    ),
    "aio.download": lambda w: w.aio(
        lambda c: gazu.aio.download(f"pictures/thumbnails/persons/{w.person['id']}.png", w.path(), client=c)
    ),
    "aio.log_in": lambda w: w.aio(lambda c: gazu.aio.log_in(EMAIL, PASSWORD, client=c)),
    "aio.log_out": lambda w: w.aio(lambda c: gazu.aio.log_out(client=c)),
    "aio.check_server_status": lambda w: w.aio(lambda c: gazu.aio.check_server_status(client=c)),
    "aio.create_session": lambda w: w.aio(lambda c: gazu.aio.get("auth/authenticated", client=c)),
    "events.init": lambda w: w.heard,
    "events.get_last_login_logs": lambda w: gazu.events.get_last_login_logs(),
    "events.add_listener": lambda w: w.heard,
    "events.run_client": lambda w: w.heard,
    "sync.get_last_events": lambda w: gazu.sync.get_last_events(),
    "sync.import_entities": lambda w: gazu.sync.import_entities(
        [gazu.entity.get_entity(w.fresh_asset()["id"])]
    ),
    "sync.import_tasks": lambda w: gazu.sync.import_tasks(
        [gazu.client.fetch_one("tasks", w.fresh_task()["id"])]
    ),
    "sync.import_entity_links": lambda w: gazu.sync.import_entity_links([w.fresh_entity_link()]),
    "sync.get_sync_department_id_map": lambda w: gazu.sync.get_sync_department_id_map(w.client, w.client),
    "sync.get_sync_asset_type_id_map": lambda w: gazu.sync.get_sync_asset_type_id_map(w.client, w.client),
    "sync.get_sync_project_id_map": lambda w: gazu.sync.get_sync_project_id_map(w.client, w.client),
    "sync.get_sync_task_type_id_map": lambda w: gazu.sync.get_sync_task_type_id_map(w.client, w.client),
    "sync.get_sync_task_status_id_map": lambda w: gazu.sync.get_sync_task_status_id_map(w.client, w.client),
    "sync.get_sync_person_id_map": lambda w: gazu.sync.get_sync_person_id_map(w.client, w.client),
    "sync.push_assets": lambda w: gazu.sync.push_assets(p := w.fresh_full_project(), p, w.client, w.client),
    "sync.push_episodes": lambda w: gazu.sync.push_episodes(
        p := w.fresh_full_project(), p, w.client, w.client
    ),
    "sync.push_sequences": lambda w: gazu.sync.push_sequences(
        p := w.fresh_full_project(), p, w.client, w.client
    ),
    "sync.push_shots": lambda w: gazu.sync.push_shots(p := w.fresh_full_project(), p, w.client, w.client),
    "sync.push_entity_links": lambda w: gazu.sync.push_entity_links(
        p := w.fresh_full_project(), p, w.client, w.client
    ),
    "sync.push_project_entities": lambda w: gazu.sync.push_project_entities(
        p := w.fresh_full_project(), p, w.client, w.client
    ),
    "sync.push_tasks": lambda w: gazu.sync.push_tasks(
        p := w.fresh_full_project(), p, w.wip, w.client, w.client
    ),
    "sync.push_tasks_comments": lambda w: gazu.sync.push_tasks_comments(
        w.fresh_full_project(), w.client, w.client
    ),
    "sync.push_task_comments": lambda w: gazu.sync.push_task_comments(
        {w.wip["id"]: w.wip["id"]},
        {w.person["id"]: w.person["id"]},
        gazu.task.all_tasks_for_project(w.fresh_full_project())[0],
        w.client,
        w.client,
    ),
    "sync.push_task_comment": lambda w: gazu.sync.push_task_comment(
        {w.wip["id"]: w.wip["id"]},
        {w.person["id"]: w.person["id"]},
        w.shot_task,
        gazu.task.all_comments_for_task(w.shot_task)[-1],
        w.client,
        w.client,
    ),
    "log_in": lambda w: gazu.log_in(EMAIL, PASSWORD),
    "log_out": lambda w: gazu.log_out(client=w.fresh_session()),
    "refresh_access_token": lambda w: gazu.refresh_access_token(client=w.fresh_session()),
    "create_session": lambda w: gazu.create_session(w.host, EMAIL, PASSWORD),
}
