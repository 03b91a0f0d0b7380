"""Calls on tasks, comments and previews."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gazu

from tests.contract.gazu_world import DAY, World

CALLS: dict[str, Callable[[World], Any]] = {
    "task.all_task_statuses": lambda w: gazu.task.all_task_statuses(),
    "task.all_task_types": lambda w: gazu.task.all_task_types(),
    "task.all_task_types_for_project": lambda w: gazu.task.all_task_types_for_project(w.project),
    "task.all_task_statuses_for_project": lambda w: gazu.task.all_task_statuses_for_project(w.project),
    "task.all_tasks_for_shot": lambda w: gazu.task.all_tasks_for_shot(w.shot),
    "task.all_tasks_for_concept": lambda w: gazu.task.all_tasks_for_concept(w.concept),
    "task.all_tasks_for_edit": lambda w: gazu.task.all_tasks_for_edit(w.edit),
    "task.all_tasks_for_sequence": lambda w: gazu.task.all_tasks_for_sequence(w.sequence),
    "task.all_tasks_for_scene": lambda w: gazu.task.all_tasks_for_scene(w.scene),
    "task.all_tasks_for_asset": lambda w: gazu.task.all_tasks_for_asset(w.asset),
    "task.all_tasks_for_episode": lambda w: gazu.task.all_tasks_for_episode(w.episode),
    "task.all_shot_tasks_for_sequence": lambda w: gazu.task.all_shot_tasks_for_sequence(w.sequence),
    "task.all_shot_tasks_for_episode": lambda w: gazu.task.all_shot_tasks_for_episode(w.episode),
    "task.all_assets_tasks_for_episode": lambda w: gazu.task.all_assets_tasks_for_episode(w.episode),
    "task.all_tasks_for_task_status": lambda w: gazu.task.all_tasks_for_task_status(
        w.project, w.task_type, w.task_status
    ),
    "task.all_tasks_for_task_type": lambda w: gazu.task.all_tasks_for_task_type(w.project, w.task_type),
    "task.all_task_types_for_shot": lambda w: gazu.task.all_task_types_for_shot(w.shot),
    "task.all_task_types_for_concept": lambda w: gazu.task.all_task_types_for_concept(w.concept),
    "task.all_task_types_for_asset": lambda w: gazu.task.all_task_types_for_asset(w.asset),
    "task.all_task_types_for_scene": lambda w: gazu.task.all_task_types_for_scene(w.scene),
    "task.all_task_types_for_sequence": lambda w: gazu.task.all_task_types_for_sequence(w.sequence),
    "task.all_task_types_for_episode": lambda w: gazu.task.all_task_types_for_episode(w.episode),
    "task.all_tasks_for_entity_and_task_type": lambda w: gazu.task.all_tasks_for_entity_and_task_type(
        w.asset, w.task_type
    ),
    "task.all_tasks_for_person": lambda w: gazu.task.all_tasks_for_person(w.person),
    "task.all_done_tasks_for_person": lambda w: gazu.task.all_done_tasks_for_person(w.person),
    "task.get_task_by_entity": lambda w: gazu.task.get_task_by_entity(w.asset, w.task_type),
    "task.get_task_type": lambda w: gazu.task.get_task_type(w.task_type["id"]),
    "task.get_task_type_by_name": lambda w: gazu.task.get_task_type_by_name("Modeling"),
    "task.get_task_type_by_short_name": lambda w: gazu.task.get_task_type_by_short_name("mdl"),
    "task.get_default_task_status": lambda w: gazu.task.get_default_task_status(),
    "task.get_task_status": lambda w: gazu.task.get_task_status(w.task_status["id"]),
    "task.get_task_status_by_name": lambda w: gazu.task.get_task_status_by_name(w.wip["name"]),
    "task.get_task_status_by_short_name": lambda w: gazu.task.get_task_status_by_short_name("wip"),
    "task.remove_task_type": lambda w: gazu.task.remove_task_type(w.fresh_task_type()),
    "task.remove_task_status": lambda w: gazu.task.remove_task_status(w.fresh_task_status()),
    "task.update_task_type": lambda w: gazu.task.update_task_type(w.fresh_task_type()),
    "task.update_task_status": lambda w: gazu.task.update_task_status(w.fresh_task_status()),
    "task.get_task": lambda w: gazu.task.get_task(w.task["id"]),
    "task.new_task": lambda w: gazu.task.new_task(
        w.fresh_asset(), w.task_type, assigner=w.person, assignees=[w.person]
    ),
    "task.remove_task": lambda w: gazu.task.remove_task(w.fresh_task()),
    "task.start_task": lambda w: gazu.task.start_task(w.fresh_task()),
    "task.get_time_spent": lambda w: gazu.task.get_time_spent(w.shot_task, DAY),
    "task.set_time_spent": lambda w: gazu.task.set_time_spent(w.fresh_task(), w.person, DAY, 60),
    "task.add_time_spent": lambda w: gazu.task.add_time_spent(w.fresh_task(), w.person, DAY, 60),
    "task.add_comment": lambda w: gazu.task.add_comment(
        w.fresh_task(), w.wip, "Words", w.person, [{"text": "Lid", "checked": True}], [w.png, w.text]
    ),
    "task.add_attachment_files_to_comment": lambda w: gazu.task.add_attachment_files_to_comment(
        w.shot_task, w.fresh_comment(), [w.png, w.text]
    ),
    "task.get_comment": lambda w: gazu.task.get_comment(w.comment["id"]),
    "task.remove_comment": lambda w: gazu.task.remove_comment(w.fresh_comment()),
    "task.create_preview": lambda w: gazu.task.create_preview(w.shot_task, w.fresh_comment()),
    "task.create_extra_preview": lambda w: gazu.task.create_extra_preview(
        w.shot_task, c := w.fresh_comment(), gazu.task.add_preview(w.shot_task, c, w.png)
    ),
    "task.upload_preview_file": lambda w: gazu.task.upload_preview_file(
        gazu.task.create_preview(w.shot_task, w.fresh_comment()), w.png, no_job=True
    ),
    "task.add_preview": lambda w: gazu.task.add_preview(
        w.shot_task, w.fresh_comment(), w.png, normalize_movie=False
    ),
    "task.add_extra_preview": lambda w: gazu.task.add_extra_preview(
        w.shot_task, c := w.fresh_comment(), gazu.task.add_preview(w.shot_task, c, w.png), w.png
    ),
    "task.publish_preview": lambda w: gazu.task.publish_preview(
        w.shot_task, w.wip, "A take", preview_file_path=w.png, set_thumbnail=True
    ),
    "task.batch_comments": lambda w: gazu.task.batch_comments(
        [
            {
                "task_id": w.fresh_task()["id"],
                "task_status_id": w.wip["id"],
                "comment": "Many",
                "attachment_files": [w.png],
            }
        ]
    ),
    "task.create_multiple_comments": lambda w: gazu.task.create_multiple_comments(
        w.project, [{"object_id": w.fresh_task()["id"], "task_status_id": w.wip["id"], "comment": "Many"}]
    ),
    "task.add_tasks_batch_comments": lambda w: gazu.task.add_tasks_batch_comments(
        [w.fresh_task(), w.fresh_task()], {"task_status_id": w.wip["id"], "comment": "Both"}
    ),
    "task.set_main_preview": lambda w: gazu.task.set_main_preview(w.preview, 2),
    "task.all_comments_for_task": lambda w: gazu.task.all_comments_for_task(w.shot_task),
    "task.get_last_comment_for_task": lambda w: gazu.task.get_last_comment_for_task(w.shot_task),
    "task.assign_task": lambda w: gazu.task.assign_task(w.fresh_task(), w.artist),
    "task.clear_assignations": lambda w: gazu.task.clear_assignations([w.fresh_task()], w.person),
    "task.new_task_type": lambda w: gazu.task.new_task_type(w.name("Task Type")),
    "task.new_task_status": lambda w: gazu.task.new_task_status(
        w.name("Status"), f"st{w.name('')}", "#123456"
    ),
    "task.update_task": lambda w: gazu.task.update_task(w.fresh_task()),
    "task.update_task_data": lambda w: gazu.task.update_task_data(w.fresh_task(), {"note": "kept"}),
    "task.get_task_url": lambda w: gazu.task.get_task_url(w.task),
    "task.all_tasks_for_project": lambda w: gazu.task.all_tasks_for_project(w.project),
    "task.update_comment": lambda w: gazu.task.update_comment(w.fresh_comment()),
    "task.all_open_tasks": lambda w: gazu.task.all_open_tasks(),
    "task.get_open_tasks_stats": lambda w: gazu.task.get_open_tasks_stats(),
    "task.all_previews_for_task": lambda w: gazu.task.all_previews_for_task(w.shot_task),
    "task.all_tasks_for_person_and_type": lambda w: gazu.task.all_tasks_for_person_and_type(
        w.person, w.task_type
    ),
    "task.all_comments_for_project": lambda w: gazu.task.all_comments_for_project(w.project),
    "task.all_notifications_for_project": lambda w: gazu.task.all_notifications_for_project(w.project),
    "task.all_preview_files_for_project": lambda w: gazu.task.all_preview_files_for_project(w.project),
    "task.all_subscriptions_for_project": lambda w: gazu.task.all_subscriptions_for_project(w.project),
    "task.get_persons_tasks_dates": lambda w: gazu.task.get_persons_tasks_dates(),
    "task.remove_tasks_for_type": lambda w: gazu.task.remove_tasks_for_type(
        w.fresh_full_project(), w.task_type
    ),
    "task.remove_tasks_batch": lambda w: gazu.task.remove_tasks_batch(
        w.project, [w.fresh_task(), w.fresh_task()]
    ),
    "task.assign_tasks_to_person": lambda w: gazu.task.assign_tasks_to_person([w.fresh_task()], w.artist),
    "task.get_task_time_spent_for_date": lambda w: gazu.task.get_task_time_spent_for_date(w.shot_task, DAY),
    "task.remove_time_spent": lambda w: gazu.task.remove_time_spent(w.fresh_time_spent()),
    "task.remove_preview_from_comment": lambda w: gazu.task.remove_preview_from_comment(
        w.shot_task, c := w.fresh_comment(), gazu.task.add_preview(w.shot_task, c, w.png)
    ),
    "task.move_comment_to_task": lambda w: gazu.task.move_comment_to_task(
        w.shot_task, w.fresh_comment(), gazu.task.new_task(w.shot, w.shot_task_type, w.name("take"))
    ),
    "task.acknowledge_comment": lambda w: gazu.task.acknowledge_comment(w.shot_task, w.fresh_comment()),
    "task.reply_to_comment": lambda w: gazu.task.reply_to_comment(w.shot_task, w.comment, "I see"),
    "task.delete_comment_attachment": lambda w: gazu.task.delete_comment_attachment(
        w.shot_task, c := w.fresh_comment(attachments=[w.png]), c["attachment_files"][0]
    ),
    "task.delete_comment_reply": lambda w: gazu.task.delete_comment_reply(
        w.shot_task, c := w.fresh_comment(), gazu.task.reply_to_comment(w.shot_task, c, "I see")
    ),
    "task.create_shot_tasks": lambda w: gazu.task.create_shot_tasks(w.fresh_shot(), [w.shot_task_type]),
    "task.create_asset_tasks": lambda w: gazu.task.create_asset_tasks(w.fresh_asset(), [w.task_type]),
    "task.create_edit_tasks": lambda w: gazu.task.create_edit_tasks(w.fresh_edit(), [w.task_types["Edit"]]),
    "task.create_concept_tasks": lambda w: gazu.task.create_concept_tasks(
        w.fresh_concept(), [w.task_types["Concept"]]
    ),
    "task.create_entity_tasks": lambda w: gazu.task.create_entity_tasks(w.fresh_asset(), [w.task_type]),
}
