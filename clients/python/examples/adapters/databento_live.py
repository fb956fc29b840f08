"""Publishes Databento's trades as ticks, or its OHLCV as bars, by the package databento. The key is in DATABENTO_API_KEY:

    python databento_live.py ESZ6 NQZ6 --dataset GLBX.MDP3 [--schema ohlcv-1m] [--server HOST:PORT] [--url ws://… | HOST:PORT]

`--url` is another gateway, or a websocket with one JSON record a message, as `dbn --json` prints them. Trades of Databento carry no sale
conditions. After a lost connection only what is new is asked for: records in between are missed (`subscribe(start=…)` could replay them,
with those that came already). https://databento.com/docs/api-live
"""
import contextlib
import json
import os
import queue
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import live
from live import Bar, Tick

#: What bars last, by the number of their record type.
DURATIONS = {32: 10**9, 33: 60 * 10**9, 34: 3600 * 10**9, 35: 86_400 * 10**9}
TRADE, ERROR, MAPPING = 0, 21, 22
NO_PRICE = 2**63 - 1


class Parser:
    """Records name instruments by number: what the numbers mean is told by mapping records before them, and is kept here."""

    def __init__(self) -> None:
        self._symbols: dict[int, str] = {}

    def parse(self, message: Any) -> list[Tick | Bar]:
        """Ticks of trades, bars of OHLCV; other records have none. Takes records of the package, and their JSON."""
        record = from_json(message) if isinstance(message, (str, bytes)) else message
        kind = int(record.rtype)
        if kind == MAPPING:
            self._symbols[record.instrument_id] = record.stype_in_symbol
        elif kind == ERROR:
            raise live.Refused(record.err, final=False)
        elif kind == TRADE and record.action == "T":
            return [Tick(
                symbol=self._symbol(record), timestamp_ns=int(record.ts_event), price=price(record.price), size=int(record.size),
            )]
        elif kind in DURATIONS:
            return [Bar(
                symbol=self._symbol(record), start_ns=int(record.ts_event), duration_ns=DURATIONS[kind],
                open=price(record.open), high=price(record.high), low=price(record.low), close=price(record.close),
                volume=int(record.volume),
            )]
        return []

    def _symbol(self, record: Any) -> str:
        if record.instrument_id not in self._symbols:
            raise LookupError(f"instrument {record.instrument_id} has no symbol yet")
        return self._symbols[record.instrument_id]


def from_json(text: str | bytes) -> SimpleNamespace:
    """The fields of the header beside the others, as in a record; whole numbers of 64 bits are text in JSON."""
    fields = json.loads(text)
    return SimpleNamespace(**fields.pop("hd"), **fields)


def price(raw: Any) -> float:
    """Of a whole number of 1e-9."""
    if int(raw) == NO_PRICE:
        raise ValueError("a record without a price")
    return int(raw) / 1e9


class Gateway:
    """A session of the package databento, to be read like a websocket: `recv` gives a record."""

    def __init__(self, databento: Any, address: str) -> None:
        self._databento = databento
        host, _, port = address.rpartition(":")
        self._client = databento.Live(**({"gateway": host, "port": int(port)} if address else {}))
        # By callback: iterating can end before the last records were given. Where the publisher is behind, a full queue holds the gateway back.
        self._records: queue.Queue[Any] = queue.Queue(10_000)
        self._is_closed = False

    def subscribe(self, dataset: str, schema: str, symbols: list[str]) -> None:
        try:
            self._client.add_callback(self._keep)
            self._client.subscribe(dataset=dataset, schema=schema, symbols=symbols)
        except self._databento.BentoError as error:
            # One class for all: a gateway that is not reached is told from a key that it does not take by the words alone.
            is_unreached = str(error).startswith("Connection to ") or "timed out" in str(error)
            raise live.Refused(str(error), final=not is_unreached) from error
        self._client.start()

    def recv(self, timeout: float) -> Any:
        # Looked at first: what came before the end is in the queue then.
        has_ended = not self._client.is_connected()
        try:
            return self._records.get(timeout=timeout)
        except queue.Empty:
            raise ConnectionError("the session ended") if has_ended else TimeoutError from None

    def close(self) -> None:
        self._is_closed = True
        with contextlib.suppress(self._databento.BentoError, ValueError):
            self._client.terminate()

    def _keep(self, record: Any) -> None:
        while not self._is_closed:
            with contextlib.suppress(queue.Full):
                return self._records.put(record, timeout=0.2)


def main() -> None:
    def add(parser: Any) -> None:
        parser.add_argument("--dataset", required=True, help="such as GLBX.MDP3")
        parser.add_argument("--schema", default="trades", choices=["trades", "ohlcv-1s", "ohlcv-1m", "ohlcv-1h", "ohlcv-1d"])

    options = live.arguments(__doc__, "", name="databento", add=add)
    if options.url.startswith(("ws://", "wss://")):
        live.run(options, Parser().parse, lambda socket: None)
        return
    try:
        import databento
    except ImportError:
        sys.exit("this adapter needs the package databento: pip install databento")
    if not os.environ.get("DATABENTO_API_KEY"):
        sys.exit("DATABENTO_API_KEY is not set")
    if options.url and not options.url.rpartition(":")[2].isdecimal():
        sys.exit("--url must be HOST:PORT, or begin with ws:// or wss://")

    @contextlib.contextmanager
    def connect(address: str) -> Iterator[Gateway]:
        with contextlib.closing(Gateway(databento, address)) as gateway:
            yield gateway

    live.run(
        options, Parser().parse, lambda gateway: gateway.subscribe(options.dataset, options.schema, options.symbols), connect=connect,
    )


if __name__ == "__main__":
    main()
