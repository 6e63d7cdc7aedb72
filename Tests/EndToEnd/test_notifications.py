"""Notifications of new coupons: by e-mail and webhook, through failures, and never to a wrong address."""

import hashlib
import hmac
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from portal import eventually
from receivers import Certificate, MailServer, Webhook
from served import Served

FROM = "Guest Wi-Fi <wifi@example.org>"


@pytest.fixture
def mail(tmp_path):
    server = MailServer(Certificate(tmp_path), auth=True).start()
    yield server
    server.stop()


@pytest.fixture
def webhook():
    receiver = Webhook()
    yield receiver
    receiver.stop()


def served(folder, mail, **settings):
    authorities = {"PORTICO_SMTP_CA_CERTIFICATE": str(mail.certificate.file)} if mail.certificate else {}
    standard = {"PORTICO_SMTP_URL": mail.url, "PORTICO_SMTP_FROM": FROM, "PORTICO_WEBHOOKS_ALLOW_PRIVATE": "true"}
    return Served(folder, **standard | authorities | settings)


def group(portal, emails=("desk@example.org",), webhook=None):
    return portal.api("POST", "/captive/notification-groups",
                      {"name": "Front desk", "emails": list(emails), "webhook_url": webhook and webhook.url})


def run(portal, group_id, name="Tagespässe"):
    """A schedule that notifies the group, run once; returns its path and its coupons."""
    instance = portal.api("POST", "/captive/instances", {"name": "Lobby", "strategy": "coupon", "session_ttl": 3600})
    path = f"/captive/instances/{instance['id']}/coupon-schedules"
    schedule = portal.api("POST", path, {
        "name": name, "count": 3, "recurrence_type": "daily", "valid_for_in_minutes": 480,
        "timezone": "Australia/Sydney", "notification_group_id": group_id})
    return f"{path}/{schedule['id']}", portal.api("POST", f"{path}/{schedule['id']}/run")


def states(portal, group_id):
    deliveries = portal.api("GET", f"/captive/notification-groups/{group_id}")["last_deliveries"]
    return {delivery["to"]: delivery for delivery in deliveries}


def test_each_recipient_gets_a_separate_mail_with_a_link_to_the_codes(tmp_path, mail):
    with served(tmp_path, mail) as portal:
        who = ["desk@example.org", "night@example.org"]
        _, coupons = run(portal, group(portal, who)["id"])
        assert eventually(lambda: len(mail.messages) == 2), portal.log.read_text()
        assert sorted(mail.envelopes) == [("wifi@example.org", [address]) for address in who]
        assert mail.encrypted == [True, True], "STARTTLS is used if it is offered"
        message = mail.messages[0]
        assert message["From"] == FROM and message["To"] in who and message["Auto-Submitted"] == "auto-generated"
        assert message["Subject"] == "3 coupons for Lobby: Tagespässe"
        assert message["Message-ID"] and message["Date"]
        text = message.get_body(("plain",)).get_content()
        assert "Valid for 8 hours, until" in text and "(Australia/Sydney, GMT+1" in text
        link = re.search(r"^(http\S+/captive/coupons\?\S+)\s*$", text, re.M)[1]
        html = message.get_body(("html",)).get_content()
        assert link.replace("&", "&amp;") in html
        for coupon in coupons:
            assert coupon["code"] not in str(message)
        listed = requests.get(link, headers={"Accept": "application/json"}, timeout=10)
        assert {coupon["code"] for coupon in listed.json()} == {coupon["code"] for coupon in coupons}


def test_a_webhook_gets_a_signed_call(tmp_path, mail, webhook):
    with served(tmp_path, mail) as portal:
        made = group(portal, [], webhook)
        path, coupons = run(portal, made["id"])
        assert eventually(lambda: webhook.calls), portal.log.read_text()
        (target, headers, body), = webhook.calls
        facts = json.loads(body)
        assert target == "/hook" and facts["event"] == "coupons.generated" and facts["count"] == 3
        assert path.endswith(facts["schedule_id"]) and facts["expires_at"] == coupons[0]["expires_at"]
        signature = dict(part.split("=", 1) for part in headers["Portico-Signature"].split(","))
        expected = hmac.new(made["webhook_secret"].encode(), f"{signature['t']}.".encode() + body, hashlib.sha256)
        assert signature["v1"] == expected.hexdigest()
        assert set(parse_qs(urlsplit(facts["signed_url"]).query)) == {"sid", "expires", "signature"}
        assert requests.get(facts["signed_url"], timeout=10).status_code == 200
        assert eventually(lambda: states(portal, made["id"]).get(webhook.url))
        assert states(portal, made["id"])[webhook.url]["status"] == "delivered"
        assert "signature=" not in portal.log.read_text() and webhook.url not in portal.log.read_text()


def test_an_unavailable_mail_server_causes_no_loss_and_no_repetition(tmp_path, mail, webhook):
    mail.stop()
    with served(tmp_path, mail) as portal:
        made = group(portal, webhook=webhook)
        run(portal, made["id"])
        assert eventually(lambda: states(portal, made["id"]).get("desk@example.org"))
        state = states(portal, made["id"])["desk@example.org"]
        assert state["status"] == "retrying" and "cannot be reached" in state["reason"]
        mail.start()
        assert eventually(lambda: mail.messages, seconds=40), portal.log.read_text()
        assert eventually(lambda: states(portal, made["id"])["desk@example.org"]["status"] == "delivered")
        assert len(mail.messages) == 1 and len(webhook.calls) == 1


def test_a_killed_portal_delivers_later_and_a_repetition_is_recognisable(tmp_path, mail):
    webhook = Webhook(answers=[500])
    with served(tmp_path, mail) as portal:
        made = group(portal, [], webhook)
        run(portal, made["id"])
        assert eventually(lambda: webhook.calls)
        portal.kill()
        portal.start()
        assert eventually(lambda: len(webhook.calls) == 2, seconds=75), portal.log.read_text()
        first, second = (headers["Portico-Event-ID"] for _, headers, _ in webhook.calls)
        assert first == second
        assert eventually(lambda: states(portal, made["id"]).get(webhook.url, {}).get("status") == "delivered")
    webhook.stop()


def test_a_rejected_address_does_not_affect_the_others(tmp_path, mail):
    mail.refused.add("gone@example.org")
    with served(tmp_path, mail) as portal:
        made = group(portal, ["gone@example.org", "desk@example.org"])
        run(portal, made["id"])
        assert eventually(lambda: len(states(portal, made["id"])) == 2), portal.log.read_text()
        found = states(portal, made["id"])
        assert found["desk@example.org"]["status"] == "delivered"
        assert found["gone@example.org"]["status"] == "failed" and "5.1.1" in found["gone@example.org"]["reason"]


def test_delivery_to_a_webhook_that_returns_410_ends(tmp_path, mail):
    webhook = Webhook(answers=[410])
    with served(tmp_path, mail) as portal:
        made = group(portal, [], webhook)
        run(portal, made["id"])
        assert eventually(lambda: states(portal, made["id"]).get(webhook.url))
        assert states(portal, made["id"])[webhook.url]["status"] == "failed"
    webhook.stop()


def test_private_addresses_are_not_called_without_permission(tmp_path, mail, webhook):
    with served(tmp_path, mail, PORTICO_WEBHOOKS_ALLOW_PRIVATE="false") as portal:
        url = webhook.url.replace("http:", "https:")
        for private in (webhook.url, url, "https://[::ffff:127.0.0.1]/", "https://10.0.0.1/"):
            answer = portal.ask("POST", "/captive/notification-groups", {"name": "x", "webhook_url": private})
            assert (answer.status_code, answer.json()["code"]) == (400, "parameter_invalid"), private
        named = url.replace("127.0.0.1", "localhost")
        made = portal.api("POST", "/captive/notification-groups", {"name": "x", "webhook_url": named})
        run(portal, made["id"])
        assert eventually(lambda: states(portal, made["id"]).get(named)), portal.log.read_text()
        assert "private or special" in states(portal, made["id"])[named]["reason"]
        assert not webhook.calls


def test_a_group_in_use_cannot_be_deleted(tmp_path, mail):
    with served(tmp_path, mail) as portal:
        made = group(portal)
        run(portal, made["id"])
        assert portal.ask("DELETE", f"/captive/notification-groups/{made['id']}").status_code == 409


@pytest.mark.parametrize("change, words", [
    (lambda url: url, None), (lambda url: url + "?tls=required", None),
    (lambda url: url.replace("s3cret-p4ss", "wrong-p4ss"), "refuses the user name and password"),
])
def test_check_reports_the_problem_of_the_mail_server(tmp_path, mail, change, words):
    portal = served(tmp_path, mail, PORTICO_SMTP_URL=change(mail.url))
    result = portal.check()
    assert "p4ss" not in result.stdout + result.stderr
    if words:
        assert result.returncode == 1 and words in result.stderr
    else:
        assert result.returncode == 0, result.stderr
        assert "smtp.url: 127.0.0.1 responds and accepts the user" in result.stdout
    assert ("add ?tls=required" in result.stdout) == ("tls=required" not in change(mail.url))


def test_check_reports_a_mail_server_that_is_down_untrusted_or_cannot_encrypt(tmp_path, mail):
    untrusted = Served(tmp_path, PORTICO_SMTP_URL=mail.url, PORTICO_SMTP_FROM=FROM).check()
    assert untrusted.returncode == 1 and "TLS connection to the mail server failed" in untrusted.stderr, untrusted.stderr
    plain = MailServer().start()
    result = served(tmp_path, plain, PORTICO_SMTP_URL=plain.url + "?tls=required").check()
    plain.stop()
    assert result.returncode == 1 and "TLS connection to the mail server failed" in result.stderr, result.stderr
    assert served(tmp_path, plain).check().returncode == 1


@pytest.mark.parametrize("settings", [
    {"PORTICO_SMTP_URL": "smtp://mail.example.org"}, {"PORTICO_SMTP_FROM": "wifi@example.org"},
    {"PORTICO_SMTP_URL": "http://mail.example.org", "PORTICO_SMTP_FROM": "wifi@example.org"},
    {"PORTICO_SMTP_URL": "smtp://mail.example.org?tls=never", "PORTICO_SMTP_FROM": "wifi@example.org"},
    {"PORTICO_SMTP_URL": "smtp://mail.example.org", "PORTICO_SMTP_FROM": "wifi"},
])
def test_inconsistent_mail_settings_are_rejected(tmp_path, settings):
    result = Served(tmp_path, **settings).run("check")
    assert result.returncode == 78 and "smtp." in result.stderr
