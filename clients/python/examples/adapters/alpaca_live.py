"""Publishes Alpaca's trades as ticks, or its minute bars as bars. The key is in APCA_API_KEY_ID and APCA_API_SECRET_KEY:

    python alpaca_live.py SPY AAPL [--bars] [--server HOST:PORT] [--url URL]

`--bars` also takes updated bars (a correction of a minute) and daily bars (partial: another version comes each minute). Corrections and
cancellations of trades are passed over. After a lost connection Alpaca sends only what is new: trades and minutes in between are missed.
https://docs.alpaca.markets/docs/real-time-stock-pricing-data
"""
import datetime
import json
import os
import sys
from typing import Any

import live
from live import Bar, Tick

PRICE, VOLUME, CLOSE = 1, 2, 4  # not for prices, not for volume, official close
#: Sale conditions of the CTA and UTP plans, as docs/files.md has them by Polygon's numbers. Those that are not here have no effect.
CONDITIONS = {
    "C": PRICE, "G": PRICE, "H": PRICE, "I": PRICE, "N": PRICE, "P": PRICE, "U": PRICE, "V": PRICE, "W": PRICE, "Z": PRICE,
    "4": PRICE, "7": PRICE, "Q": PRICE | VOLUME, "M": PRICE | VOLUME | CLOSE, "9": VOLUME | CLOSE,
}
MINUTE = 60 * 10**9
DURATIONS = {"b": MINUTE, "u": MINUTE, "d": 24 * 60 * MINUTE}
#: Errors after which connecting again helps: authentication timed out, connection limit (the lost one may still count), slow client, internal.
PASSING = {404, 406, 407, 500}


def parse(message: str) -> list[Tick | Bar]:
    """Ticks of `t`, bars of `b`, `u` and `d`; everything else has none."""
    items: list[Tick | Bar] = []
    for entry in json.loads(message):
        if entry["T"] == "t":
            items.append(Tick(
                symbol=entry["S"], timestamp_ns=nanoseconds(entry["t"]), price=entry["p"], size=entry["s"],
                conditions=bits(entry.get("c") or [], entry.get("z")),
            ))
        elif entry["T"] in DURATIONS:
            items.append(Bar(
                symbol=entry["S"], start_ns=nanoseconds(entry["t"]), duration_ns=DURATIONS[entry["T"]], open=entry["o"], high=entry["h"],
                low=entry["l"], close=entry["c"], volume=entry["v"], vwap=entry.get("vw", 0), trade_count=entry.get("n", 0),
                partial=entry["T"] == "d",
            ))
        elif entry["T"] == "error":
            raise live.Refused(f"{entry.get('code')} {entry.get('msg')}", final=entry.get("code") not in PASSING)
    return items


def bits(codes: list[str], tape: str | None) -> int:
    found = 0
    for code in codes:
        found |= CONDITIONS.get(code, 0)
        if code == "B" and tape in ("A", "B"):
            found |= PRICE  # average price; on tape C it is a bunched trade, which counts
    return found


def nanoseconds(text: str) -> int:
    """Of 2021-02-22T15:51:44.208123456Z, with none to nine digits behind the point."""
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    return int(datetime.datetime.fromisoformat(seconds + "+00:00").timestamp()) * 10**9 + int(fraction.ljust(9, "0"))


def main() -> None:
    options = live.arguments(
        __doc__, "wss://stream.data.alpaca.markets/v2/iex", name="alpaca",
        add=lambda parser: parser.add_argument("--bars", action="store_true", help="bars in place of trades"),
    )
    key, secret = (os.environ.get(name) or sys.exit(f"{name} is not set") for name in ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"))
    channels = ["bars", "updatedBars", "dailyBars"] if options.bars else ["trades"]

    def subscribe(socket: Any) -> None:
        live.expect(socket, parse, '"connected"')
        socket.send(json.dumps({"action": "auth", "key": key, "secret": secret}))
        live.expect(socket, parse, '"authenticated"')
        socket.send(json.dumps({"action": "subscribe", **{channel: options.symbols for channel in channels}}))

    live.run(options, parse, subscribe)


if __name__ == "__main__":
    main()
