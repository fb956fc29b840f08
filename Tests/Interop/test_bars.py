"""Bars that tick channels build."""
from conftest import running
from penstock.v1 import events_pb2 as ev
from penstock.v1 import market_data_pb2 as md

SECOND = 1_000_000_000
START = 1_700_006_400 * SECOND  # midnight, UTC
CONFIG = """
channels: [{name: ticks-1}]
profiles:
  - name: default
    calendar: {preset: continuous}
    detectors: {tick: {bars: [1s, 1m]}}
"""


def test_ticks_make_bars_of_each_duration():
    # 0.0 s 10×1, 0.5 s 12×3, 0.9 s 11×1; 30 s 9×5; 61 s 10×1 closes the minute.
    series = [(0, 10, 1), (0.5, 10.02, 3), (0.9, 10.01, 1), (30, 9.99, 5), (61, 10, 1)]
    requests = [
        md.PublishRequest(tick=md.Tick(symbol="A", timestamp_ns=START + int(at * SECOND), price=price, size=size))
        for at, price, size in series
    ]
    with running(CONFIG) as server, server.stub() as stub:
        assert list(stub.Publish(iter(requests), timeout=20))[-1].accepted == len(series)
        request = ev.SubscribeRequest(from_sequence=1, end_when_caught_up=True, types=[ev.EVENT_TYPE_BAR_CLOSED])
        events = [event for response in stub.Subscribe(request, timeout=20) for event in response.events.events]
    bars = [event.bar_closed for event in events]
    assert [(bar.start_ns - START, bar.duration_ns) for bar in bars] == [
        (0, SECOND), (30 * SECOND, SECOND), (0, 60 * SECOND)
    ]
    first, _, minute = bars
    assert (first.open, first.high, first.low, first.close) == (10, 10.02, 10, 10.01)
    assert (first.volume, first.trade_count) == (5, 3)
    assert abs(first.vwap - (10 + 3 * 10.02 + 10.01) / 5) < 1e-12
    assert (minute.open, minute.high, minute.low, minute.close) == (10, 10.02, 9.99, 9.99)
    assert (minute.volume, minute.trade_count) == (10, 4)
    # The event is the closing tick's: 30 s for the first, 61 s for the others.
    assert [event.timestamp_ns - START for event in events] == [30 * SECOND, 61 * SECOND, 61 * SECOND]
