"""What the server tells of its settings, to whom."""

from __future__ import annotations

from pydantic import SecretStr

from tests import factories


async def test_the_web_client_reads_its_settings_before_anybody_signs_in(client, configure):
    configure(default_locale="fr_FR", default_timezone="Asia/Tokyo", enforce_2fa=True)
    config = (await client.get("/config")).json()
    assert config["default_locale"] == "fr_FR"
    assert config["default_timezone"] == "Asia/Tokyo"
    assert config["enforce_2fa"] is True
    assert config["dark_theme_by_default"] is False
    assert config["indexer_configured"] is False
    assert "sentry" not in config


async def test_the_studio_chooses_the_dark_theme(client, make):
    await make(factories.organisation(dark_theme_by_default=True))
    assert (await client.get("/config")).json()["dark_theme_by_default"] is True


async def test_crash_reports_are_told_of_when_they_are_on(client, configure):
    configure(sentry_kitsu_enabled=True, sentry_kitsu_dsn="https://key@sentry.test/1")
    config = (await client.get("/config")).json()
    assert config["sentry"] == {"dsn": "https://key@sentry.test/1", "sample_rate": 0.1}


async def test_without_an_admin_token_there_is_no_admin_route(client, as_role):
    assert (await client.get("/admin/config/check", headers=await as_role("admin"))).status_code == 404


async def test_the_admin_route_takes_the_admin_token_alone(client, configure, as_role):
    configure(admin_token=SecretStr("a very long key"))
    path = "/admin/config/check"
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers=await as_role("admin"))).status_code == 403
    assert (await client.get(path, headers={"Authorization": "Bearer é".encode()})).status_code == 403
    assert (await client.get(path, headers={"Authorization": "Bearer a very long key"})).status_code == 200


async def test_the_check_names_settings_that_suit_a_trial_only(client, configure):
    token = SecretStr("a very long key")
    headers = {"Authorization": "Bearer a very long key"}
    configure(admin_token=token, registration="open")
    answer = (await client.get("/admin/config/check", headers=headers)).json()
    assert answer["ok"] is False
    assert "KITSU_REGISTRATION" in {advice["setting"] for advice in answer["advice"]}
    configure(
        admin_token=token,
        registration="closed",
        cookie_secure=True,
        cookie_csrf_protect=True,
        rate_limits=True,
        bcrypt_log_rounds=12,
        mail_to_log=False,
    )
    answer = (await client.get("/admin/config/check", headers=headers)).json()
    assert answer == {"ok": True, "advice": []}
