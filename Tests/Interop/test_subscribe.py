"""Subscriptions: starts, filters, heartbeats, slow consumers, and everything that a request can have wrong."""
import threading

import grpc
import pytest
from conftest import config, eventually, running
from penstock.v1 import admin_pb2 as ad
from penstock.v1 import events_pb2 as ev
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import service_pb2_grpc

DAY = 1_700_006_400_000_000_000  # 2023-11-15 00:00:00 UTC
SECOND = 10**9


def rising(symbol, count, start=0):
    """Each tick but a symbol's first is a new HIGH: 0.2 % up, a second apart, below the print filter's limit."""
    return [
        md.Tick(symbol=symbol, timestamp_ns=DAY + (start + i) * SECOND, price=100 * 1.002 ** ((start + i) % 2000), size=1)
        for i in range(count)
    ]


def publish(stub, ticks):
    requests = [md.PublishRequest(ticks=md.TickBatch(ticks=ticks[i : i + 64])) for i in range(0, len(ticks), 64)]
    last = list(stub.Publish(iter(requests), timeout=60))[-1]
    assert last.accepted == len(ticks) and last.late == 0 and last.quarantined == 0
    return last


def query(stub, **request):
    responses = list(stub.Subscribe(ev.SubscribeRequest(end_when_caught_up=True, **request), timeout=30))
    assert responses[-1].HasField("caught_up")
    return [event for response in responses for event in response.events.events], responses


@pytest.fixture(scope="module")
def market():
    """One server with a known log: 30 HIGHs each of three symbols."""
    with running(config(channels=2, calendar="continuous")) as server, server.stub() as stub:
        for symbol in ("AAA", "AAB", "BBB"):
            publish(stub, rising(symbol, 31))
        events, _ = query(stub, from_sequence=1)
        highs = [event for event in events if event.type == ev.EVENT_TYPE_HIGH]
        assert len(highs) == 90
        yield server, stub, events


def test_starts(market):
    server, stub, events = market
    last = len(events)
    assert query(stub)[0] == []
    assert query(stub, from_sequence=1)[0] == events
    assert query(stub, from_sequence=last)[0] == events[-1:]
    assert query(stub, from_sequence=last + 1)[0] == []
    middle = events[40].sequenced_ns
    assert query(stub, from_time_ns=middle)[0] == [e for e in events if e.sequenced_ns >= middle]
    log_id = server.info().log_id
    assert query(stub, from_sequence=5, log_id=log_id)[0] == events[4:]


def test_a_cursor_of_another_log_is_told_first(market):
    _, stub, events = market
    for request in ({"from_sequence": 10_000}, {"from_sequence": 2, "log_id": "another"}):
        found, responses = query(stub, **request)
        missed = responses[0].missed
        assert missed.reason == ev.MISSED_REASON_LOG_REPLACED
        assert (missed.first_sequence, missed.last_sequence) == (request["from_sequence"], len(events))
        assert found == events


def test_filters(market):
    _, stub, events = market

    def found(**request):
        return query(stub, from_sequence=1, **request)[0]

    assert found(symbols=["AAA"]) == [e for e in events if e.symbol == "AAA"]
    assert found(symbols=["AA*"]) == [e for e in events if e.symbol.startswith("AA")]
    assert found(symbols=["NOBODY"]) == []
    assert found(types=[ev.EVENT_TYPE_HIGH]) == [e for e in events if e.type == ev.EVENT_TYPE_HIGH]
    assert found(types=[ev.EVENT_TYPE_LOW]) == []
    assert found(channels=["ticks-1"]) == [e for e in events if e.channel == "ticks-1"]
    assert found(directions=[ev.DIRECTION_DOWN]) == []
    assert found(sessions=[ev.TRADING_SESSION_CONTINUOUS]) == events
    assert found(sessions=[ev.TRADING_SESSION_REGULAR]) == []
    bound = sorted(e.significance for e in events)[45]
    assert found(min_significance=bound) == [e for e in events if e.significance >= bound]


def test_the_first_heartbeat_comes_at_once_and_tells_the_watermark(market):
    server, stub, events = market
    call = stub.Subscribe(ev.SubscribeRequest(heartbeat_ms=100, subscription_id="me"), timeout=30)
    first, second, third, fourth = (next(call) for _ in range(4))
    assert first.HasField("heartbeat") and second.HasField("caught_up")
    assert third.HasField("heartbeat") and fourth.HasField("heartbeat")
    assert {r.subscription_id for r in (first, second, third, fourth)} == {"me"}
    assert third.heartbeat.last_sequence == len(events) == second.caught_up.last_sequence
    assert third.heartbeat.watermark_ns == max(e.timestamp_ns for e in events)
    assert third.heartbeat.log_id == server.info().log_id == second.caught_up.log_id
    assert third.heartbeat.server_time_ns < fourth.heartbeat.server_time_ns
    call.cancel()


@pytest.mark.parametrize(
    "request_, field",
    [
        (dict(from_sequence=0), "from_sequence"),
        (dict(max_queue=10_000_001), "max_queue"),
        (dict(heartbeat_ms=99), "heartbeat_ms"),
        (dict(heartbeat_ms=60_001), "heartbeat_ms"),
        (dict(symbols=[""]), "symbols"),
        (dict(symbols=["A*B"]), "symbols"),
        (dict(types=[99]), "types"),
        (dict(types=[0]), "types"),
        (dict(directions=[7]), "directions"),
        (dict(sessions=[9]), "sessions"),
        (dict(slow_consumer=9), "slow_consumer"),
        (dict(min_significance=101), "min_significance"),
        (dict(min_significance=float("nan")), "min_significance"),
    ],
)
def test_a_field_out_of_range_is_named(market, request_, field):
    _, stub, _ = market
    with pytest.raises(grpc.RpcError) as error:
        list(stub.Subscribe(ev.SubscribeRequest(**request_), timeout=10))
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT and field in error.value.details()


def test_what_is_no_longer_kept_is_told():
    text = config(channels=1, calendar="continuous", extra="event_log: {keep_events: 100}")
    with running(text) as server, server.stub() as stub:
        publish(stub, rising("A", 501))
        last = server.info().last_event_sequence
        first = server.info().first_kept_sequence
        assert last - first + 1 == 100
        events, responses = query(stub, from_sequence=3)
        missed = [r.missed for r in responses if r.HasField("missed")]
        assert [(m.first_sequence, m.last_sequence, m.reason) for m in missed] == [
            (3, first - 1, ev.MISSED_REASON_NO_LONGER_KEPT)
        ]
        assert [e.sequence for e in events] == list(range(first, last + 1))


def test_live_events_arrive_without_a_hole(server):
    with server.stub() as stub, server.stub() as other:
        call = other.Subscribe(ev.SubscribeRequest(symbols=["LIVE*"]), timeout=60)
        for response in call:
            if response.HasField("caught_up"):
                break
        publish(stub, rising("LIVE1", 101))
        publish(stub, rising("LIVE2", 101))
        seen = []
        while sum(e.type == ev.EVENT_TYPE_HIGH for e in seen) < 200:
            seen += next(call).events.events
        assert [e.sequence for e in seen] == sorted({e.sequence for e in seen})
        call.cancel()


# --- Slow consumers: windows so small that a subscriber which does not read is behind at once.


def stalled(server, policy, queue):
    """A subscriber that has caught up and then reads nothing until it is told to."""
    channel = server.channel([("grpc.http2.lookahead_bytes", 1024), ("grpc.http2.bdp_probe", 0)])
    stub = service_pb2_grpc.MarketStreamStub(channel)
    call = stub.Subscribe(ev.SubscribeRequest(slow_consumer=policy, max_queue=queue, heartbeat_ms=60_000), timeout=120)
    for response in call:
        if response.HasField("caught_up"):
            return channel, call, response.caught_up.last_sequence


def flood(server, symbols=8, count=1900):
    with server.stub() as stub:
        for start in range(0, count, 100):
            publish(stub, [t for s in range(symbols) for t in rising(f"F{s}", 100, start)])


def read_to(call, last):
    events, missed = [], []
    for response in call:
        events += response.events.events
        if response.HasField("missed"):
            missed.append(response.missed)
        if (events and events[-1].sequence >= last) or (missed and missed[-1].last_sequence >= last):
            break
    return events, missed


def test_a_subscriber_too_slow_is_disconnected_with_its_place():
    with running(config(channels=1, calendar="continuous")) as server:
        channel, call, _ = stalled(server, ev.SLOW_CONSUMER_POLICY_DISCONNECT, 50)
        flood(server)
        seen = []
        with pytest.raises(grpc.RpcError):
            for response in call:
                seen += response.events.events
        assert call.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert int(dict(call.trailing_metadata())["penstock-last-sequence"]) == (seen[-1].sequence if seen else 0)
        assert [e.sequence for e in seen] == list(range(1, len(seen) + 1))
        channel.close()


def test_drop_oldest_tells_exactly_what_was_left_out():
    with running(config(channels=1, calendar="continuous")) as server:
        channel, call, begin = stalled(server, ev.SLOW_CONSUMER_POLICY_DROP_OLDEST, 50)
        flood(server)
        last = server.info().last_event_sequence
        events, missed = read_to(call, last)
        assert missed and all(m.reason == ev.MISSED_REASON_SLOW_CONSUMER for m in missed)
        told = [e.sequence for e in events] + [s for m in missed for s in range(m.first_sequence, m.last_sequence + 1)]
        assert sorted(told) == list(range(begin + 1, last + 1))
        channel.close()


def test_conflate_delivers_the_newest_of_each_symbol_and_type():
    with running(config(channels=1, calendar="continuous")) as server, server.stub() as stub:
        channel, call, begin = stalled(server, ev.SLOW_CONSUMER_POLICY_CONFLATE, 50)
        flood(server)
        last = server.info().last_event_sequence
        events, missed = read_to(call, last)
        everything, _ = query(stub, from_sequence=1)
        newest = {(e.symbol, e.type): e.sequence for e in everything}
        told = {e.sequence for e in events}
        assert set(newest.values()) <= told
        left_out = set(range(begin + 1, last + 1)) - told
        covered = {s for m in missed for s in range(m.first_sequence, m.last_sequence + 1)}
        assert left_out and left_out <= covered
        assert [e.sequence for e in events] == sorted(told)
        channel.close()


def test_a_stalled_subscriber_slows_nobody():
    with running(config(channels=1, calendar="continuous")) as server:
        channel, call, _ = stalled(server, ev.SLOW_CONSUMER_POLICY_DROP_OLDEST, 10)
        received = []

        def follow():
            with server.stub() as stub:
                for response in stub.Subscribe(ev.SubscribeRequest(from_sequence=1), timeout=60):
                    received.extend(response.events.events)
                    if any(e.symbol == "END" and e.type == ev.EVENT_TYPE_HIGH for e in response.events.events):
                        return

        thread = threading.Thread(target=follow)
        thread.start()
        flood(server, count=500)
        with server.stub() as stub:
            publish(stub, rising("END", 2))
        thread.join(60)
        assert not thread.is_alive()
        assert [e.sequence for e in received] == list(range(1, len(received) + 1))
        call.cancel()
        channel.close()
        eventually(lambda: server.metrics().server.subscribers == 0)


def test_a_second_request_ends_the_call_and_leaves_nothing_behind(server):
    with server.channel() as channel:
        before = server.metrics().server.subscribers
        raw = channel.stream_stream("/penstock.v1.MarketStream/Subscribe", ev.SubscribeRequest.SerializeToString, None)
        for _ in range(3):
            call = raw(iter([ev.SubscribeRequest(), ev.SubscribeRequest()]), timeout=20)
            with pytest.raises(grpc.RpcError):
                list(call)
            assert call.code() == grpc.StatusCode.UNIMPLEMENTED
        eventually(lambda: server.metrics().server.subscribers == before)


@pytest.mark.parametrize("field, wrong", [
    ("symbols[1]", {"symbols": ["A", " B"]}), ("symbols[0]", {"symbols": ["x" * 65]}), ("symbols[0]", {"symbols": ["\u00c4*"]}),
    ("channels[0]", {"channels": [""]}), ("channels[0]", {"channels": ["a b"]}),
])
def test_a_filter_that_can_match_nothing_is_refused(server, field, wrong):
    with server.stub() as stub, pytest.raises(grpc.RpcError) as error:
        list(stub.Subscribe(ev.SubscribeRequest(**wrong), timeout=20))
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT and field in error.value.details()


def test_a_channel_that_comes_later_is_heard():
    with running(config(calendar="continuous")) as server, server.stub() as stub, server.admin() as admin:
        call = stub.Subscribe(ev.SubscribeRequest(channels=["late"]), timeout=30)
        next(call)
        admin.CreateChannel(ad.CreateChannelRequest(spec=ad.ChannelSpec(name="late", type="CHANNEL_TYPE_TICK")))
        for number in range(40):
            publish(stub, rising(f"L{number}", 3))
        on_late = [e for e in query(stub, from_sequence=1)[0] if e.channel == "late"]
        assert on_late
        heard = []
        for response in call:
            heard += response.events.events
            if len(heard) >= len(on_late):
                break
        assert heard == on_late


def test_a_hundred_thousand_prefixes_hold_nobody_up(server):
    with server.stub() as stub:
        symbols = [f"Q{n:06}*" for n in range(100_000)]
        assert query(stub, from_sequence=1, symbols=symbols)[0] == []
        assert server.info().version
