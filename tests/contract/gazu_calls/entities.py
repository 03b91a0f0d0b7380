"""Calls on assets, shots and what is around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gazu

from tests.contract.gazu_world import World

CALLS: dict[str, Callable[[World], Any]] = {
    "asset.all_assets_for_open_projects": lambda w: gazu.asset.all_assets_for_open_projects(),
    "asset.all_assets_for_project": lambda w: gazu.asset.all_assets_for_project(w.project),
    "asset.all_assets_for_episode": lambda w: gazu.asset.all_assets_for_episode(w.episode),
    "asset.all_assets_for_shot": lambda w: gazu.asset.all_assets_for_shot(w.shot),
    "asset.all_assets_for_project_and_type": lambda w: gazu.asset.all_assets_for_project_and_type(
        w.project, w.asset_type
    ),
    "asset.get_asset_by_name": lambda w: gazu.asset.get_asset_by_name(w.project, "Teapot"),
    "asset.get_asset": lambda w: gazu.asset.get_asset(w.asset["id"]),
    "asset.get_asset_url": lambda w: gazu.asset.get_asset_url(w.asset),
    "asset.get_all_assets_url": lambda w: gazu.asset.get_all_assets_url(w.project),
    "asset.get_asset_type_url": lambda w: gazu.asset.get_asset_type_url(w.project, w.asset_type),
    "asset.new_asset": lambda w: gazu.asset.new_asset(w.project, w.asset_type, w.name("Asset")),
    "asset.update_asset": lambda w: gazu.asset.update_asset(w.fresh_asset()),
    "asset.update_asset_data": lambda w: gazu.asset.update_asset_data(w.fresh_asset(), {"height": 3}),
    "asset.remove_asset": lambda w: gazu.asset.remove_asset(w.fresh_asset(), force=True),
    "asset.all_asset_types": lambda w: gazu.asset.all_asset_types(),
    "asset.all_asset_types_for_project": lambda w: gazu.asset.all_asset_types_for_project(w.project),
    "asset.all_asset_types_for_shot": lambda w: gazu.asset.all_asset_types_for_shot(w.shot),
    "asset.get_asset_type": lambda w: gazu.asset.get_asset_type(w.asset_type["id"]),
    "asset.get_asset_type_by_name": lambda w: gazu.asset.get_asset_type_by_name("Props"),
    "asset.new_asset_type": lambda w: gazu.asset.new_asset_type(w.name("Asset Type")),
    "asset.update_asset_type": lambda w: gazu.asset.update_asset_type(w.fresh_asset_type()),
    "asset.remove_asset_type": lambda w: gazu.asset.remove_asset_type(w.fresh_asset_type()),
    "asset.get_asset_instance": lambda w: gazu.asset.get_asset_instance(w.asset_instance["id"]),
    "asset.all_shot_asset_instances_for_asset": lambda w: gazu.asset.all_shot_asset_instances_for_asset(
        w.asset
    ),
    "asset.enable_asset_instance": lambda w: gazu.asset.enable_asset_instance(w.asset_instance),
    "asset.disable_asset_instance": lambda w: gazu.asset.disable_asset_instance(w.fresh_asset_instance()),
    "asset.all_scene_asset_instances_for_asset": lambda w: gazu.asset.all_scene_asset_instances_for_asset(
        w.asset
    ),
    "asset.all_asset_instances_for_shot": lambda w: gazu.asset.all_asset_instances_for_shot(w.shot),
    "asset.all_asset_instances_for_asset": lambda w: gazu.asset.all_asset_instances_for_asset(w.other_asset),
    "asset.new_asset_asset_instance": lambda w: gazu.asset.new_asset_asset_instance(w.fresh_asset(), w.asset),
    "asset.import_assets_with_csv": lambda w: gazu.asset.import_assets_with_csv(w.project, w.assets_csv),
    "asset.export_assets_with_csv": lambda w: gazu.asset.export_assets_with_csv(w.project, w.path("csv")),
    "asset.get_episode_from_asset": lambda w: gazu.asset.get_episode_from_asset(w.asset),
    "asset.get_asset_type_from_asset": lambda w: gazu.asset.get_asset_type_from_asset(w.asset),
    "concept.all_concepts": lambda w: gazu.concept.all_concepts(),
    "concept.all_concepts_for_project": lambda w: gazu.concept.all_concepts_for_project(w.project),
    "concept.all_previews_for_concept": lambda w: gazu.concept.all_previews_for_concept(w.concept),
    "concept.remove_concept": lambda w: gazu.concept.remove_concept(w.fresh_concept()),
    "concept.get_concept": lambda w: gazu.concept.get_concept(w.concept["id"]),
    "concept.get_concept_by_name": lambda w: gazu.concept.get_concept_by_name(w.project, "A sketch"),
    "concept.new_concept": lambda w: gazu.concept.new_concept(w.project, w.name("Concept")),
    "concept.update_concept": lambda w: gazu.concept.update_concept(w.fresh_concept()),
    "edit.get_edit": lambda w: gazu.edit.get_edit(w.edit["id"]),
    "edit.get_edit_by_name": lambda w: gazu.edit.get_edit_by_name(w.project, "First cut"),
    "edit.get_edit_url": lambda w: gazu.edit.get_edit_url(w.edit),
    "edit.all_edits_for_project": lambda w: gazu.edit.all_edits_for_project(w.project),
    "edit.all_previews_for_edit": lambda w: gazu.edit.all_previews_for_edit(w.edit),
    "edit.new_edit": lambda w: gazu.edit.new_edit(w.project, w.name("Edit")),
    "edit.remove_edit": lambda w: gazu.edit.remove_edit(w.fresh_edit()),
    "edit.update_edit": lambda w: gazu.edit.update_edit(w.fresh_edit()),
    "edit.update_edit_data": lambda w: gazu.edit.update_edit_data(w.fresh_edit(), {"note": "kept"}),
    "entity.all_entities": lambda w: gazu.entity.all_entities(),
    "entity.all_entity_types": lambda w: gazu.entity.all_entity_types(),
    "entity.get_entity": lambda w: gazu.entity.get_entity(w.asset["id"]),
    "entity.get_entity_by_name": lambda w: gazu.entity.get_entity_by_name("Teapot"),
    "entity.get_entity_type": lambda w: gazu.entity.get_entity_type(w.asset_type["id"]),
    "entity.get_entity_type_by_name": lambda w: gazu.entity.get_entity_type_by_name("Props"),
    "entity.guess_from_path": lambda w: gazu.entity.guess_from_path(w.project["id"], w.working_file["path"]),
    "entity.new_entity_type": lambda w: gazu.entity.new_entity_type(w.name("Entity Type")),
    "entity.remove_entity_type": lambda w: gazu.entity.remove_entity_type(w.fresh_entity_type()),
    "entity.remove_entity": lambda w: gazu.entity.remove_entity(w.fresh_asset(), force=True),
    "entity.remove_entities": lambda w: gazu.entity.remove_entities(
        w.project, [w.fresh_asset(), w.fresh_asset()], force=True
    ),
    "entity.all_entities_with_tasks_linked_to_entity": lambda w: (
        gazu.entity.all_entities_with_tasks_linked_to_entity(w.asset)
    ),
    "scene.new_scene": lambda w: gazu.scene.new_scene(w.project, w.sequence, w.name("Scene")),
    "scene.all_scenes": lambda w: gazu.scene.all_scenes(w.project),
    "scene.all_scenes_for_project": lambda w: gazu.scene.all_scenes_for_project(w.project),
    "scene.all_scenes_for_sequence": lambda w: gazu.scene.all_scenes_for_sequence(w.sequence),
    "scene.get_scene": lambda w: gazu.scene.get_scene(w.scene["id"]),
    "scene.get_scene_by_name": lambda w: gazu.scene.get_scene_by_name(w.sequence, "SC01"),
    "scene.update_scene": lambda w: gazu.scene.update_scene(w.fresh_scene()),
    "scene.new_scene_asset_instance": lambda w: gazu.scene.new_scene_asset_instance(w.scene, w.asset),
    "scene.all_asset_instances_for_scene": lambda w: gazu.scene.all_asset_instances_for_scene(w.scene),
    "scene.get_asset_instance_by_name": lambda w: gazu.scene.get_asset_instance_by_name(
        w.scene, w.asset_instance["name"]
    ),
    "scene.all_camera_instances_for_scene": lambda w: gazu.scene.all_camera_instances_for_scene(w.scene),
    "scene.all_shots_for_scene": lambda w: gazu.scene.all_shots_for_scene(w.scene),
    "scene.add_shot_to_scene": lambda w: gazu.scene.add_shot_to_scene(w.fresh_scene(), w.shot),
    "scene.remove_shot_from_scene": lambda w: gazu.scene.remove_shot_from_scene(
        w.fresh_scene_with_shot(), w.shot
    ),
    "scene.update_asset_instance_name": lambda w: gazu.scene.update_asset_instance_name(
        w.fresh_asset_instance(), w.name("instance")
    ),
    "scene.update_asset_instance_data": lambda w: gazu.scene.update_asset_instance_data(
        w.fresh_asset_instance(), {"note": "kept"}
    ),
    "scene.get_sequence_from_scene": lambda w: gazu.scene.get_sequence_from_scene(w.scene),
    "shot.all_previews_for_shot": lambda w: gazu.shot.all_previews_for_shot(w.shot),
    "shot.all_shots_for_project": lambda w: gazu.shot.all_shots_for_project(w.project),
    "shot.all_shots_for_episode": lambda w: gazu.shot.all_shots_for_episode(w.episode),
    "shot.all_shots_for_sequence": lambda w: gazu.shot.all_shots_for_sequence(w.sequence),
    "shot.all_sequences_for_project": lambda w: gazu.shot.all_sequences_for_project(w.project),
    "shot.all_sequences_for_episode": lambda w: gazu.shot.all_sequences_for_episode(w.episode),
    "shot.all_episodes_for_project": lambda w: gazu.shot.all_episodes_for_project(w.project),
    "shot.get_episode": lambda w: gazu.shot.get_episode(w.episode["id"]),
    "shot.get_episode_by_name": lambda w: gazu.shot.get_episode_by_name(w.project, "E01"),
    "shot.get_episode_from_sequence": lambda w: gazu.shot.get_episode_from_sequence(w.sequence),
    "shot.get_sequence": lambda w: gazu.shot.get_sequence(w.sequence["id"]),
    "shot.get_sequence_by_name": lambda w: gazu.shot.get_sequence_by_name(w.project, "SQ010"),
    "shot.get_sequence_from_shot": lambda w: gazu.shot.get_sequence_from_shot(w.shot),
    "shot.get_shot": lambda w: gazu.shot.get_shot(w.shot["id"]),
    "shot.get_shot_by_name": lambda w: gazu.shot.get_shot_by_name(w.sequence, "SH0010"),
    "shot.get_episode_url": lambda w: gazu.shot.get_episode_url(w.episode),
    "shot.get_shot_url": lambda w: gazu.shot.get_shot_url(w.shot),
    "shot.get_all_episodes_url": lambda w: gazu.shot.get_all_episodes_url(w.project),
    "shot.get_all_sequences_url": lambda w: gazu.shot.get_all_sequences_url(w.project),
    "shot.get_sequence_url": lambda w: gazu.shot.get_sequence_url(w.sequence),
    "shot.new_sequence": lambda w: gazu.shot.new_sequence(w.project, w.name("Sequence")),
    "shot.new_shot": lambda w: gazu.shot.new_shot(w.project, w.sequence, w.name("Shot")),
    "shot.update_shot": lambda w: gazu.shot.update_shot(w.fresh_shot()),
    "shot.update_sequence": lambda w: gazu.shot.update_sequence(w.fresh_sequence()),
    "shot.get_asset_instances_for_shot": lambda w: gazu.shot.get_asset_instances_for_shot(w.shot),
    "shot.update_shot_data": lambda w: gazu.shot.update_shot_data(w.fresh_shot(), {"note": "kept"}),
    "shot.update_sequence_data": lambda w: gazu.shot.update_sequence_data(
        w.fresh_sequence(), {"note": "kept"}
    ),
    "shot.remove_shot": lambda w: gazu.shot.remove_shot(w.fresh_shot(), force=True),
    "shot.restore_shot": lambda w: gazu.shot.restore_shot(w.fresh_removed_shot()),
    "shot.new_episode": lambda w: gazu.shot.new_episode(w.project, w.name("Episode")),
    "shot.update_episode": lambda w: gazu.shot.update_episode(w.fresh_episode()),
    "shot.update_episode_data": lambda w: gazu.shot.update_episode_data(w.fresh_episode(), {"note": "kept"}),
    "shot.remove_episode": lambda w: gazu.shot.remove_episode(w.fresh_episode()),
    "shot.remove_sequence": lambda w: gazu.shot.remove_sequence(w.fresh_sequence()),
    "shot.all_asset_instances_for_shot": lambda w: gazu.shot.all_asset_instances_for_shot(w.shot),
    "shot.add_asset_instance_to_shot": lambda w: gazu.shot.add_asset_instance_to_shot(
        w.fresh_shot(), w.asset_instance
    ),
    "shot.remove_asset_instance_from_shot": lambda w: gazu.shot.remove_asset_instance_from_shot(
        w.shot, w.fresh_asset_instance()
    ),
    "shot.import_shots_with_csv": lambda w: gazu.shot.import_shots_with_csv(w.project, w.shots_csv),
    "shot.import_otio": lambda w: gazu.shot.import_otio(
        w.project, w.otio, w.episode, "${project_name}_${sequence_name}-${shot_name}"
    ),
    "shot.export_shots_with_csv": lambda w: gazu.shot.export_shots_with_csv(w.project, w.path("csv")),
    "context.all_open_projects": lambda w: gazu.context.all_open_projects(),
    "context.all_assets_for_project": lambda w: gazu.context.all_assets_for_project(w.project),
    "context.all_asset_types_for_project": lambda w: gazu.context.all_asset_types_for_project(w.project),
    "context.all_assets_for_asset_type_and_project": lambda w: (
        gazu.context.all_assets_for_asset_type_and_project(w.project, w.asset_type)
    ),
    "context.all_task_types_for_asset": lambda w: gazu.context.all_task_types_for_asset(w.asset),
    "context.all_task_types_for_shot": lambda w: gazu.context.all_task_types_for_shot(w.shot),
    "context.all_task_types_for_scene": lambda w: gazu.context.all_task_types_for_scene(w.scene),
    "context.all_task_types_for_sequence": lambda w: gazu.context.all_task_types_for_sequence(w.sequence),
    "context.all_sequences_for_project": lambda w: gazu.context.all_sequences_for_project(w.project),
    "context.all_scenes_for_project": lambda w: gazu.context.all_scenes_for_project(w.project),
    "context.all_shots_for_sequence": lambda w: gazu.context.all_shots_for_sequence(w.sequence),
    "context.all_scenes_for_sequence": lambda w: gazu.context.all_scenes_for_sequence(w.sequence),
    "context.all_sequences_for_episode": lambda w: gazu.context.all_sequences_for_episode(w.episode),
    "context.all_episodes_for_project": lambda w: gazu.context.all_episodes_for_project(w.project),
    "search.search_entities": lambda w: gazu.search.search_entities("teapot", w.project),
}
