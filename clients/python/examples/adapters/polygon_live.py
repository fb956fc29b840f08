"""Publishes trades of Polygon (Massive) as ticks, or its aggregates as bars (US stocks). The key is in POLYGON_API_KEY:

    python polygon_live.py SPY AAPL [--aggregates AM] [--server HOST:PORT] [--url URL]

After a lost connection only what is new is sent: trades and aggregates in between are missed. https://massive.com/docs/websocket
"""
import json
import os
import sys
from typing import Any

import live
from live import Bar, Tick

PRICE, VOLUME, CLOSE = 1, 2, 4  # not for prices, not for volume, official close
#: As docs/files.md has them; codes that are not here have no effect.
CONDITIONS = {
    **dict.fromkeys((2, 5, 7, 10, 13, 20, 21, 22, 32, 33, 37, 52, 53), PRICE),
    16: PRICE | VOLUME, 15: PRICE | VOLUME | CLOSE, 38: VOLUME | CLOSE,
}
MILLISECOND = 10**6
#: States that connecting again does not change.
FINAL = {"auth_failed", "error", "not_authorized"}
#: States that are no error; any other one is.
FINE = {"connected", "auth_success", "success"}


def parse(message: str) -> list[Tick | Bar]:
    """Ticks of `T`, bars of `A` and `AM`; other events have none."""
    items: list[Tick | Bar] = []
    for entry in json.loads(message):
        if entry["ev"] == "T":
            conditions = 0
            for code in entry.get("c") or []:
                conditions |= CONDITIONS.get(code, 0)
            # `ds` is the size with its fraction, as text; `s` is whole.
            items.append(Tick(
                symbol=entry["sym"], timestamp_ns=entry["t"] * MILLISECOND, price=entry["p"], size=float(entry.get("ds") or entry["s"]),
                conditions=conditions,
            ))
        elif entry["ev"] in ("A", "AM"):
            items.append(Bar(
                symbol=entry["sym"], start_ns=entry["s"] * MILLISECOND, duration_ns=(entry["e"] - entry["s"]) * MILLISECOND,
                open=entry["o"], high=entry["h"], low=entry["l"], close=entry["c"], volume=float(entry.get("dv") or entry["v"]),
                vwap=entry.get("vw", 0),
            ))
        elif entry["ev"] == "status" and entry["status"] not in FINE:
            raise live.Refused(f"{entry['status']} {entry.get('message', '')}", final=entry["status"] in FINAL)
    return items


def main() -> None:
    options = live.arguments(
        __doc__, "wss://socket.massive.com/stocks", name="polygon",
        add=lambda parser: parser.add_argument("--aggregates", choices=["A", "AM"], help="bars of a second or a minute in place of trades"),
    )
    key = os.environ.get("POLYGON_API_KEY") or sys.exit("POLYGON_API_KEY is not set")
    channels = ",".join(f"{options.aggregates or 'T'}.{symbol}" for symbol in options.symbols)

    def subscribe(socket: Any) -> None:
        live.expect(socket, parse, '"connected"')
        socket.send(json.dumps({"action": "auth", "params": key}))
        live.expect(socket, parse, '"auth_success"')
        socket.send(json.dumps({"action": "subscribe", "params": channels}))

    live.run(options, parse, subscribe)


if __name__ == "__main__":
    main()
