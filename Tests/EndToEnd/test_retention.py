"""Records older than the retention time are deleted when the program starts, and then hourly."""

import ctypes
import sqlite3

import requests

from portal import eventually
from served import SITE, Served

DAY = 86_400 * 1_000_000


def codes(database) -> set[str]:
    return {code for code, in database.execute("SELECT code FROM coupons")}


def test_coupons_that_expired_long_ago_are_deleted(tmp_path):
    with Served(tmp_path, PORTICO_RETENTION_DAYS="30") as portal:
        lobby = portal.api("POST", "/captive/instances", {"name": "Lobby", "strategy": "coupon", "session_ttl": 1200})
        path = f"/captive/instances/{lobby['id']}/coupons"
        old, expired, valid = portal.api("POST", path, {"minutes_valid": 60, "count": 3})
        portal.stop()
        with sqlite3.connect(tmp_path / "portico.db") as database:
            for coupon, days in (old, 31), (expired, 29):
                aged = "UPDATE coupons SET expires_at = expires_at - ? WHERE code = ?"
                database.execute(aged, (days * DAY, coupon["code"]))
        database.close()
        portal.start()
        database = sqlite3.connect(tmp_path / "portico.db")
        assert eventually(lambda: codes(database) == {expired["code"], valid["code"]}), codes(database)
        assert [coupon["id"] for coupon in portal.api("GET", path)] == [valid["id"]]
        database.close()
        log = portal.log.read_text()
        assert "coupons deleted" in log and old["code"] not in log


def kernel_is_synchronised() -> bool:
    """The state of this machine's clock from adjtimex(2); 5 is TIME_ERROR."""
    return ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(1_024)) != 5


# All stored times from which the portal estimates the present, and those that it compares with the clock.
TIMES = {"coupons": ["created_at", "expires_at"], "sessions": ["created_at", "authorized_at", "expires_at"],
         "audit_entries": ["created_at"], "api_tokens": ["created_at"], "instances": ["created_at"],
         "sites": ["created_at"], "self_checks": ["written_at", "trusted_at"]}


def test_a_clock_that_is_a_year_ahead_deletes_and_ends_nothing(tmp_path):
    """The times in the database are set back by a year, which is equivalent. A synchronised clock is trusted."""
    with Served(tmp_path, PORTICO_RETENTION_DAYS="30") as portal:
        portal.api("PUT", f"/captive/sites/{SITE}", {"name": "Hotel", "router": {"driver": "none"}})
        lobby = portal.api("POST", "/captive/instances", {
            "name": "Lobby", "strategy": "coupon", "session_ttl": 3600,
            "sites": [{"id": SITE, "subnets": ["10.9.0.0/16"]}]})
        used, spare = portal.api("POST", f"/captive/instances/{lobby['id']}/coupons", {"minutes_valid": 60, "count": 2})
        page = requests.get(portal.guest_url(1), timeout=10).url
        assert requests.post(page, {"code": used["code"]}, allow_redirects=False, timeout=10).status_code == 303
        assert eventually(lambda: portal.users()[0]["status"] == "active")
        portal.stop()
        with sqlite3.connect(tmp_path / "portico.db") as database:
            for table, columns in TIMES.items():
                for column in columns:
                    database.execute(f"UPDATE {table} SET {column} = {column} - ?", (365 * DAY,))
        database.close()
        portal.start()
        database = sqlite3.connect(tmp_path / "portico.db")
        running = lambda: database.execute("SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL").fetchone() == (1,)
        if kernel_is_synchronised():
            assert eventually(lambda: not codes(database) and not running())
        else:
            # Once from the tasks that wait for the clock, once from the task that deletes.
            assert eventually(lambda: portal.log.read_text().count("the clock is far ahead of the last known time") >= 2)
            assert codes(database) == {used["code"], spare["code"]} and running()
        database.close()
