"""A repeated request is executed once, also if the portal was killed in between; the audit log has one entry."""

import threading

from served import Served

COUPONS = {"minutes_valid": 60, "count": 3}


def instance(portal):
    return portal.api("POST", "/captive/instances", {"name": "Lobby", "strategy": "coupon", "session_ttl": 3600})["id"]


def test_a_response_is_repeated_after_the_portal_was_killed(tmp_path):
    with Served(tmp_path) as portal:
        path = f"/captive/instances/{instance(portal)}/coupons"
        first = portal.ask("POST", path, COUPONS, **{"Idempotency-Key": "batch-1"})
        assert first.status_code == 201 and "Idempotency-Replayed" not in first.headers
        portal.kill()
        portal.start()
        again = portal.ask("POST", path, COUPONS, **{"Idempotency-Key": "batch-1"})
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert len(portal.api("GET", path)) == 3
        other = portal.ask("POST", path, COUPONS | {"count": 4}, **{"Idempotency-Key": "batch-1"})
        assert (other.status_code, other.json()["code"]) == (409, "conflict")
        for code in (coupon["code"] for coupon in first.json()):
            assert code not in portal.log.read_text()


def test_simultaneous_requests_create_one_batch(tmp_path):
    with Served(tmp_path) as portal:
        path = f"/captive/instances/{instance(portal)}/coupons"
        answers = []

        def post():
            answers.append(portal.ask("POST", path, COUPONS, **{"Idempotency-Key": "batch-2"}))

        threads = [threading.Thread(target=post) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
        assert len(portal.api("GET", path)) == 3


def test_the_audit_log_has_changes_by_the_command_line(tmp_path):
    with Served(tmp_path) as portal:
        made = instance(portal)
        log = portal.api("GET", "/captive/audit-log")
        assert [entry["action"] for entry in log] == ["createInstance", "createToken"]
        assert log[0]["resource_id"] == made and log[0]["address"] == "127.0.0.1"
        assert log[1]["address"] is None and log[1]["subject"] and log[1]["resource_id"] == log[0]["token_id"]
        spare = portal.run("token", "create").stdout.strip()
        listed = portal.api("GET", "/captive/audit-log?resource=tokens")
        assert portal.run("token", "revoke", listed[0]["resource_id"]).returncode == 0
        latest = portal.api("GET", "/captive/audit-log?limit=1")[0]
        assert (latest["action"], latest["fields"]) == ("revokeToken", ["revoked_at"])
        assert spare not in portal.log.read_text()
