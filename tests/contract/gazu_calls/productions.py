"""Calls on productions, their templates, and playlists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gazu

from tests.contract.gazu_world import World

CALLS: dict[str, Callable[[World], Any]] = {
    "project.all_project_status": lambda w: gazu.project.all_project_status(),
    "project.get_project_status_by_name": lambda w: gazu.project.get_project_status_by_name("Open"),
    "project.all_projects": lambda w: gazu.project.all_projects(),
    "project.all_open_projects": lambda w: gazu.project.all_open_projects(),
    "project.get_project": lambda w: gazu.project.get_project(w.project["id"]),
    "project.get_project_url": lambda w: gazu.project.get_project_url(w.project),
    "project.get_project_by_name": lambda w: gazu.project.get_project_by_name("Stargazer"),
    "project.new_project": lambda w: gazu.project.new_project(w.name("Project")),
    "project.remove_project": lambda w: gazu.project.remove_project(
        gazu.project.close_project(w.fresh_project()), force=True
    ),
    "project.update_project": lambda w: gazu.project.update_project(w.fresh_project()),
    "project.update_project_data": lambda w: gazu.project.update_project_data(
        w.fresh_project(), {"note": "kept"}
    ),
    "project.close_project": lambda w: gazu.project.close_project(w.fresh_project()),
    "project.add_asset_type": lambda w: gazu.project.add_asset_type(w.fresh_project(), w.asset_type),
    "project.add_task_type": lambda w: gazu.project.add_task_type(w.fresh_project(), w.task_type, 2),
    "project.add_task_status": lambda w: gazu.project.add_task_status(w.fresh_project(), w.wip),
    "project.remove_task_type": lambda w: gazu.project.remove_task_type(
        gazu.project.add_task_type(p := w.fresh_project(), w.task_type, 1) and p, w.task_type
    ),
    "project.remove_task_status": lambda w: gazu.project.remove_task_status(
        gazu.project.add_task_status(p := w.fresh_project(), w.wip) and p, w.wip
    ),
    "project.add_metadata_descriptor": lambda w: gazu.project.add_metadata_descriptor(
        w.project, w.name("Field"), "Asset", "list", ["a", "b"]
    ),
    "project.get_metadata_descriptor": lambda w: gazu.project.get_metadata_descriptor(
        w.project, w.descriptor["id"]
    ),
    "project.get_metadata_descriptor_by_field_name": lambda w: (
        gazu.project.get_metadata_descriptor_by_field_name(w.project, "weather")
    ),
    "project.all_metadata_descriptors": lambda w: gazu.project.all_metadata_descriptors(w.project),
    "project.update_metadata_descriptor": lambda w: gazu.project.update_metadata_descriptor(
        w.project, w.fresh_descriptor()
    ),
    "project.remove_metadata_descriptor": lambda w: gazu.project.remove_metadata_descriptor(
        w.project, w.fresh_descriptor(), force=True
    ),
    "project.reorder_metadata_descriptors": lambda w: gazu.project.reorder_metadata_descriptors(
        w.project,
        "Shot",
        [d["id"] for d in gazu.project.all_metadata_descriptors(w.project, entity_type="Shot")],
    ),
    "project.get_team": lambda w: gazu.project.get_team(w.project),
    "project.add_person_to_team": lambda w: gazu.project.add_person_to_team(
        w.project, w.fresh_person(), "supervisor"
    ),
    "project.update_team_member_role": lambda w: gazu.project.update_team_member_role(
        w.project, w.fresh_member(), "supervisor"
    ),
    "project.remove_person_from_team": lambda w: gazu.project.remove_person_from_team(
        w.project, w.fresh_member()
    ),
    "project.get_project_task_types": lambda w: gazu.project.get_project_task_types(w.project),
    "project.get_project_task_statuses": lambda w: gazu.project.get_project_task_statuses(w.project),
    "project.all_status_automations": lambda w: gazu.project.all_status_automations(w.project),
    "project.add_status_automation": lambda w: gazu.project.add_status_automation(
        w.fresh_project(), {"status_automation_id": w.automation["id"]}
    ),
    "project.remove_status_automation": lambda w: gazu.project.remove_status_automation(
        gazu.project.add_status_automation(
            p := w.fresh_project(), {"status_automation_id": w.automation["id"]}
        )
        and p,
        w.automation,
    ),
    "project.get_preview_background_files": lambda w: gazu.project.get_preview_background_files(w.project),
    "project.add_preview_background_file": lambda w: gazu.project.add_preview_background_file(
        w.fresh_project(), {"preview_background_file_id": w.background["id"]}
    ),
    "project.remove_preview_background_file": lambda w: gazu.project.remove_preview_background_file(
        gazu.project.add_preview_background_file(
            p := w.fresh_project(), {"preview_background_file_id": w.background["id"]}
        )
        and p,
        w.background,
    ),
    "project.get_milestones": lambda w: gazu.project.get_milestones(w.project),
    "project.get_project_quotas": lambda w: gazu.project.get_project_quotas(w.project, w.task_type),
    "project.get_project_person_quotas": lambda w: gazu.project.get_project_person_quotas(
        w.project, w.person
    ),
    "project.get_budgets": lambda w: gazu.project.get_budgets(w.project),
    "project.create_budget": lambda w: gazu.project.create_budget(
        w.project, w.name("Budget"), currency="EUR"
    ),
    "project.get_budget": lambda w: gazu.project.get_budget(w.project, w.budget),
    "project.update_budget": lambda w: gazu.project.update_budget(
        w.project, w.budget, {"name": "First budget"}
    ),
    "project.remove_budget": lambda w: gazu.project.remove_budget(w.project, w.fresh_budget()),
    "project.get_budget_entries": lambda w: gazu.project.get_budget_entries(w.project, w.budget),
    "project.get_budget_entry": lambda w: gazu.project.get_budget_entry(w.project, w.budget, w.entry),
    "project.update_budget_entry": lambda w: gazu.project.update_budget_entry(
        w.project, w.budget, w.entry, {"months_duration": 3}
    ),
    "project.remove_budget_entry": lambda w: gazu.project.remove_budget_entry(
        w.project, w.budget, w.fresh_budget_entry()
    ),
    "project_template.all_project_templates": lambda w: gazu.project_template.all_project_templates(),
    "project_template.get_project_template": lambda w: gazu.project_template.get_project_template(
        w.template["id"]
    ),
    "project_template.get_project_template_by_name": lambda w: (
        gazu.project_template.get_project_template_by_name("As Stargazer")
    ),
    "project_template.new_project_template": lambda w: gazu.project_template.new_project_template(
        w.name("Project Template")
    ),
    "project_template.update_project_template": lambda w: gazu.project_template.update_project_template(
        w.fresh_template()
    ),
    "project_template.remove_project_template": lambda w: gazu.project_template.remove_project_template(
        w.fresh_template()
    ),
    "project_template.new_project_template_from_project": lambda w: (
        gazu.project_template.new_project_template_from_project(
            w.project, w.name("Project Template From Project")
        )
    ),
    "project_template.apply_project_template": lambda w: gazu.project_template.apply_project_template(
        w.fresh_project(), w.template
    ),
    "project_template.all_task_types_for_project_template": lambda w: (
        gazu.project_template.all_task_types_for_project_template(w.template)
    ),
    "project_template.add_task_type_to_project_template": lambda w: (
        gazu.project_template.add_task_type_to_project_template(w.template, w.task_type, 1)
    ),
    "project_template.remove_task_type_from_project_template": lambda w: (
        gazu.project_template.remove_task_type_from_project_template(w.fresh_template(), w.task_type)
    ),
    "project_template.all_task_statuses_for_project_template": lambda w: (
        gazu.project_template.all_task_statuses_for_project_template(w.template)
    ),
    "project_template.add_task_status_to_project_template": lambda w: (
        gazu.project_template.add_task_status_to_project_template(w.template, w.wip, 1, ["user"])
    ),
    "project_template.remove_task_status_from_project_template": lambda w: (
        gazu.project_template.remove_task_status_from_project_template(w.fresh_template(), w.wip)
    ),
    "project_template.all_asset_types_for_project_template": lambda w: (
        gazu.project_template.all_asset_types_for_project_template(w.template)
    ),
    "project_template.add_asset_type_to_project_template": lambda w: (
        gazu.project_template.add_asset_type_to_project_template(w.template, w.asset_type)
    ),
    "project_template.remove_asset_type_from_project_template": lambda w: (
        gazu.project_template.remove_asset_type_from_project_template(w.fresh_template(), w.asset_type)
    ),
    "project_template.all_status_automations_for_project_template": lambda w: (
        gazu.project_template.all_status_automations_for_project_template(w.template)
    ),
    "project_template.add_status_automation_to_project_template": lambda w: (
        gazu.project_template.add_status_automation_to_project_template(w.template, w.automation)
    ),
    "project_template.remove_status_automation_from_project_template": lambda w: (
        gazu.project_template.remove_status_automation_from_project_template(w.fresh_template(), w.automation)
    ),
    "project_template.all_preview_background_files_for_project_template": lambda w: (
        gazu.project_template.all_preview_background_files_for_project_template(w.template)
    ),
    "project_template.add_preview_background_file_to_project_template": lambda w: (
        gazu.project_template.add_preview_background_file_to_project_template(w.template, w.background)
    ),
    "project_template.remove_preview_background_file_from_project_template": lambda w: (
        gazu.project_template.remove_preview_background_file_from_project_template(
            w.fresh_template(), w.background
        )
    ),
    "project_template.set_project_template_default_preview_background_file": lambda w: (
        gazu.project_template.set_project_template_default_preview_background_file(w.template, w.background)
    ),
    "project_template.set_project_template_metadata_descriptors": lambda w: (
        gazu.project_template.set_project_template_metadata_descriptors(
            w.fresh_template(), [{"name": "Mood", "entity_type": "Shot", "data_type": "string"}]
        )
    ),
    "playlist.all_playlists": lambda w: gazu.playlist.all_playlists(),
    "playlist.all_shots_for_playlist": lambda w: gazu.playlist.all_shots_for_playlist(w.playlist),
    "playlist.all_playlists_for_project": lambda w: gazu.playlist.all_playlists_for_project(w.project),
    "playlist.all_playlists_for_episode": lambda w: gazu.playlist.all_playlists_for_episode(w.episode),
    "playlist.get_playlist": lambda w: gazu.playlist.get_playlist(w.playlist),
    "playlist.get_playlist_by_name": lambda w: gazu.playlist.get_playlist_by_name(w.project, "Dailies"),
    "playlist.new_playlist": lambda w: gazu.playlist.new_playlist(w.project, w.name("Playlist")),
    "playlist.update_playlist": lambda w: gazu.playlist.update_playlist(w.fresh_playlist()),
    "playlist.get_entity_preview_files": lambda w: gazu.playlist.get_entity_preview_files(w.shot),
    "playlist.add_entity_to_playlist": lambda w: gazu.playlist.add_entity_to_playlist(
        w.fresh_playlist(), w.asset
    ),
    "playlist.remove_entity_from_playlist": lambda w: gazu.playlist.remove_entity_from_playlist(
        w.fresh_playlist(), w.shot
    ),
    "playlist.update_entity_preview": lambda w: gazu.playlist.update_entity_preview(
        w.fresh_playlist(), w.shot, w.preview
    ),
    "playlist.delete_playlist": lambda w: gazu.playlist.delete_playlist(w.fresh_playlist()),
    "playlist.get_build_job": lambda w: gazu.playlist.get_build_job(w.playlist, w.build_job),
    "playlist.remove_build_job": lambda w: gazu.playlist.remove_build_job(w.playlist, w.fresh_build_job()),
    "playlist.all_build_jobs_for_project": lambda w: gazu.playlist.all_build_jobs_for_project(w.project),
    "playlist.build_playlist_movie": lambda w: gazu.playlist.build_playlist_movie(w.playlist),
    "playlist.download_playlist_build": lambda w: gazu.playlist.download_playlist_build(
        w.playlist, w.build_job, w.path()
    ),
    "playlist.download_playlist_zip": lambda w: gazu.playlist.download_playlist_zip(w.playlist, w.path()),
    "playlist.generate_temp_playlist": lambda w: gazu.playlist.generate_temp_playlist(
        w.project, {"task_ids": [w.shot_task["id"]]}
    ),
    "playlist.notify_clients_playlist_ready": lambda w: gazu.playlist.notify_clients_playlist_ready(
        w.playlist
    ),
    "playlist.new_share_link": lambda w: gazu.playlist.new_share_link(
        w.playlist, can_comment=False, password="open sesame"
    ),
    "playlist.all_share_links_for_playlist": lambda w: gazu.playlist.all_share_links_for_playlist(w.playlist),
    "playlist.remove_share_link": lambda w: gazu.playlist.remove_share_link(
        w.playlist, w.fresh_share_link()["token"]
    ),
    "studio.all_studios": lambda w: gazu.studio.all_studios(),
    "studio.get_studio": lambda w: gazu.studio.get_studio(w.studio["id"]),
    "studio.get_studio_by_name": lambda w: gazu.studio.get_studio_by_name("South"),
    "studio.update_studio": lambda w: gazu.studio.update_studio(w.fresh_studio()),
    "studio.remove_studio": lambda w: gazu.studio.remove_studio(w.fresh_studio()),
}
