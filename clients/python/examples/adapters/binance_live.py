"""Publishes Binance's aggregate trades as ticks, or its klines as bars (spot, no key):

    python binance_live.py BTCUSDT ETHUSDT [--klines 1m] [--server HOST:PORT] [--url URL]

A kline that is not closed yet (`x` is false) becomes a partial bar, which the next version replaces. After a lost connection Binance sends
only what is new: trades in between are missed, and the current kline comes whole. https://developers.binance.com (web-socket-streams)
"""
import json
from typing import Any

import live
from live import Bar, Tick


def parse(message: str) -> list[Tick | Bar]:
    """Ticks of `aggTrade`, bars of `kline`, raw or of combined streams; answers and other events have none."""
    payload = json.loads(message)
    if "error" in payload:
        raise live.Refused(f"{payload['error'].get('code')} {payload['error'].get('msg')}", final=True)
    data = payload.get("data", payload)
    if data.get("e") == "aggTrade":
        return [Tick(symbol=data["s"], timestamp_ns=nanoseconds(data["T"]), price=float(data["p"]), size=float(data["q"]))]
    if data.get("e") == "kline":
        return [bar(data["k"])]
    return []


def bar(kline: dict[str, Any]) -> Bar:
    start = nanoseconds(kline["t"])
    # The closing time is the last unit of the kline: with it a month is as long as it is.
    return Bar(
        symbol=kline["s"], start_ns=start, duration_ns=nanoseconds(kline["T"] + 1) - start,
        open=float(kline["o"]), high=float(kline["h"]), low=float(kline["l"]), close=float(kline["c"]),
        volume=float(kline["v"]), trade_count=kline["n"], partial=not kline["x"],
    )


def nanoseconds(time: int) -> int:
    """Binance counts milliseconds, and microseconds with timeUnit=MICROSECOND in the address."""
    return time * (1_000_000 if time < 10**14 else 1000)


def main() -> None:
    options = live.arguments(
        __doc__, "wss://data-stream.binance.vision/stream", name="binance",
        add=lambda parser: parser.add_argument("--klines", metavar="INTERVAL", help="1s, 1m, 1h, 1d, 1M …; without it, aggregate trades"),
    )
    kind = f"kline_{options.klines}" if options.klines else "aggTrade"
    streams = [f"{symbol.lower()}@{kind}" for symbol in options.symbols]

    def subscribe(socket: Any) -> None:
        # The answer, {"result": null, "id": 1}, may come behind the first data.
        socket.send(json.dumps({"method": "SUBSCRIBE", "params": streams, "id": 1}))

    live.run(options, parse, subscribe)


if __name__ == "__main__":
    main()
