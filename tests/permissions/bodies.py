"""Bodies that the routes of the walk take, so that it is the right that answers and not the parser."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

Ids = dict[str, UUID | str]
Body = Any


def bodies(ids: Ids) -> dict[tuple[str, str], Body]:
    """What is sent to a route, by method and path; `ids` are the rows of the production at hand."""
    id = {name: str(value) for name, value in ids.items()}
    tasks = {"task_ids": [id["task_id"]]}
    comment = {"task_status_id": id["task_status_id"], "comment": "walked"}
    casting = [{"asset_id": id["asset_id"], "nb_occurences": 1}]
    output = {"output_type_id": id["output_type_id"], "task_type_id": id["task_type_id"]}
    descriptor = {"name": "Walked", "data_type": "string", "entity_type": "Asset"}
    search = {"name": "Walked", "query": "wip", "list_type": "asset", "project_id": id["project_id"]}
    project = "/data/projects/{project_id}"
    return {
        ("POST", "/data/imports/{import_id}/apply"): {},
        ("POST", "/data/imports/{import_id}/plan"): {},
        ("PUT", "/data/imports/{import_id}/mapping"): {"mapping": [], "keep": False},
        ("POST", "/data/reports"): {"name": "Walked", "kind": "burndown", "project_id": id["project_id"]},
        ("PUT", "/data/reports/{report_id}"): {"name": "Walked"},
        ("POST", "/data/reports/{report_id}/charts"): {"format": "svg"},
        ("PUT", "/data/reports/{report_id}/subscription"): {"every": "day"},
        ("POST", "/pictures/sheets"): {"preview_file_ids": [id["instance_id"]]},
        ("POST", "/actions/assets/share"): {"asset_ids": [id["asset_id"]]},
        ("PUT", "/actions/persons/{person_id}/assign"): tasks,
        ("POST", "/actions/persons/{person_id}/change-password"): {
            "password": "walked-password",
            "password_2": "walked-password",
        },
        ("POST", "/actions/projects/{project_id}/delete-entities"): [id["entity_id"]],
        ("POST", "/actions/projects/{project_id}/delete-tasks"): [id["task_id"]],
        ("POST", "/actions/projects/{project_id}/move-concepts"): {"concept_ids": [id["concept_id"]]},
        ("POST", "/actions/projects/{project_id}/tasks/comment-many"): [
            {**comment, "object_id": id["task_id"]}
        ],
        ("POST", "/actions/projects/{project_id}/tasks/copy-client-comments"): tasks,
        ("POST", "/actions/tasks/batch-comment"): {"comments": [{**comment, "task_id": id["task_id"]}]},
        ("PUT", "/actions/tasks/clear-assignation"): tasks,
        ("PUT", "/actions/tasks/set-main-preview"): tasks,
        ("PUT", "/actions/tasks/set-priority"): {**tasks, "priority": 1},
        ("PUT", "/actions/tasks/{task_id}/assign"): {"person_id": id["person_id"]},
        ("POST", "/actions/tasks/{task_id}/batch-comment"): {"comments": [comment]},
        ("POST", "/actions/tasks/{task_id}/comment"): comment,
        ("POST", "/actions/tasks/{task_id}/comments/{comment_id}/move"): {
            "target_task_id": id["other_task_id"]
        },
        ("POST", "/actions/tasks/{task_id}/time-spents/{date}/persons/{person_id}"): {"duration": 60},
        ("POST", "/actions/tasks/{task_id}/time-spents/{date}/persons/{person_id}/add"): {"duration": 60},
        ("POST", "/actions/user/tasks/subscribe"): tasks,
        ("POST", "/actions/user/tasks/unsubscribe"): tasks,
        ("PUT", "/actions/working-files/{working_file_id}/comment"): {"comment": "walked"},
        (
            "POST",
            "/data/asset-instances/{asset_instance_id}/entities/{temporal_entity_id}"
            "/output-files/next-revision",
        ): output,
        ("POST", "/data/entities/{entity_id}/output-files/next-revision"): output,
        ("PUT", "/data/assets/{asset_id}/casting"): casting,
        ("PUT", f"{project}/entities/{{entity_id}}/casting"): casting,
        ("PUT", f"{project}/entities/casting/assets/{{asset_id}}"): [],
        ("PUT", "/data/concept-folders/{concept_folder_id}"): {"name": "Walked"},
        ("POST", "/data/entities/{entity_id}/chat/messages"): {"message": "walked"},
        ("POST", "/data/persons/{person_id}/desktop-login-logs"): {"date": "2026-03-02T08:00:00"},
        ("POST", "/data/user/desktop-login-logs"): {"date": "2026-03-02T08:00:00"},
        ("POST", "/data/metadata-descriptors/all-projects"): descriptor,
        ("POST", f"{project}/metadata-descriptors"): descriptor,
        ("POST", f"{project}/asset-types/{{asset_type_id}}/assets/new"): {"name": "Walked"},
        ("POST", f"{project}/budgets"): {"name": "Walked"},
        ("POST", f"{project}/concept-folders"): {"name": "Walked"},
        ("POST", f"{project}/concepts"): {"name": "Walked"},
        ("POST", f"{project}/edits"): {"name": "Walked"},
        ("POST", f"{project}/episodes"): {"name": "Walked"},
        ("POST", f"{project}/sequences"): {"name": "Walked"},
        ("POST", f"{project}/scenes"): {"name": "Walked", "sequence_id": id["sequence_id"]},
        ("POST", f"{project}/shots"): {"name": "Walked", "sequence_id": id["sequence_id"]},
        ("POST", f"{project}/settings/task-types"): {"task_type_id": id["task_type_id"]},
        ("POST", f"{project}/settings/task-status"): {"task_status_id": id["task_status_id"]},
        ("POST", f"{project}/settings/asset-types"): {"asset_type_id": id["asset_type_id"]},
        ("POST", f"{project}/team"): {"person_id": id["person_id"]},
        ("PUT", f"{project}/team/{{person_id}}"): {"role": "supervisor"},
        ("POST", "/data/scenes/{scene_id}/asset-instances"): {"asset_id": id["asset_id"]},
        ("POST", "/data/scenes/{scene_id}/shots"): {"shot_id": id["shot_id"]},
        ("POST", "/data/shots/{shot_id}/asset-instances"): {"asset_id": id["asset_id"]},
        ("POST", "/data/access-groups"): {
            "name": "Walked",
            "project_id": id["project_id"],
            "capabilities": ["playlists.edit"],
        },
        **{
            ("POST", f"/data/history/{path}/restore"): {"entry_id": 1, "field": "name"}
            for path in (
                "entities/{entity_id}",
                "tasks/{task_id}",
                "comments/{comment_id}",
                "persons/{person_id}",
            )
        },
        ("POST", "/data/search"): {"query": "Name", "limit": 10},
        ("POST", "/data/tasks/{task_id}/comments/{comment_id}/reply"): {"text": "walked"},
        ("POST", "/data/user/filter-groups"): {key: search[key] for key in search if key != "query"},
        ("POST", "/data/user/filters"): search,
        ("POST", "/import/kitsu/tasks"): [
            {
                "id": str(uuid4()),
                "type": "Task",
                "name": "walked",
                "project_id": id["project_id"],
                "entity_id": id["shot_id"],
                "task_type_id": id["task_type_id"],
                "task_status_id": id["task_status_id"],
            }
        ],
    }
