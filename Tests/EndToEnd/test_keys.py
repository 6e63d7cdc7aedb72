"""Key rotation: a new key is put first, stored secrets are re-sealed while the portal runs, and the old key is removed."""

import base64
import hashlib
import os
import signal
import sqlite3
import subprocess

import pytest
import requests
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal import eventually, program
from served import SITE, Served, free_port

OLD, NEW = os.urandom(32), os.urandom(32)
OTHER = "b1b2c3d4-e5f6-47b8-89d0-e1f2a3b4c5d6"
ROUTER = {"driver": "routeros-rest", "url": f"http://127.0.0.1:{free_port()}", "username": "portico", "password": "pass"}


def keys(*raw) -> str:
    return ",".join(base64.b64encode(key).decode() for key in raw)


def key_id(raw) -> bytes:
    return hashlib.sha256(raw).digest()[:4]


def seal(raw, plain, purpose) -> bytes:
    nonce = os.urandom(12)
    return b"\x01" + key_id(raw) + nonce + AESGCM(raw).encrypt(nonce, plain, purpose.encode())


def opened(raw, sealed, purpose) -> bytes:
    assert sealed[:5] == b"\x01" + key_id(raw)
    return AESGCM(raw).decrypt(sealed[5:17], sealed[17:], purpose.encode())


def sealed_with(path, raw) -> int:
    """The number of stored secrets that were sealed with that key."""
    columns = [("sites", "password"), ("sites", "fas_key"), ("integrations", "client_secret"),
               ("notification_groups", "webhook_secret"), ("kept_answers", "answer"), ("handovers", "message")]
    with sqlite3.connect(path) as database:
        counts = [database.execute(f"SELECT COUNT(*) FROM {table} WHERE SUBSTR({column}, 1, 5) = ?",
                                (b"\x01" + key_id(raw),)).fetchone()[0] for table, column in columns]
    database.close()
    return sum(counts)


@pytest.fixture
def portal(tmp_path):
    """A portal with the old key, a secret of each kind that an admin sets, and a stored response for an Idempotency-Key."""
    # Nothing listens there: `check` calls identity providers.
    nowhere = f"http://127.0.0.1:{free_port()}"
    with Served(tmp_path, PORTICO_SECRET_KEYS=keys(OLD), PORTICO_OAUTH_GOOGLE_ISSUER=nowhere) as portal:
        portal.hotel("client", "client-secret")
        portal.api("PUT", f"/captive/sites/{SITE}", {"router": ROUTER})
        portal.api("PUT", f"/captive/sites/{OTHER}", {"name": "Bar", "router": {"driver": "none"}})
        portal.api("POST", "/captive/notification-groups",
                   {"name": "Desk", "emails": [], "webhook_url": "https://hooks.example.org/x"})
        body = {"name": "Once", "strategy": "coupon", "session_ttl": 1200}
        assert portal.ask("POST", "/captive/instances", body, **{"Idempotency-Key": "k1"}).status_code == 201
        portal.database = tmp_path / "portico.db"
        yield portal


def restart(portal, *raw):
    portal.stop()
    portal.environment["PORTICO_SECRET_KEYS"] = keys(*raw)
    return portal.start()


def serve_once(portal, *arguments):
    """Runs `serve`, which is expected to exit."""
    return subprocess.run([program(), "serve", *arguments], env=portal.environment, capture_output=True, text=True,
                          timeout=60)


def test_a_key_rotates_step_by_step(portal):
    assert sealed_with(portal.database, OLD) == 4
    restart(portal, NEW, OLD)
    assert eventually(lambda: sealed_with(portal.database, OLD) == 0)
    assert sealed_with(portal.database, NEW) == 4
    log = portal.log.read_text()
    assert f"key={key_id(OLD).hex()}" in log and "stored secrets re-sealed" in log and 'count=4' in log

    check = portal.run("check")
    assert f"({key_id(NEW).hex()}) seals; 4 stored secrets" in check.stdout
    assert f"({key_id(OLD).hex()}) is needed by no stored secret" in check.stdout

    restart(portal, NEW)
    portal.token = portal.run("token", "create").stdout.strip()
    assert portal.api("GET", f"/captive/sites/{SITE}")["router"]["username"] == "portico"
    health = portal.api("GET", f"/captive/sites/{SITE}/health")
    assert health["reason"] == "router_unreachable", "the password opens, and nothing listens there"
    body = {"name": "Once", "strategy": "coupon", "session_ttl": 1200}
    again = portal.ask("POST", "/captive/instances", body, **{"Idempotency-Key": "k1"})
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert keys(OLD) not in portal.log.read_text() and keys(NEW) not in portal.log.read_text()


def test_removing_an_old_key_too_early_stops_the_start_until_it_is_restored(portal):
    portal.stop()
    portal.environment["PORTICO_SECRET_KEYS"] = keys(NEW)
    refused = serve_once(portal)
    assert refused.returncode == 78, refused.stderr
    [line] = refused.stderr.splitlines()
    assert line.startswith("portico: configuration: secret.keys: ")
    assert " opens 4 of " in line and "sites 1" in line and "integrations 1" in line and "notification_groups 1" in line
    assert key_id(OLD).hex() in line and "Put the missing key back" in line
    assert keys(OLD) not in line and keys(NEW) not in line

    check = portal.run("check")
    assert check.returncode == 78 and line in check.stderr.splitlines()
    migrated = portal.run("database", "migrate")
    assert migrated.returncode == 78 and line in migrated.stderr.splitlines()

    portal.environment["PORTICO_SECRET_KEYS"] = keys(NEW, OLD)
    portal.start()
    assert eventually(lambda: sealed_with(portal.database, OLD) == 0)
    assert portal.api("GET", "/captive/auth-integrations")[0]["config"]["client_id"] == "client"


def test_check_reports_how_many_rows_need_which_key(portal):
    portal.stop()
    portal.environment["PORTICO_SECRET_KEYS"] = keys(NEW, OLD)
    check = portal.run("check")
    assert f"key 1 ({key_id(NEW).hex()}) seals; 0 stored secrets" in check.stdout
    assert f"key 2 ({key_id(OLD).hex()}) is still needed by 4 stored secrets" in check.stdout
    assert "sites 1, integrations 1, notification_groups 1, kept_answers 1" in check.stdout
    migrated = portal.run("database", "migrate")
    assert migrated.returncode == 0 and "sealed with the first key: 4" in migrated.stdout
    assert sealed_with(portal.database, OLD) == 0
    portal.start()


def test_a_lost_key_affects_only_the_secrets(portal):
    """With the flag, the portal serves requests that do not need the secrets, and accepts new ones."""
    portal.stop()
    portal.environment["PORTICO_SECRET_KEYS"] = keys(NEW)
    with open(portal.log, "ab") as log:
        portal.process = subprocess.Popen([program(), "serve", "--allow-unreadable-secrets"], env=portal.environment,
                                          stdout=log, stderr=log)
    assert eventually(lambda: (portal.run("token", "list").returncode == 0 and portal.process.poll() is None)
                      and _is_up(portal))
    portal.token = portal.run("token", "create").stdout.strip()
    assert {site["id"] for site in portal.api("GET", "/captive/sites")} == {SITE, OTHER}
    health = portal.api("GET", f"/captive/sites/{SITE}/health")
    assert health["status"] == "failing" and "secret.keys" in health["explanation"]
    assert portal.api("GET", f"/captive/sites/{OTHER}/health")["status"] == "ok"
    ready = requests.get("http://" + portal.environment["PORTICO_ADMIN_LISTEN"] + "/readyz", timeout=10)
    assert ready.status_code == 503 and "secret.keys" in ready.text

    portal.api("PUT", f"/captive/sites/{SITE}", {"router": ROUTER})
    assert eventually(lambda: portal.api("GET", f"/captive/sites/{SITE}/health")["reason"] == "router_unreachable")
    [integration] = portal.api("GET", "/captive/auth-integrations")
    portal.api("PUT", f"/captive/auth-integrations/{integration['id']}",
               {"name": "Peer", "type": "google", "config": {"client_id": "client", "client_secret": "again"}})
    [group] = portal.api("GET", "/captive/notification-groups")
    portal.api("PUT", f"/captive/notification-groups/{group['id']}", {"webhook_secret": "0123456789abcdef"})
    assert sealed_with(portal.database, OLD) == 0
    restart(portal, NEW)


def _is_up(portal):
    try:
        return requests.get(portal.url + "/captive/openapi.json", timeout=2).status_code == 200
    except requests.ConnectionError:
        return False


def test_a_damaged_secret_affects_only_its_site(portal):
    portal.stop()
    with sqlite3.connect(portal.database) as database:
        moved = seal(OLD, b"pass", "site-router-password:another")
        database.execute("UPDATE sites SET password = ? WHERE password IS NOT NULL", (moved,))
    database.close()
    portal.start()
    assert portal.api("GET", f"/captive/sites/{OTHER}/health")["status"] == "ok"
    assert "secret.keys" in portal.api("GET", f"/captive/sites/{SITE}/health")["explanation"]
    assert eventually(lambda: "router failing" in portal.log.read_text())
    assert "cannot be read" not in portal.log.read_text() and "cannot read" not in portal.log.read_text()
    assert "secret.keys" in portal.run("check").stderr


def test_a_kill_during_re_sealing_loses_nothing(portal):
    """Many stored responses are sealed with the old key; the portal is killed while it re-seals them."""
    portal.stop()
    count, workspace = 30_000, "default"
    plain = {number: os.urandom(20) for number in range(count)}

    def purpose(key):
        return f"kept-answer:{workspace}:" + "-".join(f"{byte:x}" for byte in key)

    with sqlite3.connect(portal.database) as database:
        for number in range(count):
            key = hashlib.sha256(str(number).encode()).digest()
            row = (workspace, key, bytes(32), seal(OLD, plain[number], purpose(key)), 4_000_000_000_000_000)
            database.execute("INSERT INTO kept_answers (workspace, key, request, answer, created_at) VALUES (?, ?, ?, ?, ?)",
                          row)
    database.close()
    total = sealed_with(portal.database, OLD)
    portal.environment["PORTICO_SECRET_KEYS"] = keys(NEW, OLD)
    with open(portal.log, "ab") as log:
        portal.process = subprocess.Popen([program(), "serve"], env=portal.environment, stdout=log, stderr=log)
    assert eventually(lambda: sealed_with(portal.database, NEW) > 200, seconds=60)
    portal.process.send_signal(signal.SIGKILL)
    portal.process.wait()
    done, left = sealed_with(portal.database, NEW), sealed_with(portal.database, OLD)
    assert done + left == total
    assert left > 0, "killed in the middle"

    portal.start()
    assert eventually(lambda: sealed_with(portal.database, OLD) == 0, seconds=120)
    with sqlite3.connect(portal.database) as database:
        rows = dict(database.execute("SELECT key, answer FROM kept_answers WHERE workspace = ?", (workspace,)))
    database.close()
    for number in range(count):
        key = hashlib.sha256(str(number).encode()).digest()
        assert opened(NEW, rows[key], purpose(key)) == plain[number]
    restart(portal, NEW)
