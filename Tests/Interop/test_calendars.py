"""Calendars minute by minute against exchange_calendars, through `penstock config sessions`.

Holidays and early closes are taken from exchange_calendars and given as lists; opens, closes, breaks, weeks, time zones and daylight saving are the
preset's. us_equities gets no lists at all: it must know its own.
"""
import datetime
import json
import subprocess
import time
import zoneinfo
from random import Random

import exchange_calendars
import numpy
import pandas
import pytest

from conftest import BINARY, SHARED


def sessions(calendar, start, end, session="REGULAR"):
    """Our ranges as a table of date, start and end."""
    profile = json.dumps([{"name": "one", "calendar": calendar}])
    command = [BINARY, "config", "sessions", "--from", start, "--to", end, "--json", "--config", "/dev/stdin"]
    result = subprocess.run(command, input=f"profiles: {profile}\n", capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    rows = pandas.DataFrame([json.loads(line) for line in result.stdout.splitlines()])
    rows = rows[rows.session == session]
    return pandas.DataFrame({
        "date": pandas.to_datetime(rows.date), "start": pandas.to_datetime(rows.start), "end": pandas.to_datetime(rows.end)})


def minutes(starts, ends):
    """Every minute of the ranges, from 1970."""
    first = pandas.DatetimeIndex(starts).tz_convert(None).to_numpy("datetime64[m]").astype(numpy.int64)
    last = pandas.DatetimeIndex(ends).tz_convert(None).to_numpy("datetime64[m]").astype(numpy.int64)
    return numpy.concatenate([numpy.arange(a, b) for a, b in zip(first, last)])


def ranges_of(schedule):
    """An exchange's schedule as ranges: two where there is a break."""
    broken = schedule[schedule.break_start.notna()]
    whole = schedule[schedule.break_start.isna()]
    starts = pandas.concat([whole.open, broken.open, broken.break_end])
    ends = pandas.concat([whole.close, broken.break_start, broken.close])
    order = numpy.argsort(starts.to_numpy(), kind="stable")
    return starts.index[order], starts.iloc[order], ends.iloc[order]


def lists(calendar, start, end, week, usual=None):
    """Its holidays, and its early closes in local time: dates that close before `usual`, or those that it calls early."""
    days = pandas.date_range(start, end)
    in_week = days[[day.strftime("%a").lower() in week for day in days]]
    schedule = calendar.schedule
    local = schedule.close.dt.tz_convert(calendar.tz)
    early = schedule.index.isin(calendar.early_closes) if usual is None else local.dt.strftime("%H:%M") < usual
    return {
        "holidays": [str(day.date()) for day in in_week.difference(schedule.index)],
        "early_closes": [f"{date.date()} {close:%H:%M}" for date, close in local[early].items()],
    }


def agree(ours, schedule):
    dates, starts, ends = ranges_of(schedule)
    wanted = minutes(starts, ends)
    found = minutes(ours.start, ours.end)
    if not numpy.array_equal(wanted, found):
        strange = numpy.setxor1d(wanted, found)
        pytest.fail(f"{strange.size} minutes are strange: {[str(minute) for minute in strange[:20].astype('datetime64[m]')]}")
    # And of the same trading dates.
    assert numpy.array_equal(pandas.DatetimeIndex(ours.date).to_numpy("datetime64[D]"), dates.to_numpy("datetime64[D]"))
    return found.size


WEEK = ["mon", "tue", "wed", "thu", "fri"]


def test_us_equities_know_their_days_from_1990_to_2027():
    calendar = exchange_calendars.get_calendar("XNYS", start="1990-01-01", end="2027-12-31")
    ours = sessions({"preset": "us_equities"}, "1990-01-01", "2027-12-31")
    assert agree(ours, calendar.schedule) > 3_600_000


#: Where the exchange's hours were others in part of the time, `usual` is the preset's close: what closed before it is an early close.
EXCHANGES = [
    ("XLON", "london", "2015-01-01", {}, WEEK, None),
    # Until 2024-11-05 Tokyo closed at 15:00: early closes of the preset's 15:30.
    ("XTKS", "tokyo", "2015-01-01", {}, WEEK, "15:30"),
    # Half days end at the break: REGULAR's second range falls away.
    ("XHKG", "hong_kong", "2015-01-01", {}, WEEK, None),
    # exchange_calendars knows Riyadh from 2021 on.
    ("XSAU", "riyadh", "2021-01-01", {}, ["sun", "mon", "tue", "wed", "thu"], None),
    # exchange_calendars has the CME open until 17:00, without the hour's pause at 16:00 that the preset keeps: its hours are given as ranges.
    ("CMES", "us_futures", "2015-01-01", {"sessions": {"regular": ["<17:00-17:00"]}}, WEEK, None),
    # Not asked for, and at hand.
    ("XETR", "xetra", "2015-01-01", {}, WEEK, None),
    ("XPAR", "euronext", "2015-01-01", {}, WEEK, None),
    ("XASX", "sydney", "2015-01-01", {}, WEEK, None),
    ("XTSE", "toronto", "2015-01-01", {}, WEEK, None),
]


@pytest.mark.parametrize("exchange, preset, start, keys, week, usual", EXCHANGES, ids=[e[0] for e in EXCHANGES])
def test_presets_agree_with_their_exchange(exchange, preset, start, keys, week, usual):
    end = "2027-12-31"
    calendar = exchange_calendars.get_calendar(exchange, start=start, end=end)
    given = {"preset": preset, **keys, **lists(calendar, start, end, week, usual)}
    assert agree(sessions(given, start, end), calendar.schedule) > 500_000


def test_the_futures_preset_pauses_from_16_to_17_chicago():
    ours = sessions({"preset": "us_futures"}, "2020-01-06", "2020-01-07")
    assert [str(start) for start in ours.start] == ["2020-01-05 23:00:00+00:00", "2020-01-06 23:00:00+00:00"]
    assert [str(end) for end in ours.end] == ["2020-01-06 22:00:00+00:00", "2020-01-07 22:00:00+00:00"]


def test_forty_years_take_seconds():
    began = time.monotonic()
    assert len(sessions({"preset": "us_equities"}, "1990-01-01", "2029-12-31")) > 10_000
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("arguments, code, words", [
    (["--from", "2026-02-30", "--to", "2026-03-01"], 64, "--from is '2026-02-30'; must be a date such as 2026-12-21"),
    (["--from", "2026-03-02", "--to", "2026-03-01"], 64, "--to 2026-03-01 is before --from 2026-03-02"),
    (["--from", "2026-03-01", "--to", "2026-03-02", "--profile", "x"], 64, "there is no profile 'x'; there are: default"),
])
def test_what_it_cannot_print_is_told(arguments, code, words):
    result = subprocess.run([BINARY, "config", "sessions", *arguments], capture_output=True, text=True, timeout=60)
    assert result.returncode == code and words in result.stderr and result.stdout == "", result.stderr


def test_people_read_a_table():
    command = [BINARY, "config", "sessions", "--from", "2026-11-26", "--to", "2026-11-27"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.stdout.splitlines() == [
        "date        session     start (UTC)           end (UTC)",
        "2026-11-27  PRE         2026-11-27T09:00:00Z  2026-11-27T14:30:00Z",
        "2026-11-27  REGULAR     2026-11-27T14:30:00Z  2026-11-27T18:00:00Z",
        "2026-11-27  POST        2026-11-27T18:00:00Z  2026-11-27T22:00:00Z",
    ]


# --- Calendars of one's own against a few lines of Python

DAY = 24 * 60
NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
#: Clocks that change at night, at midnight (Cairo, Beirut, Asuncion), by half an hour (Lord Howe), southwards, and never.
ZONES = ["Europe/London", "America/Chicago", "Africa/Cairo", "Asia/Beirut", "America/Asuncion", "Australia/Lord_Howe",
         "America/St_Johns", "Asia/Tehran", "Asia/Kathmandu", "Pacific/Auckland"]


def text(minute):
    before = minute < 0
    minute += DAY if before else 0
    return f"{'<' if before else ''}{minute // 60:02}:{minute % 60:02}"


def drawn(random):
    """A calendar and what is needed to know it: ranges of a day, one after another, none in another's break."""
    start = random.choice([-14, -7, -2, 0, 1, 4, 8]) * 60
    cuts = sorted(random.sample(range(start, min(start + DAY, DAY) + 1, 15), 8))
    kinds = random.choice([("pre", "regular", "regular", "post"), ("regular",), ("regular", "regular"), ("pre", "regular"),
                           ("regular", "post", "post"), ("pre", "pre", "regular", "regular")])
    ranges = [(kind, cuts[2 * i], cuts[2 * i + 1]) for i, kind in enumerate(kinds)]
    first = datetime.date(random.randrange(2001, 2026), 1, 1)
    days = [first + datetime.timedelta(days=i) for i in range(366)]
    week = random.sample(NAMES, random.randrange(1, 8))
    trading = [day for day in days if NAMES[day.weekday()] in week]
    holidays = random.sample(trading, 5)
    regular = [r for r in ranges if r[0] == "regular"]
    early = {}
    # One that moves POST across the next trading date's ranges is nobody's calendar: later than all but two hours before the end.
    least = max(regular[0][1] + 1, regular[-1][2] - 120, 0)
    if least < DAY:
        early = {day: random.randrange(least, DAY) for day in random.sample(sorted(set(trading) - set(holidays)), 5)}
    keys = {
        "time_zone": random.choice(ZONES), "week": week, "holidays": [str(day) for day in holidays],
        "early_closes": [f"{day} {text(minute)}" for day, minute in early.items()],
        "sessions": {kind: [f"{text(a)}-{text(b)}" for k, a, b in ranges if k == kind] for kind in set(kinds)},
    }
    return keys, ranges, [day for day in trading if day not in holidays], early


def expected(keys, ranges, trading, early):
    zone = zoneinfo.ZoneInfo(keys["time_zone"])

    def utc(day, minute):
        # fold=0: of a time that stands twice the first, of one that is skipped as if clocks had not changed.
        local = datetime.datetime.combine(day, datetime.time(), zone) + datetime.timedelta(minutes=minute)
        return local.astimezone(datetime.timezone.utc)

    usual = max(b for kind, _, b in ranges if kind == "regular")
    for day in trading:
        close = early.get(day, usual)
        moved = min([a for kind, a, _ in ranges if kind == "post"], default=0) - close if close < usual else 0
        for kind, a, b in ranges:
            if kind == "regular":
                b = min(b, close)
            elif kind == "post":
                a, b = a - moved, b - moved
            start, end = utc(day, a), utc(day, b)
            # Nothing is left after an early close, or where clocks skip the whole range.
            if a < b and start < end:
                yield str(day), kind.upper(), f"{start:%Y-%m-%dT%H:%M:%SZ}", f"{end:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("seed", range(40))
def test_own_calendars_agree_with_a_model(seed):
    keys, ranges, trading, early = drawn(Random(seed))
    wanted = list(expected(keys, ranges, trading, early))
    profile = json.dumps([{"name": "one", "calendar": keys}])
    command = [BINARY, "config", "sessions", "--from", str(trading[0]), "--to", str(trading[-1]), "--json", "--config", "/dev/stdin"]
    result = subprocess.run(command, input=f"profiles: {profile}\n", capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, (keys, result.stderr)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    found = [(row["date"], row["session"], row["start"], row["end"]) for row in rows]
    assert len(wanted) > 20 and sorted(found) == sorted(wanted), keys


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared, which lies beside the project")
def test_a_futures_session_opens_with_its_gap_at_17_in_chicago():
    """The day's one break in the E-mini's minutes; with a session cut at midnight or at 09:30 the gap would lie there."""
    settings = {"name": "one", "calendar": {"preset": "us_futures"}, "detectors": {"bar": {"gap": {"gap_pct": 0.01}}}}
    result = subprocess.run(
        [BINARY, "replay", SHARED / "data" / "es_futures_bars_1m_20200106.csv.gz", "--events", "--json", "--config", "/dev/stdin"],
        input=f"profiles: {json.dumps([settings])}\n", capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    events = [event for event in map(json.loads, result.stdout.splitlines()) if event.get("type") == "GAP"]
    chicago = zoneinfo.ZoneInfo("America/Chicago")
    opened = [datetime.datetime.fromtimestamp(event["timestamp_ns"] / 1e9, chicago) for event in events]
    assert [str(moment.replace(tzinfo=None)) for moment in opened] == ["2020-01-06 17:00:00"]
