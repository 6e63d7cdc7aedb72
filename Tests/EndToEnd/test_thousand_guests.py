"""A thousand guests arrive at once, each with a coupon that another device tries as well."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from portal import eventually

GUESTS = 1_000
AT_ONCE = 100


async def ask(url, method="GET", form="") -> tuple[int, dict[str, str]]:
    """Returns status and header fields of one request on a new connection."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write((
            f"{method} {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n{form}").encode())
        answer = await asyncio.wait_for(reader.read(), timeout=60)
    finally:
        writer.close()
    head = answer.split(b"\r\n\r\n", 1)[0].decode().split("\r\n")
    fields = dict(line.split(": ", 1) for line in head[1:])
    return int(head[0].split()[1]), fields


async def arrive(guest) -> str:
    """Follows the redirects from the router to the page; returns its address."""
    url = guest.url
    for _ in range(2):
        status, fields = await ask(url)
        assert status == 302, (url, status)
        url = fields["Location"]
    status, _ = await ask(url)
    assert status == 200
    return url


async def rivals(code, owner, other, gate) -> tuple[str | None, list[int]]:
    """Two devices enter one code at the same time; returns the connected one, and both statuses."""
    async with gate:
        pages = await asyncio.gather(arrive(owner), arrive(other))
        answers = await asyncio.gather(*(ask(page, "POST", f"code={code}") for page in pages))
    statuses = [status for status, _ in answers]
    winners = [guest.mac for guest, status in zip((owner, other), statuses) if status == 303]
    return (winners[0] if len(winners) == 1 else None), statuses


async def all_at_once(codes, owners, others):
    gate = asyncio.Semaphore(AT_ONCE)
    return await asyncio.gather(*(rivals(*four, gate) for four in zip(codes, owners, others)))


def run(coroutine):
    """Runs on a new thread: the browser tests leave an event loop running on the main one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def test_each_code_connects_exactly_one_device_and_the_router_has_no_others(fresh_demo):
    codes = [coupon["code"] for coupon in fresh_demo.new_coupons(GUESTS)]
    owners = [fresh_demo.guest() for _ in range(GUESTS)]
    others = [fresh_demo.guest() for _ in range(GUESTS)]
    results = run(all_at_once(codes, owners, others))

    wrong = [statuses for _, statuses in results if sorted(statuses) != [303, 422]]
    assert not wrong, f"{len(wrong)} of {GUESTS} codes did not connect one device and refuse one, such as {wrong[:3]}"
    connected = {winner for winner, _ in results}
    assert len(connected) == GUESTS
    assert eventually(lambda: fresh_demo.router_active().keys() == connected, seconds=60), "the router must hold exactly these"


def test_every_coupon_is_used_after_that(fresh_demo):
    """The same with few guests, checked in the control API."""
    codes = {coupon["code"] for coupon in fresh_demo.new_coupons(50)}
    guests = [fresh_demo.guest() for _ in range(100)]
    run(all_at_once(codes, guests[:50], guests[50:]))
    left = {coupon["code"] for coupon in fresh_demo.api("GET", fresh_demo.coupons_path(), params={"limit": 500}).json()}
    assert not codes & left
