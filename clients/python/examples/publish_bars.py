"""Publishes bars of a CSV file with the columns symbol, start_ns, duration_ns, open, high, low, close, volume and, where the source has them,
vwap and trades (empty = not given); prints what they caused:

    python publish_bars.py bars.csv.gz [HOST:PORT]
"""
import csv
import gzip
import sys
from collections.abc import Iterator

import penstock

Bar = penstock.market_data.Bar


def bars(path: str) -> Iterator[Bar]:
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt") as file:
        for row in csv.DictReader(file):
            yield Bar(
                symbol=row["symbol"], start_ns=int(row["start_ns"]), duration_ns=int(row["duration_ns"]),
                open=float(row["open"]), high=float(row["high"]), low=float(row["low"]), close=float(row["close"]),
                volume=float(row["volume"]), vwap=float(row.get("vwap") or 0), trade_count=int(row.get("trades") or 0),
            )


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    path, target = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1:7171"
    with penstock.connect(target) as client:
        first = client.server_info().last_event_sequence + 1
        # A batch goes when it is full; what a frame holds goes by publisher.publish_bar_frame(frame).
        with client.publisher() as publisher:
            publisher.publish_bars(bars(path))
            publisher.flush()
            print(publisher.totals)
            for rejection in publisher.rejections:
                print("rejected: row", rejection.item, rejection.detail)
        for event in client.subscribe(from_sequence=first, end_when_caught_up=True):
            kind = penstock.events.EventType.Name(event.type).removeprefix("EVENT_TYPE_")
            print(event.symbol, kind, event.price, f"{event.significance:.1f}")


main()
