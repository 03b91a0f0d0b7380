"""What mails say."""

from __future__ import annotations

import html
import re
from datetime import datetime

import pytest

from kitsu_api.db.repositories.playlist_sharing import SharedLink
from kitsu_api.services import mail_texts, mails
from kitsu_api.services.mail_texts import Paragraph, Reader
from kitsu_api.services.mails import Mail
from kitsu_api.settings import Settings

SETTINGS = Settings.model_construct(domain_name="studio.example:8080", domain_protocol="https")
ADA = Reader("ada+x@studio.example", "Ada", "en_US")
LEA = Reader("lea@studio.example", "Léa", "fr_FR")
LINK = SharedLink("to-ken", "Dailies", "Lantern", datetime(2026, 1, 2, 3, 4), True)


def reset_mail(to: Reader = ADA, **values: str) -> Mail:
    given = {"studio": "Studio", "token": "to-ken", "address": "192.0.2.1", **values}
    return mail_texts.password_reset(SETTINGS, to=to, at=datetime(2026, 1, 2, 3, 4), **given)


def all_mails(to: Reader) -> list[Mail]:
    return [
        reset_mail(to),
        reset_mail(to, address=""),
        mail_texts.invitation(SETTINGS, "Studio", to, "to-ken", 7),
        mail_texts.invitation(SETTINGS, "Studio", to, None, 7),
        mail_texts.sign_in_code("Studio", to, "123456", 10),
        mail_texts.playlist_ready("Studio", to, "Ada", "Lantern - Dailies", "https://studio.example/p"),
        mail_texts.share_invitation(SETTINGS, "Studio", to, "Ada", LINK, ""),
        mail_texts.share_invitation(SETTINGS, "Studio", Reader(to.email, None, to.locale), "Ada", LINK, ""),
    ]


def test_a_reset_mail_holds_the_link_in_both_forms():
    mail = reset_mail()
    link = "https://studio.example:8080/reset-change-password?email=ada%2Bx%40studio.example&token=to-ken"
    assert link in mail.text
    assert link.replace("&", "&amp;") in mail.html
    assert "2026-01-02 03:04 UTC" in mail.text


def test_no_english_is_left_in_the_mails_of_somebody_who_reads_french():
    for english, french in zip(all_mails(ADA), all_mails(LEA), strict=True):
        assert english.subject != french.subject or english.subject == "Studio - invitation"
        assert '<html lang="fr">' in french.html
        # names and addresses are as they are; what is said around them is not
        same = set(english.text.splitlines()) & set(french.text.splitlines()) - {"", "--", "Studio"}
        assert [line for line in same if not line.startswith("https://")] == []


def test_a_plain_mail_and_its_page_say_the_same():
    for mail in all_mails(LEA):
        shown = html.unescape(re.sub(r"<[^>]*>", "\n", mail.html.partition("<body")[2].partition(">")[2]))
        said = [line for line in mail.text.splitlines() if line and line != "--"]
        for line in said:
            assert line in shown or line in html.unescape(mail.html), line


def test_who_has_no_name_is_greeted_without_one():
    mail = mail_texts.share_invitation(SETTINGS, "Studio", Reader("x@y.example", None, None), "Ada", LINK, "")
    assert mail.text.startswith("Hello,\n")


def test_a_share_invitation_quotes_its_message_line_by_line_and_tells_of_a_password():
    mail = mail_texts.share_invitation(SETTINGS, "Studio", ADA, "Grace", LINK, "First <b>\n\nsecond")
    assert "\n\nFirst <b>\n\nsecond\n\n" in mail.text
    assert "<p>First &lt;b&gt;</p>" in mail.html
    assert "Grace will tell you" in mail.text
    assert "The link closes on 2026-01-02 03:04 UTC." in mail.text


@pytest.mark.parametrize("field", ["address", "studio"])
def test_nothing_in_a_mail_is_markup(field):
    mail = reset_mail(**{field: "<img src=x onerror=alert(1)>"})
    assert "<img" not in mail.html


def test_a_name_is_no_markup():
    mail = reset_mail(Reader("x@y.example", "<img src=x onerror=alert(1)>", None))
    assert "<img" not in mail.html
    assert "&lt;img" in mail.html


def test_a_subject_is_one_line():
    mail = reset_mail(studio="Studio\r\nBcc: everybody@example.com")
    assert "\n" not in mail.subject
    message = mails.as_message(SETTINGS, mail)
    assert message["Bcc"] is None


def test_an_address_with_a_line_break_is_refused():
    to = Reader("a@b.example\nBcc: c@d.example", "Ada", None)
    mail = mail_texts.compose("Studio", to, "Hello", (Paragraph("x"),))
    with pytest.raises(ValueError, match="linefeed"):
        mails.as_message(SETTINGS, mail)


def test_a_message_has_plain_text_first_and_html_beside_it():
    message = mails.as_message(SETTINGS, reset_mail())
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["Message-ID"].endswith("@studio.example>")


def test_secrets_do_not_show_in_a_traceback():
    assert "to-ken" not in repr(reset_mail())
