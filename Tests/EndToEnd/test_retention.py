"""What is older than the operator wants to remember goes when the program starts, and then hourly."""

import sqlite3

from portal import eventually
from served import Served

DAY = 86_400 * 1_000_000


def codes(books) -> set[str]:
    return {code for code, in books.execute("SELECT code FROM coupons")}


def test_coupons_that_expired_long_ago_are_deleted(tmp_path):
    with Served(tmp_path, PORTICO_RETENTION_DAYS="30") as portal:
        lobby = portal.api("POST", "/captive/instances", {"name": "Lobby", "strategy": "coupon", "session_ttl": 1200})
        path = f"/captive/instances/{lobby['id']}/coupons"
        old, expired, valid = portal.api("POST", path, {"minutes_valid": 60, "count": 3})
        portal.stop()
        with sqlite3.connect(tmp_path / "portico.db") as books:
            for coupon, days in (old, 31), (expired, 29):
                aged = "UPDATE coupons SET expires_at = expires_at - ? WHERE code = ?"
                books.execute(aged, (days * DAY, coupon["code"]))
        books.close()
        portal.start()
        books = sqlite3.connect(tmp_path / "portico.db")
        assert eventually(lambda: codes(books) == {expired["code"], valid["code"]}), codes(books)
        assert [coupon["id"] for coupon in portal.api("GET", path)] == [valid["id"]]
        books.close()
        log = portal.log.read_text()
        assert "coupons deleted" in log and old["code"] not in log
