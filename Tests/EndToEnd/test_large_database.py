"""A large database returns correct results, from the first page to the last.

PORTICO_ROWS is the number of coupons and guest records (and a tenth of it of instances); use a million to measure
scaling. The times are printed (pytest -s) and not checked: Tests/StorageTests checks the plans of all statements.
"""

import os
import sqlite3
import time
import uuid

import pytest

from portal import Demo

ROWS = int(os.environ.get("PORTICO_ROWS", 20_000))
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
YEAR = 365 * 86_400 * 1_000_000
FAILED = 3


def code(number: int) -> str:
    """Returns the code with that number; all are distinct and equally long."""
    text = ""
    for _ in range(6):
        number, digit = divmod(number, 30)
        text = ALPHABET[digit] + text
    return text


def address(number: int) -> bytes:
    return bytes([10, 200 + (number >> 16) % 50, number >> 8 & 255, number & 255])


def fill(database, demo):
    """Writes rows as a year of guests does."""
    now = time.time_ns() // 1_000
    site, instance = uuid.UUID(demo.site_id).bytes, uuid.UUID(demo.coupon_instance_id).bytes
    names = [column[1] for column in database.execute("PRAGMA table_info (instances)")]
    row = dict(zip(names, database.execute("SELECT * FROM instances WHERE id = ?", [instance]).fetchone()))
    marks = ", ".join("?" * len(names))
    made = (row | {"id": os.urandom(16), "name": f"Large {number}", "created_at": now - number * 1_000_000}
            for number in range(ROWS // 10))
    database.executemany(f"INSERT INTO instances VALUES ({marks})", ([new[name] for name in names] for new in made))
    database.executemany(
        "INSERT INTO coupons (id, instance_id, workspace, code, expires_at, created_at) VALUES (?, ?, 'default', ?, ?, ?)",
        ((os.urandom(16), instance, code(number), now + YEAR, now - YEAR + number) for number in range(ROWS)))
    database.executemany(
        """INSERT INTO sessions (id, site_id, instance_id, workspace, mac, ip, status, strategy, device, ttl, created_at,
           authorized_at, expires_at, ended_at) VALUES (?, ?, ?, 'default', ?, ?, ?, 'coupon', ?, 3600, ?, ?, ?, ?)""",
        ((os.urandom(16), site, instance, 0x06_00_00_00_00_00 + number, address(number),
          "failed" if number < FAILED else "expired", "Kiosk" if number == ROWS // 2 else "iPhone", start, start, start + 1,
          start + 1) for number in range(ROWS) for start in [now - 80 * 86_400_000_000 + number]))
    database.commit()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    with Demo(folder) as demo:
        pass
    began = time.monotonic()
    with sqlite3.connect(folder / "portico.db") as database:
        fill(database, demo)
    database.close()
    print(f"\n{ROWS} rows written in {time.monotonic() - began:.1f} s")
    began = time.monotonic()
    with Demo(folder) as demo:
        print(f"start: {(time.monotonic() - began) * 1_000:.0f} ms")
        yield demo


def timed(demo, path, **options):
    began = time.monotonic()
    answer = demo.api("GET", path, **options)
    print(f"{(time.monotonic() - began) * 1_000:7.1f} ms  {path.split('&cursor')[0][:100]}")
    assert answer.status_code == 200, answer.text
    return answer


def pages(demo, path, count):
    """Yields the rows of the first pages of a list, following its links."""
    rows = []
    for _ in range(count):
        answer = timed(demo, path)
        rows += answer.json()
        if "next" not in answer.links:
            break
        path = answer.links["next"]["url"].removeprefix(demo.portal_url)
    return rows


def test_pages_of_lists_have_no_gaps_and_no_duplicates(large):
    users = f"/captive/sites/{large.site_id}/users"
    for path in ["/captive/instances", large.coupons_path(), users]:
        rows = pages(large, path + "?limit=500", 4)
        assert len({row["id"] for row in rows}) == len(rows) >= min(2_000, ROWS // 10)
        assert [row["created_at"] for row in rows] == sorted((row["created_at"] for row in rows), reverse=True)


def test_one_of_many_is_found(large):
    instance = pages(large, "/captive/instances?limit=500", 2)[-1]
    assert timed(large, f"/captive/instances/{instance['id']}").json()["name"] == instance["name"]
    user = pages(large, f"/captive/sites/{large.site_id}/users?limit=500", 2)[-1]
    assert timed(large, f"/captive/sites/{large.site_id}/users/{user['id']}").json() == user


def test_filters_find_few_rows_among_many(large):
    users = f"/captive/sites/{large.site_id}/users"
    number = ROWS // 3
    mac = ":".join(f"{0x06_00_00_00_00_00 + number:012X}"[place:place + 2] for place in range(0, 12, 2))
    ip = ".".join(map(str, address(number)))
    assert [row["ip"] for row in timed(large, f"{users}?mac={mac}").json()] == [ip]
    assert mac in [row["mac"] for row in timed(large, f"{users}?ip={ip}").json()]
    assert len(timed(large, f"{users}?status=failed").json()) == FAILED
    assert [row["device"] for row in timed(large, f"{users}?q=kiosk").json()] == ["Kiosk"]
    for text in (mac, mac.lower().replace(":", "-"), mac.replace(":", ""), mac[-14:], mac[-14:].replace(":", "").lower()):
        assert [row["ip"] for row in timed(large, f"{users}?q={text}").json() if row["mac"] == mac] == [ip], text


def test_a_code_among_many_works_once(large):
    began = time.monotonic()
    assert large.guest().enter(code(ROWS // 2)).status_code == 303
    print(f"{(time.monotonic() - began) * 1_000:7.1f} ms  a guest's way to being online")
    assert large.guest().enter(code(ROWS // 2)).status_code == 422


def test_the_csv_of_users_has_all_rows_up_to_its_limit(large):
    users = f"/captive/sites/{large.site_id}/users"
    large.api("GET", users)
    began = time.monotonic()
    answer = large.export(users)
    lines = answer.text.splitlines()
    print(f"{(time.monotonic() - began) * 1_000:7.1f} ms  {len(lines) - 1} lines, {len(answer.content) >> 20} MiB")
    assert len(lines) - 1 >= min(ROWS, 100_000)
    assert ("next" in answer.links) == (ROWS > 100_000)
    assert len({line.split(",")[0] for line in lines}) == len(lines)
