"""Prints recurrences and when they come next, worked out with Python's zoneinfo from the zone files of a folder.

A second opinion that shares nothing with Portico but those files. Usage: zoneinfo_cases.py FOLDER COUNT SEED. A line is
`zone kind day-of-week day-of-month HH:MM after next`, the last two in seconds since 1970.
"""

import calendar
import random
import sys
import zoneinfo
from datetime import UTC, datetime, timedelta

# Half of the cases lie within days of what makes times hard.
HARD = [
    ("Pacific/Apia", "2011-12-30"), ("Pacific/Kwajalein", "1993-08-21"), ("Pacific/Fakaofo", "2011-12-30"),
    ("Pacific/Kiritimati", "1994-12-31"), ("Europe/Berlin", "2026-03-29"), ("Europe/Berlin", "2026-10-25"),
    ("Australia/Lord_Howe", "2026-04-05"), ("Australia/Lord_Howe", "2026-10-04"), ("Africa/Cairo", "2026-04-24"),
    ("Africa/Cairo", "2026-10-29"), ("America/New_York", "2040-03-11"), ("America/New_York", "2040-11-04"),
    ("Africa/Casablanca", "2026-02-15"), ("Africa/Casablanca", "2026-03-22"), ("Europe/Dublin", "2045-03-26"),
    ("Asia/Kathmandu", "1986-01-01"), ("America/Caracas", "2007-12-09"), ("Asia/Pyongyang", "2018-05-05"),
    ("Antarctica/Troll", "2026-03-29"), ("America/Havana", "2026-03-08"), ("Asia/Beirut", "2026-03-29"),
    ("America/Scoresbysund", "2024-03-31"), ("Europe/Istanbul", "2016-09-07"), ("Asia/Kolkata", "2028-02-29"),
    ("Australia/Adelaide", "2100-03-01"), ("America/Juneau", "1983-10-30"), ("Europe/Volgograd", "2020-12-27"),
]


def first_moment(shown, zone):
    """The first moment at which clocks of the zone show the naive `shown`, or the first after a gap, as UTC seconds."""
    early = shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None) == shown:
        return int(early.timestamp())
    # In a gap the two readings take the offsets before and after it; the change lies between them.
    late = shown.replace(tzinfo=zone, fold=1).astimezone(UTC)
    low, high = sorted((int(early.timestamp()) - 1, int(late.timestamp()) - 1))
    before = datetime.fromtimestamp(low, zone).utcoffset()
    high += 2
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def falls(day, kind, weekday, monthday):
    if kind == "weekly":
        return day.isoweekday() % 7 == weekday
    return kind == "daily" or day.day == min(monthday, calendar.monthrange(day.year, day.month)[1])


def next_run(zone, kind, weekday, monthday, hour, minute, after):
    day = datetime.fromtimestamp(after, zone).date() - timedelta(days=3)
    while True:
        if falls(day, kind, weekday, monthday):
            moment = first_moment(datetime(day.year, day.month, day.day, hour, minute), zone)
            if moment > after:
                return moment
        day += timedelta(days=1)


def case(names, chance):
    if chance.random() < 0.5:
        name, near = chance.choice(HARD)
        after = int(datetime.fromisoformat(near).replace(tzinfo=UTC).timestamp()) + chance.randint(-4 * 86400, 4 * 86400)
    else:
        name = chance.choice(names)
        # From the first zones without local mean time to years that only the rule at a file's end knows.
        after = chance.randint(-10 * 365 * 86400, 140 * 365 * 86400)
    kind = chance.choice(["daily", "weekly", "monthly"])
    weekday, monthday = chance.randint(0, 6), chance.choice([chance.randint(1, 31), 29, 30, 31])
    hour, minute = chance.choice([(0, 0), (2, 0), (2, 30), (23, 59), (chance.randint(0, 23), chance.randint(0, 59))])
    moment = next_run(zoneinfo.ZoneInfo(name), kind, weekday, monthday, hour, minute, after)
    return f"{name} {kind} {weekday} {monthday} {hour:02}:{minute:02} {after} {moment}"


def main():
    folder, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    zoneinfo.reset_tzpath([folder])
    chance = random.Random(seed)
    names = sorted(name for name in zoneinfo.available_timezones() if name[0].isupper() and name != "Factory")
    for _ in range(count):
        print(case(names, chance))


if __name__ == "__main__":
    main()
