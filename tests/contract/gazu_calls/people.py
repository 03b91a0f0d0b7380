"""Calls on people and on who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gazu

from tests.contract.gazu_world import DAY, TODAY, WEEK, YEAR, World

CALLS: dict[str, Callable[[World], Any]] = {
    "person.all_organisations": lambda w: gazu.person.all_organisations(),
    "person.all_departments": lambda w: gazu.person.all_departments(),
    "person.all_persons": lambda w: gazu.person.all_persons(),
    "person.get_time_spents_range": lambda w: gazu.person.get_time_spents_range(w.person["id"], DAY, DAY),
    "person.get_all_month_time_spents": lambda w: gazu.person.get_all_month_time_spents(
        w.person["id"], TODAY
    ),
    "person.get_department_by_name": lambda w: gazu.person.get_department_by_name("Modeling department"),
    "person.get_department": lambda w: gazu.person.get_department(w.department["id"]),
    "person.get_person": lambda w: gazu.person.get_person(w.person["id"], relations=True),
    "person.get_person_by_desktop_login": lambda w: gazu.person.get_person_by_desktop_login("grace"),
    "person.get_person_by_email": lambda w: gazu.person.get_person_by_email("grace@studio.example"),
    "person.get_person_by_full_name": lambda w: gazu.person.get_person_by_full_name("Grace Hopper"),
    "person.get_person_url": lambda w: gazu.person.get_person_url(w.person),
    "person.get_organisation": lambda w: gazu.person.get_organisation(),
    "person.new_department": lambda w: gazu.person.new_department(w.name("Department")),
    "person.update_department": lambda w: gazu.person.update_department(w.fresh_department()),
    "person.remove_department": lambda w: gazu.person.remove_department(w.fresh_department()),
    "person.new_person": lambda w: gazu.person.new_person(
        "Joan", "Clarke", "joan@studio.example", departments=[w.department]
    ),
    "person.update_person": lambda w: gazu.person.update_person(w.fresh_person()),
    "person.remove_person": lambda w: gazu.person.remove_person(w.fresh_person(), force=True),
    "person.new_bot": lambda w: gazu.person.new_bot("Night bot", "night@studio.example"),
    "person.update_bot": lambda w: gazu.person.update_bot(w.fresh_bot()),
    "person.remove_bot": lambda w: gazu.person.remove_bot(w.fresh_bot()),
    "person.set_avatar": lambda w: gazu.person.set_avatar(w.fresh_person(), w.png),
    "person.get_presence_log": lambda w: gazu.person.get_presence_log(YEAR, TODAY.month),
    "person.change_password_for_person": lambda w: gazu.person.change_password_for_person(
        w.fresh_person(), "another long password"
    ),
    "person.invite_person": lambda w: gazu.person.invite_person(w.fresh_person()),
    "person.get_time_spents_by_date": lambda w: gazu.person.get_time_spents_by_date(w.person, DAY),
    "person.get_week_time_spents": lambda w: gazu.person.get_week_time_spents(w.person, YEAR, WEEK),
    "person.get_year_time_spents": lambda w: gazu.person.get_year_time_spents(w.person, YEAR),
    "person.get_day_offs": lambda w: gazu.person.get_day_offs(w.artist),
    "person.get_week_day_offs": lambda w: gazu.person.get_week_day_offs(w.artist, YEAR, WEEK),
    "person.get_month_day_offs": lambda w: gazu.person.get_month_day_offs(w.artist, YEAR, TODAY.month),
    "person.get_year_day_offs": lambda w: gazu.person.get_year_day_offs(w.artist, YEAR),
    "person.get_day_off": lambda w: gazu.person.get_day_off(w.day_off["id"]),
    "person.new_day_off": lambda w: w.fresh_day_off(),
    "person.update_day_off": lambda w: gazu.person.update_day_off(w.fresh_day_off()),
    "person.remove_day_off": lambda w: gazu.person.remove_day_off(w.fresh_day_off()),
    "person.add_person_to_department": lambda w: gazu.person.add_person_to_department(
        w.fresh_person(), w.department
    ),
    "person.remove_person_from_department": lambda w: gazu.person.remove_person_from_department(
        gazu.person.add_person_to_department(w.fresh_person(), w.department), w.department
    ),
    "person.disable_two_factor_authentication": lambda w: gazu.person.disable_two_factor_authentication(
        w.fresh_guarded_person()
    ),
    "person.clear_person_avatar": lambda w: gazu.person.clear_person_avatar(w.fresh_person()),
    "user.all_open_projects": lambda w: gazu.user.all_open_projects(),
    "user.all_asset_types_for_project": lambda w: gazu.user.all_asset_types_for_project(w.project),
    "user.all_assets_for_asset_type_and_project": lambda w: gazu.user.all_assets_for_asset_type_and_project(
        w.project, w.asset_type
    ),
    "user.all_tasks_for_asset": lambda w: gazu.user.all_tasks_for_asset(w.asset),
    "user.all_tasks_for_shot": lambda w: gazu.user.all_tasks_for_shot(w.shot),
    "user.all_tasks_for_scene": lambda w: gazu.user.all_tasks_for_scene(w.scene),
    "user.all_tasks_for_sequence": lambda w: gazu.user.all_tasks_for_sequence(w.sequence),
    "user.all_task_types_for_asset": lambda w: gazu.user.all_task_types_for_asset(w.asset),
    "user.all_task_types_for_shot": lambda w: gazu.user.all_task_types_for_shot(w.shot),
    "user.all_task_types_for_scene": lambda w: gazu.user.all_task_types_for_scene(w.scene),
    "user.all_task_types_for_sequence": lambda w: gazu.user.all_task_types_for_sequence(w.sequence),
    "user.all_sequences_for_project": lambda w: gazu.user.all_sequences_for_project(w.project),
    "user.all_episodes_for_project": lambda w: gazu.user.all_episodes_for_project(w.project),
    "user.all_shots_for_sequence": lambda w: gazu.user.all_shots_for_sequence(w.sequence),
    "user.all_scenes_for_sequence": lambda w: gazu.user.all_scenes_for_sequence(w.sequence),
    "user.all_tasks_to_do": lambda w: gazu.user.all_tasks_to_do(),
    "user.all_done_tasks": lambda w: gazu.user.all_done_tasks(),
    "user.get_timespents_range": lambda w: gazu.user.get_timespents_range(DAY, DAY),
    "user.log_desktop_session_log_in": lambda w: gazu.user.log_desktop_session_log_in(),
    "user.is_authenticated": lambda w: gazu.user.is_authenticated(),
    "user.all_filters": lambda w: gazu.user.all_filters(),
    "user.new_filter": lambda w: gazu.user.new_filter(w.name("Filter"), "sh=wip", "shot", w.project),
    "user.remove_filter": lambda w: gazu.user.remove_filter(w.fresh_filter()),
    "user.update_filter": lambda w: gazu.user.update_filter(w.fresh_filter()),
    "user.get_context": lambda w: gazu.user.get_context(),
    "user.all_tasks_requiring_feedback": lambda w: gazu.user.all_tasks_requiring_feedback(),
    "user.all_filter_groups": lambda w: gazu.user.all_filter_groups(),
    "user.get_filter_group": lambda w: gazu.user.get_filter_group(w.filter_group),
    "user.update_filter_group": lambda w: gazu.user.update_filter_group(w.fresh_filter_group()),
    "user.remove_filter_group": lambda w: gazu.user.remove_filter_group(w.fresh_filter_group()),
    "user.all_desktop_login_logs": lambda w: gazu.user.all_desktop_login_logs(),
    "user.get_time_spents_by_date": lambda w: gazu.user.get_time_spents_by_date(DAY),
    "user.get_task_time_spent": lambda w: gazu.user.get_task_time_spent(w.shot_task, DAY),
    "user.get_day_off": lambda w: gazu.user.get_day_off(DAY, client=w.artist_client),
    "user.all_notifications": lambda w: gazu.user.all_notifications(),
    "user.get_notification": lambda w: gazu.user.get_notification(w.notification),
    "user.update_notification": lambda w: gazu.user.update_notification(w.notification),
    "user.check_task_subscription": lambda w: gazu.user.check_task_subscription(w.shot_task),
    "user.subscribe_to_task": lambda w: gazu.user.subscribe_to_task(w.fresh_task()),
    "user.unsubscribe_from_task": lambda w: gazu.user.unsubscribe_from_task(
        gazu.user.subscribe_to_task(t := w.fresh_task()) and t
    ),
    "user.all_chats": lambda w: gazu.user.all_chats(),
    "user.join_chat": lambda w: gazu.user.join_chat(w.asset),
    "user.leave_chat": lambda w: gazu.user.leave_chat(gazu.user.join_chat(s := w.fresh_shot()) and s),
    "user.clear_avatar": lambda w: gazu.user.clear_avatar(client=w.artist_client),
    "user.mark_all_notifications_as_read": lambda w: gazu.user.mark_all_notifications_as_read(),
}
