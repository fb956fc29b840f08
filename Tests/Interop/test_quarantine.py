"""A feed whose prices jump to and fro makes a bounded number of events, and the same number live and replayed."""
from conftest import config, running
from penstock.v1 import events_pb2 as ev
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import service_pb2 as sv

START = 1_715_779_800_000_000_000


def bad_ticks(symbol, seconds, per_second):
    """A price that is too far off and a good one in turn: with a confirm_time of 0 each bad one begins a run of its own."""
    yield md.Tick(symbol=symbol, timestamp_ns=START, price=100, size=1)
    for i in range(seconds * per_second * 2):
        time = START + (1 + i // (2 * per_second)) * 10**9 + i % (2 * per_second)
        yield md.Tick(symbol=symbol, timestamp_ns=time, price=100 + (i + 1) % 2, size=1)


def requests():
    ticks = list(bad_ticks("BAD", 3, 5_000)) + list(bad_ticks("ALSO", 1, 5))
    for start in range(0, len(ticks), 1_000):
        yield md.PublishRequest(ticks=md.TickBatch(ticks=ticks[start:start + 1_000]))


def test_a_bad_feed_makes_ten_quarantines_a_second_and_tells_the_rest():
    runs_end_at_once = "    detectors: {tick: {print_filter: {confirm_time: 0s}}}"
    with running(config(channels=2, calendar="continuous", extra=runs_end_at_once)) as server, server.stub() as stub:
        last = list(stub.Publish(requests(), timeout=60))[-1]
        assert last.quarantined == 15_005
        query = ev.SubscribeRequest(from_sequence=1, types=[ev.EVENT_TYPE_QUARANTINE], end_when_caught_up=True)
        live = [e for r in stub.Subscribe(query, timeout=30) for e in r.events.events]
        bad = [e for e in live if e.symbol == "BAD"]
        assert [e.quarantine.suppressed for e in bad] == [0] * 10 + [4_990] + [0] * 9 + [4_990] + [0] * 9
        assert sum(e.symbol == "ALSO" for e in live) == 5
        setup = sv.ReplayRequest(setup=sv.ReplaySetup())
        replayed = stub.Replay(iter([setup] + [sv.ReplayRequest(publish=r) for r in requests()]), timeout=60)
        again = [e for r in replayed for e in r.events.events if e.type == ev.EVENT_TYPE_QUARANTINE]
        key = lambda e: (e.id, e.price, e.quarantine.suppressed)
        assert sorted(map(key, again)) == sorted(map(key, live))
