"""Publishes a CSV file with the columns symbol, timestamp_ns, price, size:

    python publish_csv.py ticks.csv.gz [HOST:PORT]
"""
import csv
import gzip
import sys

import penstock


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    path, target = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1:7171"
    opener = gzip.open if path.endswith(".gz") else open
    with penstock.connect(target) as client, client.publisher() as publisher, opener(path, "rt") as file:
        for row in csv.DictReader(file):
            publisher.tick(row["symbol"], int(row["timestamp_ns"]), float(row["price"]), float(row["size"]))
        publisher.flush()
        print(publisher.totals)


main()
