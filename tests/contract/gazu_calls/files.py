"""Calls on files and castings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gazu

from tests.contract.gazu_world import World

CALLS: dict[str, Callable[[World], Any]] = {
    "files.all_output_types": lambda w: gazu.files.all_output_types(),
    "files.all_output_types_for_entity": lambda w: gazu.files.all_output_types_for_entity(w.asset),
    "files.all_output_types_for_asset_instance": lambda w: gazu.files.all_output_types_for_asset_instance(
        w.asset_instance, w.scene
    ),
    "files.get_output_type": lambda w: gazu.files.get_output_type(w.output_type["id"]),
    "files.get_output_type_by_name": lambda w: gazu.files.get_output_type_by_name("Cache"),
    "files.new_output_type": lambda w: gazu.files.new_output_type(w.name("Output Type"), w.name("s")),
    "files.get_output_file": lambda w: gazu.files.get_output_file(w.output_file["id"]),
    "files.get_output_file_by_path": lambda w: gazu.files.get_output_file_by_path(w.output_file["path"]),
    "files.get_all_working_files_for_entity": lambda w: gazu.files.get_all_working_files_for_entity(w.asset),
    "files.get_preview_file": lambda w: gazu.files.get_preview_file(w.preview["id"]),
    "files.wait_for_preview_file": lambda w: gazu.files.wait_for_preview_file(w.preview, poll_interval=0.1),
    "files.remove_preview_file": lambda w: gazu.files.remove_preview_file(w.fresh_preview()),
    "files.get_all_preview_files_for_task": lambda w: gazu.files.get_all_preview_files_for_task(w.shot_task),
    "files.get_all_attachment_files_for_task": lambda w: gazu.files.get_all_attachment_files_for_task(
        w.shot_task
    ),
    "files.get_all_attachment_files_for_project": lambda w: gazu.files.get_all_attachment_files_for_project(
        w.project
    ),
    "files.all_output_files_for_entity": lambda w: gazu.files.all_output_files_for_entity(w.asset),
    "files.all_output_files_for_asset_instance": lambda w: gazu.files.all_output_files_for_asset_instance(
        w.asset_instance
    ),
    "files.all_output_files_for_project": lambda w: gazu.files.all_output_files_for_project(w.project),
    "files.all_softwares": lambda w: gazu.files.all_softwares(),
    "files.get_software": lambda w: gazu.files.get_software(w.software["id"]),
    "files.get_software_by_name": lambda w: gazu.files.get_software_by_name("Blender"),
    "files.new_software": lambda w: gazu.files.new_software(w.name("Software"), "sft", "sft", ["abc"]),
    "files.update_software": lambda w: gazu.files.update_software(w.software),
    "files.build_working_file_path": lambda w: gazu.files.build_working_file_path(
        w.task, software=w.software
    ),
    "files.build_entity_output_file_path": lambda w: gazu.files.build_entity_output_file_path(
        w.asset, w.output_type, w.task_type
    ),
    "files.build_asset_instance_output_file_path": lambda w: gazu.files.build_asset_instance_output_file_path(
        w.asset_instance, w.scene, w.output_type, w.task_type
    ),
    "files.new_working_file": lambda w: gazu.files.new_working_file(
        w.task, w.name("part"), software=w.software
    ),
    "files.new_entity_output_file": lambda w: gazu.files.new_entity_output_file(
        w.asset, w.output_type, w.task_type, "Again", w.working_file, w.person, w.name("part")
    ),
    "files.new_asset_instance_output_file": lambda w: gazu.files.new_asset_instance_output_file(
        w.asset_instance, w.scene, w.output_type, w.task_type, "Again", w.name("part")
    ),
    "files.get_next_entity_output_revision": lambda w: gazu.files.get_next_entity_output_revision(
        w.asset, w.output_type, w.task_type
    ),
    "files.get_next_asset_instance_output_revision": lambda w: (
        gazu.files.get_next_asset_instance_output_revision(
            w.asset_instance, w.scene, w.output_type, w.task_type
        )
    ),
    "files.get_last_entity_output_revision": lambda w: gazu.files.get_last_entity_output_revision(
        w.asset, w.output_type, w.task_type
    ),
    "files.get_last_asset_instance_output_revision": lambda w: (
        gazu.files.get_last_asset_instance_output_revision(
            w.asset_instance, w.scene, w.output_type, w.task_type
        )
    ),
    "files.get_last_output_files_for_entity": lambda w: gazu.files.get_last_output_files_for_entity(w.asset),
    "files.get_last_output_files_for_asset_instance": lambda w: (
        gazu.files.get_last_output_files_for_asset_instance(w.asset_instance, w.scene)
    ),
    "files.get_working_files_for_task": lambda w: gazu.files.get_working_files_for_task(w.task),
    "files.get_last_working_files": lambda w: gazu.files.get_last_working_files(w.task),
    "files.get_last_working_file_revision": lambda w: gazu.files.get_last_working_file_revision(w.task),
    "files.get_working_file": lambda w: gazu.files.get_working_file(w.working_file["id"]),
    "files.update_comment": lambda w: gazu.files.update_comment(w.working_file, "Another word"),
    "files.update_modification_date": lambda w: gazu.files.update_modification_date(w.working_file),
    "files.update_output_file": lambda w: gazu.files.update_output_file(
        w.output_file, {"comment": "Another word"}
    ),
    "files.update_project_file_tree": lambda w: gazu.files.update_project_file_tree(
        w.project, w.project["file_tree"]
    ),
    "files.upload_working_file": lambda w: gazu.files.upload_working_file(w.working_file, w.text),
    "files.download_working_file": lambda w: gazu.files.download_working_file(w.working_file, w.path()),
    "files.download_preview_file": lambda w: gazu.files.download_preview_file(w.preview, w.path()),
    "files.get_preview_file_url": lambda w: gazu.files.get_preview_file_url(w.preview),
    "files.get_attachment_file": lambda w: gazu.files.get_attachment_file(w.attachment["id"]),
    "files.download_attachment_file": lambda w: gazu.files.download_attachment_file(w.attachment, w.path()),
    "files.download_preview_file_thumbnail": lambda w: gazu.files.download_preview_file_thumbnail(
        w.preview, w.path()
    ),
    "files.download_preview_file_cover": lambda w: gazu.files.download_preview_file_cover(
        w.preview, w.path()
    ),
    "files.download_person_avatar": lambda w: gazu.files.download_person_avatar(w.person, w.path()),
    "files.upload_person_avatar": lambda w: gazu.files.upload_person_avatar(w.person, w.png),
    "files.download_project_avatar": lambda w: gazu.files.download_project_avatar(w.project, w.path()),
    "files.upload_project_avatar": lambda w: gazu.files.upload_project_avatar(w.project, w.png),
    "files.download_organisation_avatar": lambda w: gazu.files.download_organisation_avatar(
        w.organisation, w.path()
    ),
    "files.upload_organisation_avatar": lambda w: gazu.files.upload_organisation_avatar(
        w.organisation, w.png
    ),
    "files.update_preview": lambda w: gazu.files.update_preview(w.preview, {"source": "review"}),
    "files.get_running_preview_files": lambda w: gazu.files.get_running_preview_files(),
    "files.get_preview_movie_url": lambda w: gazu.files.get_preview_movie_url(w.preview),
    "files.download_preview_movie": lambda w: gazu.files.download_preview_movie(w.preview, w.path()),
    "files.get_preview_lowdef_movie_url": lambda w: gazu.files.get_preview_lowdef_movie_url(w.preview),
    "files.download_preview_lowdef_movie": lambda w: gazu.files.download_preview_lowdef_movie(
        w.preview, w.path()
    ),
    "files.get_attachment_thumbnail_url": lambda w: gazu.files.get_attachment_thumbnail_url(w.attachment),
    "files.download_attachment_thumbnail": lambda w: gazu.files.download_attachment_thumbnail(
        w.attachment, w.path()
    ),
    "files.extract_frame_from_preview": lambda w: gazu.files.extract_frame_from_preview(
        w.preview, 2, w.path()
    ),
    "files.update_preview_position": lambda w: gazu.files.update_preview_position(w.preview, 1),
    "files.update_preview_annotations": lambda w: gazu.files.update_preview_annotations(
        w.preview, additions=[{"time": 0, "drawing": {"objects": []}}]
    ),
    "files.extract_tile_from_preview": lambda w: gazu.files.extract_tile_from_preview(w.preview, w.path()),
    "files.new_file_status": lambda w: gazu.files.new_file_status(w.name("File Status"), "#123456"),
    "files.get_file_status": lambda w: gazu.files.get_file_status(w.file_status["id"]),
    "files.get_file_status_by_name": lambda w: gazu.files.get_file_status_by_name("Kept"),
    "casting.update_shot_casting": lambda w: gazu.casting.update_shot_casting(
        w.project, w.fresh_shot(), w.casting
    ),
    "casting.update_asset_casting": lambda w: gazu.casting.update_asset_casting(
        w.project, w.fresh_asset(), w.casting
    ),
    "casting.update_episode_casting": lambda w: gazu.casting.update_episode_casting(
        w.project, w.fresh_episode(), w.casting
    ),
    "casting.cast_asset": lambda w: gazu.casting.cast_asset(
        w.project, [w.fresh_shot()], w.asset, nb_occurences=2, label="animate"
    ),
    "casting.uncast_asset": lambda w: gazu.casting.uncast_asset(w.project, [w.fresh_shot()], w.asset),
    "casting.get_asset_type_casting": lambda w: gazu.casting.get_asset_type_casting(w.project, w.asset_type),
    "casting.get_sequence_casting": lambda w: gazu.casting.get_sequence_casting(w.sequence),
    "casting.get_shot_casting": lambda w: gazu.casting.get_shot_casting(w.shot),
    "casting.get_asset_casting": lambda w: gazu.casting.get_asset_casting(w.other_asset),
    "casting.get_episode_casting": lambda w: gazu.casting.get_episode_casting(w.episode),
    "casting.get_asset_cast_in": lambda w: gazu.casting.get_asset_cast_in(w.asset),
    "casting.all_entity_links_for_project": lambda w: gazu.casting.all_entity_links_for_project(
        w.project, page=1, limit=5
    ),
    "casting.get_episodes_casting": lambda w: gazu.casting.get_episodes_casting(w.project),
    "casting.get_sequence_shots_casting": lambda w: gazu.casting.get_sequence_shots_casting(
        w.project, w.sequence
    ),
    "casting.get_episode_shots_casting": lambda w: gazu.casting.get_episode_shots_casting(
        w.project, w.episode
    ),
    "casting.get_project_shots_casting": lambda w: gazu.casting.get_project_shots_casting(w.project),
    "casting.delete_entity_link": lambda w: gazu.casting.delete_entity_link(w.fresh_entity_link()),
}
