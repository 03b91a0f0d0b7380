"""What mails say."""

from __future__ import annotations

from datetime import datetime

import pytest

from kitsu_api.services import mails
from kitsu_api.services.mails import Mail, Paragraph
from kitsu_api.settings import Settings

SETTINGS = Settings.model_construct(domain_name="studio.example:8080", domain_protocol="https")


def reset_mail(**values: str) -> Mail:
    given = {"studio": "Studio", "name": "Ada", "token": "to-ken", "address": "192.0.2.1", **values}
    return mails.password_reset(SETTINGS, to="ada+x@studio.example", at=datetime(2026, 1, 2, 3, 4), **given)


def test_a_reset_mail_holds_the_link_in_both_forms():
    mail = reset_mail()
    link = "https://studio.example:8080/reset-change-password?email=ada%2Bx%40studio.example&token=to-ken"
    assert link in mail.text
    assert link.replace("&", "&amp;") in mail.html
    assert "2026-01-02 03:04 UTC" in mail.text


@pytest.mark.parametrize("field", ["name", "address", "studio"])
def test_nothing_in_a_mail_is_markup(field):
    mail = reset_mail(**{field: "<img src=x onerror=alert(1)>"})
    assert "<img" not in mail.html


def test_a_subject_is_one_line():
    mail = reset_mail(studio="Studio\r\nBcc: everybody@example.com")
    assert "\n" not in mail.subject
    message = mails.as_message(SETTINGS, mail)
    assert message["Bcc"] is None


def test_an_address_with_a_line_break_is_refused():
    mail = mails.compose("a@b.example\nBcc: c@d.example", "Hello", "Hello", (Paragraph("x"),))
    with pytest.raises(ValueError, match="linefeed"):
        mails.as_message(SETTINGS, mail)


def test_a_message_has_plain_text_first_and_html_beside_it():
    message = mails.as_message(SETTINGS, reset_mail())
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["Message-ID"].endswith("@studio.example>")


def test_secrets_do_not_show_in_a_traceback():
    assert "to-ken" not in repr(reset_mail())
