"""Each class of fault that servers of this kind had, and the tests that stand against it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
LESSONS = "security/test_lessons.py"
SSO = "security/test_single_sign_on.py"

ROWS: dict[str, list[tuple[str, str]]] = {
    "token forgery": [(LESSONS, "test_token_forgery")],
    "secret exposure": [(LESSONS, "test_secret_exposure")],
    "filter oracle": [(LESSONS, "test_filter_oracle")],
    "stored XSS": [(LESSONS, "test_stored_xss")],
    "HTML injection in mail": [(LESSONS, "test_html_injection_in_mail")],
    "IDOR child and parent": [(LESSONS, "test_a_child_is_not_reached_through_another_parent")],
    "mass assignment": [
        (LESSONS, "test_mass_assignment"),
        (SSO, "test_claims_set_neither_role_nor_state"),
    ],
    "list and single": [(LESSONS, "test_list_and_single_do_not_drift_apart")],
    "role resolved too late": [(LESSONS, "test_the_role_on_the_production_counts")],
    "cached scoping": [(LESSONS, "test_nobody_is_served_what_was_made_for_another")],
    "guest impersonation": [(LESSONS, "test_guest_impersonation")],
    "privileged import": [(LESSONS, "test_privileged_import")],
    "timing and lockout": [(LESSONS, "test_timing_and_lockout")],
    "SSO": [
        (LESSONS, "test_single_sign_on_tells_no_internals"),
        (SSO, "test_nobody_has_a_default_password"),
        (SSO, "test_an_email_that_is_not_verified_opens_no_account"),
        (SSO, "test_errors_of_the_provider_stay_in_the_log"),
    ],
    "FIDO": [(LESSONS, "test_a_second_factor_is_not_removed_without_proof")],
    "CORS, cache, frames": [(LESSONS, "test_cors_caches_and_frames")],
    "websocket": [(LESSONS, "test_a_room_of_a_playlist_is_for_those_who_see_it")],
    "path and disk": [
        (LESSONS, "test_paths_and_disk"),
        ("storage/test_temporary.py", "test_what_a_killed_process_left_is_removed_and_nothing_else"),
        ("test_request_limits.py", "test_a_large_body_is_refused_whatever_it_is_called"),
        ("services/test_storage_quota.py", "test_a_person_has_so_much_room_and_no_more"),
    ],
    "bcrypt": [(LESSONS, "test_bcrypt_takes_72_bytes")],
    "keys that reach further than they say": [
        ("permissions/test_keys_walk.py", "test_no_route_tells_a_key_of_another_production"),
        ("permissions/test_keys_walk.py", "test_a_key_changes_nothing_of_ones_own_in_another_production"),
    ],
    "open by design elsewhere": [
        (LESSONS, "test_what_was_open_by_design_is_closed"),
        (
            "routers/auth/test_sessions.py",
            "test_cookie_sessions_repeat_the_csrf_token_where_the_setting_asks_for_it",
        ),
        ("test_request_limits.py", "test_requests_are_counted_by_address"),
        ("workers/test_event_handlers.py", "test_keys_and_passwords_of_the_server_do_not_reach_handlers"),
    ],
}


@pytest.mark.parametrize("row", ROWS)
def test_a_class_of_faults_has_its_tests(row: str) -> None:
    for file, name in ROWS[row]:
        found = [
            node.name
            for node in ast.walk(ast.parse((TESTS / file).read_text()))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        assert name in found, f"{file} has no {name}"
