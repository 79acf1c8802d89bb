"""Answers questions about time zones and recurrence, one JSON object a line, on the system's tz database.

Recurrence and wall clocks are python-dateutil's reading. Python's own zoneinfo reads the same files and is the witness
where dateutil errs: it does not read files whose standard time is the summer's (Morocco, Ireland) as RFC 9636 says, and
gives standard time from the last change in a file on, which is that of late 2037.

Wall clocks are minutes since 1970-01-01T00:00 as the clock shows them, instants minutes since the epoch in UTC.
"""

import json
import sys
import zoneinfo
from datetime import datetime, timedelta, timezone

from dateutil import rrule, tz

EPOCH = datetime(1970, 1, 1)
UTC_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
DAY_MINUTES = 1440


def offset_at(zone, instant):
    return (UTC_EPOCH + instant * MINUTE).astimezone(zone).utcoffset() // MINUTE


def transitions(question):
    """Every change of the offset in [from, to): [instant, offset before, offset after], looked for day by day."""
    zone = zoneinfo.ZoneInfo(question["zone"])
    found = []
    at, before = question["from"], offset_at(zone, question["from"])
    while at < question["to"]:
        following = at + DAY_MINUTES
        after = offset_at(zone, following)
        if after != before:
            low, high = at, following
            while high - low > 1:
                middle = (low + high) // 2
                if offset_at(zone, middle) == after:
                    high = middle
                else:
                    low = middle
            found.append([high, before, after])
        at, before = following, after
    return found


def existing(walls, zone):
    """The readings that the clock shows: [wall clock, instant], the first of two."""
    return [
        [(wall - EPOCH) // MINUTE, (wall.replace(tzinfo=zone, fold=0) - UTC_EPOCH) // MINUTE]
        for wall in walls
        if tz.datetime_exists(wall, zone)
    ]


def occurrences(question):
    """Of each rule the occurrences that exist; zoneinfo's where it differs, and in how many rules it does."""
    theirs, witness = tz.gettz(question["zone"]), zoneinfo.ZoneInfo(question["zone"])
    answers, errors = [], 0
    for rule in question["rules"]:
        walls = list(rrule.rrulestr(rule["rrule"], dtstart=EPOCH + rule["startsAt"] * MINUTE))
        right = existing(walls, witness)
        errors += existing(walls, theirs) != right
        answers.append(right)
    return {"occurrences": answers, "errors": errors}


ANSWERS = {
    "zones": lambda _: sorted(zoneinfo.available_timezones()),
    "transitions": transitions,
    "occurrences": occurrences,
}

for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = {"answer": ANSWERS[question["ask"]](question)}
    except Exception as error:  # The asker says what it asked; here is only why there is no answer.
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
