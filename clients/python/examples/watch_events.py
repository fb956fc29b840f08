"""Prints events as they happen:

    python watch_events.py [HOST:PORT [SYMBOL …]]
"""
import sys

import penstock


def main() -> None:
    target = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7171"
    with penstock.connect(target) as client:
        for event in client.subscribe(symbols=sys.argv[2:], from_sequence=1):
            kind = penstock.events.EventType.Name(event.type).removeprefix("EVENT_TYPE_")
            print(event.sequence, event.symbol, kind, event.price, f"{event.significance:.1f}", flush=True)


main()
