#!/usr/bin/env python3
"""Draws the pictures of docs/detectors.md from recorded ticks and what the detectors make of them.

    pip install matplotlib
    scripts/detector-pictures.py PENSTOCK_BINARY spy_ticks_20131010.csv.gz docs/pictures
"""
import csv
import datetime
import gzip
import json
import pathlib
import subprocess
import sys
import zoneinfo

import matplotlib

matplotlib.use("Agg")
import matplotlib.dates as mdates  # noqa: E402
import matplotlib.pyplot as plt  # noqa: E402

ZONE = zoneinfo.ZoneInfo("America/New_York")
# Marker and colour.
MARKS = {
    "HIGH": ("^", "tab:green"), "LOW": ("v", "tab:red"), "SURGE": ("*", "tab:orange"), "TREND": ("s", "tab:purple"),
    "VWAP_CROSS": ("D", "tab:cyan"), "VOLUME_SPIKE": ("|", "tab:brown"), "OPENING_RANGE_BREAK": ("P", "tab:olive"),
    "QUARANTINE": ("x", "crimson"),
}


def moment(nanos):
    return datetime.datetime.fromtimestamp(int(nanos) / 1e9, ZONE)


def at(text, day):
    return datetime.datetime.fromisoformat(f"{day} {text}").replace(tzinfo=ZONE)


def read(path):
    with gzip.open(path, "rt") as file:
        return [(moment(row["timestamp_ns"]), float(row["price"])) for row in csv.DictReader(file)]


def detect(binary, path):
    done = subprocess.run([binary, "replay", str(path), "--json"], capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [event for event in events if "type" in event]


def draw(name, title, ticks, events, types, start, end, *, points=False, prices=None):
    figure, axes = plt.subplots(figsize=(10, 4.2), dpi=90)
    shown = [(time, price) for time, price in ticks if start <= time <= end]
    style = {"linestyle": "", "marker": ".", "markersize": 3} if points else {"linewidth": 0.7, "drawstyle": "steps-post"}
    axes.plot([time for time, _ in shown], [price for _, price in shown], color="0.55", zorder=1, label="trades", **style)
    for kind in types:
        here = [(moment(one["timestamp_ns"]), one) for one in events if one["type"] == kind]
        here = [(time, one) for time, one in here if start <= time <= end]
        if not here:
            continue
        marker, colour = MARKS[kind]
        axes.scatter([time for time, _ in here], [one["price"] for _, one in here], marker=marker, color=colour, s=70,
                     zorder=3, label=f"{kind} ({len(here)})")
        for time, one in here:
            if kind in ("SURGE", "TREND", "VWAP_CROSS"):
                axes.annotate(one["direction"].lower(), (time, one["price"]), xytext=(4, 6),
                              textcoords="offset points", fontsize=7, color=colour)
    if prices:
        axes.set_ylim(*prices)
    axes.set_xlim(start, end)
    axes.set_title(title, fontsize=10, loc="left")
    long = end - start > datetime.timedelta(minutes=10)
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%H:%M" if long else "%H:%M:%S", tz=ZONE))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="best")
    figure.tight_layout()
    figure.savefig(name, metadata={"Software": None})
    plt.close(figure)


def main():
    binary, path, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    ticks, events = read(path), detect(binary, path)
    day = ticks[0][0].date().isoformat()

    draw(folder / "day.png", f"SPY, {day}, REGULAR (New York time): extremes, trends and crossings of the VWAP",
         ticks, events, ["HIGH", "LOW", "TREND", "VWAP_CROSS", "OPENING_RANGE_BREAK", "SURGE"],
         at("09:30", day), at("16:00", day), points=True, prices=(167.0, 169.4))
    surge = next(one for one in events if one["type"] == "SURGE" and one["session"] == "REGULAR")
    time = moment(surge["timestamp_ns"])
    draw(folder / "surge.png", "A SURGE: three prints in a row say so, a minute's move beyond four times the usual",
         ticks, events, ["SURGE", "HIGH", "TREND"], time - datetime.timedelta(minutes=3),
         time + datetime.timedelta(minutes=3), points=True)
    draw(folder / "quarantine.png", "QUARANTINE: late prints at the old close and the like, seen by no other detector",
         ticks, events, ["QUARANTINE", "HIGH", "LOW"], at("15:30", day), at("17:00", day), points=True)


if __name__ == "__main__":
    main()
