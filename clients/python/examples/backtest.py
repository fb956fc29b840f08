"""A back-test: what would a surge detector of another sensitivity have found in these ticks? (symbol, timestamp_ns, price, size)

    python backtest.py ticks.csv.gz [HOST:PORT [Z …]]

Nothing of it touches the server's live channels. The digest is the same whenever data, settings and rules are.
"""
import csv
import gzip
import sys
from collections.abc import Iterator

import penstock


def ticks(path: str) -> Iterator[tuple[str, int, float, float]]:
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt") as file:
        for row in csv.DictReader(file):
            yield row["symbol"], int(row["timestamp_ns"]), float(row["price"]), float(row["size"])


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    path, target = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1:7171"
    with penstock.connect(target) as client:
        for z in [float(text) for text in sys.argv[3:]] or [3.0, 4.0, 6.0]:
            profile = {"name": "what-if", "symbols": ["*"], "detectors": {"tick": {"surge": {"z": z}}}}
            with client.replay(ticks(path), profiles=[profile]) as replay:
                strongest = max((e for e in replay if e.HasField("surge")), key=lambda e: e.surge.z_score, default=None)
                found = strongest.id if strongest is not None else "none"
                print(f"z {z:g}: {replay.summary.by_type()}, strongest surge {found}, {replay.summary.digest.hex()[:16]}")


try:
    main()
except penstock.errors.Unimplemented:
    sys.exit("this server has no Replay: it is older than this client")
