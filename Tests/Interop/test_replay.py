"""Back-tests: the production detectors over history, apart from live channels."""
import hashlib

import grpc
import pytest
from conftest import config, eventually, running
from penstock.v1 import admin_pb2 as ad
from penstock.v1 import events_pb2 as ev
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import service_pb2 as sv
from penstock.v1 import service_pb2_grpc

START = 1_715_779_800_000_000_000
SECOND = 1_000_000_000


def ticks(count=4_000, symbols=("A", "BB", "CCC")):
    """A price that wanders by a rule, with bursts."""
    prices = {symbol: 50.0 + 10 * place for place, symbol in enumerate(symbols)}
    state = 7
    for number in range(count):
        symbol = symbols[number % len(symbols)]
        state = (state * 1_103_515_245 + 12_345) % 2**31
        prices[symbol] = round(prices[symbol] + (state % 7 - 3) / 100, 2)
        yield symbol, START + number * SECOND // 10, prices[symbol], float(100 + state % 900)


def request(rows, sequence=0):
    return md.PublishRequest(
        sequence=sequence,
        ticks=md.TickBatch(ticks=[md.Tick(symbol=s, timestamp_ns=t, price=p, size=z) for s, t, p, z in rows]),
    )


def batches(rows, size=64):
    rows = list(rows)
    return [request(rows[at : at + size]) for at in range(0, len(rows), size)]


def replay(stub, requests, setup=None, timeout=120):
    def frames():
        yield sv.ReplayRequest(setup=setup or sv.ReplaySetup())
        for one in requests:
            yield sv.ReplayRequest(publish=one)

    events, ack, summary = [], None, None
    for response in stub.Replay(frames(), timeout=timeout):
        kind = response.WhichOneof("response")
        assert summary is None, "the summary comes last"
        if kind == "events":
            events += response.events.events
        elif kind == "ack":
            ack = response.ack
        else:
            summary = response.summary
    return events, ack, summary


KINDS = {"tick": 1, "bar": 2, "fmv": 3}


def digest(events):
    """As EventDigest says, by protobuf's own encoder."""
    hashes = {}
    for event in events:
        copy = ev.Event()
        copy.CopyFrom(event)
        for field in ("sequence", "channel", "detected_ns", "received_ns", "sequenced_ns", "config_version"):
            copy.ClearField(field)
        source = event.id[len(event.symbol) + 1 :].split("/")[0].split(":")[0]
        data = copy.SerializeToString(deterministic=True)
        length, size = b"", len(data)
        while size >= 0x80:
            length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
        key = event.symbol.encode() + bytes([0, KINDS[source]])
        hashes.setdefault(key, hashlib.sha256()).update(length + bytes([size]) + data)
    total = hashlib.sha256()
    for key in sorted(hashes):
        total.update(key + hashes[key].digest())
    return total.digest()


def test_two_replays_and_a_live_run_give_one_digest():
    with running(config(channels=3, calendar="continuous")) as server, server.stub() as stub:
        events, ack, summary = replay(stub, batches(ticks()))
        assert ack.accepted == 4_000 and ack.acked_sequence == 63
        assert len(events) > 20 and [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert sum(count.events for count in summary.counts) == len(events)
        again, _, other = replay(stub, [request([row]) for row in ticks()])
        assert summary.digest == other.digest == digest(events) and len(summary.digest) == 32
        for last in stub.Publish(iter(batches(ticks(), 7)), timeout=60):
            pass
        assert last.accepted == 4_000
        live = []
        for response in stub.Subscribe(ev.SubscribeRequest(from_sequence=1, end_when_caught_up=True), timeout=60):
            live += response.events.events
        assert digest(live) == summary.digest
        assert sorted(event.id for event in live) == sorted(event.id for event in events)


def test_a_replay_takes_the_callers_settings_and_leaves_live_channels_alone():
    with running(config(channels=1, calendar="continuous")) as server, server.stub() as stub:
        events, _, _ = replay(stub, batches(ticks()))
        # Only what is given differs from the server's profile of the name.
        setup = sv.ReplaySetup(
            profiles=[
                ad.ProfileSpec(
                    name="default",
                    detectors=ad.DetectorsSpec(tick=ad.TickDetectorsSpec(high_low=ad.HighLowSpec(enabled=False))),
                )
            ],
            channels=[ad.ChannelSpec(name="mine")],
        )
        fewer, _, summary = replay(stub, batches(ticks()), setup)
        high_low = {ev.EVENT_TYPE_HIGH, ev.EVENT_TYPE_LOW}
        assert any(event.type in high_low for event in events)
        assert [event.id for event in fewer] == [event.id for event in events if event.type not in high_low]
        assert {event.channel for event in fewer} == {"mine"}
        metrics = server.metrics()
        assert sum(channel.received for channel in metrics.channels) == 0 and metrics.server.last_event_sequence == 0


def test_bars_and_values_are_replayed_and_kinds_without_a_channel_are_not():
    with running(config(channels=1, calendar="continuous")) as server, server.stub() as stub:
        value = md.FairMarketValue(symbol="A", timestamp_ns=START, fair_value=50, market_price=55, model="m")
        bars = md.BarBatch(
            bars=[
                md.Bar(symbol="A", start_ns=START + n * 60 * SECOND, duration_ns=60 * SECOND, open=50, high=52, low=49,
                       close=50 + n % 3, volume=100)
                for n in range(60)
            ]
        )
        requests = [md.PublishRequest(bars=bars), md.PublishRequest(fair_market_value=value)]
        _, ack, _ = replay(stub, requests)
        assert (ack.accepted, ack.rejected) == (0, 61)
        assert ack.rejections[0].code == md.REJECTION_CODE_NO_CHANNEL
        setup = sv.ReplaySetup(
            channels=[ad.ChannelSpec(name="b", type="CHANNEL_TYPE_BAR"),
                      ad.ChannelSpec(name="v", type="CHANNEL_TYPE_FAIR_MARKET_VALUE")]
        )
        events, ack, summary = replay(stub, requests, setup)
        assert (ack.accepted, ack.rejected) == (61, 0)
        assert {event.type for event in events} >= {ev.EVENT_TYPE_BAR_CLOSED, ev.EVENT_TYPE_VALUATION}
        assert digest(events) == summary.digest


def test_history_is_never_too_far_ahead_and_bad_items_are_told():
    with running(config(channels=1, calendar="continuous")) as server, server.stub() as stub:
        late = 4_000_000_000 * SECOND
        events, ack, _ = replay(stub, [request([("A", late, 10, 1), ("A", late, -1, 1), ("A", late - 60 * SECOND, 10, 1)])])
        assert (ack.accepted, ack.rejected, ack.late) == (2, 1, 1)
        assert ack.rejections[0].code == md.REJECTION_CODE_BAD_PRICE and ack.rejections[0].index == 1


@pytest.mark.parametrize(
    "frames, code, words",
    [
        ([], "INVALID_ARGUMENT", "setup"),
        ([sv.ReplayRequest()], "INVALID_ARGUMENT", "neither setup nor publish"),
        ([sv.ReplayRequest(publish=md.PublishRequest())], "INVALID_ARGUMENT", "must be setup"),
        ([sv.ReplayRequest(setup=sv.ReplaySetup())] * 2, "INVALID_ARGUMENT", "once"),
        (
            [sv.ReplayRequest(setup=sv.ReplaySetup(channels=[ad.ChannelSpec(name="x y", ring_capacity=3)]))],
            "INVALID_ARGUMENT",
            "setup.channels[0].ring_capacity",
        ),
        (
            [sv.ReplayRequest(setup=sv.ReplaySetup(channels=[ad.ChannelSpec(name="x"), ad.ChannelSpec(name="x")]))],
            "INVALID_ARGUMENT",
            "twice",
        ),
        (
            [
                sv.ReplayRequest(
                    setup=sv.ReplaySetup(
                        profiles=[ad.ProfileSpec(detectors=ad.DetectorsSpec(tick=ad.TickDetectorsSpec(surge=ad.SurgeSpec(z=0))))]
                    )
                )
            ],
            "INVALID_ARGUMENT",
            "setup.profiles[0].detectors.tick.surge.z",
        ),
    ],
)
def test_bad_setups_say_what_is_wrong(server, frames, code, words):
    with server.stub() as stub, pytest.raises(grpc.RpcError) as error:
        list(stub.Replay(iter(frames), timeout=20))
    assert error.value.code().name == code and words in error.value.details()


def test_at_most_two_replays_run_at_once(server):
    import queue

    def open_call(stub):
        frames = queue.Queue()
        frames.put(sv.ReplayRequest(setup=sv.ReplaySetup()))
        frames.put(sv.ReplayRequest(publish=request([("RR", START, 10, 1)])))
        call = stub.Replay(iter(frames.get, None), timeout=60)
        assert next(call).ack.accepted == 1
        return call, frames

    with server.own_stub() as stub, server.own_stub() as other:
        first = open_call(stub)
        # One connection has half of them at most.
        with pytest.raises(grpc.RpcError) as error:
            list(stub.Replay(iter([sv.ReplayRequest(setup=sv.ReplaySetup())]), timeout=20))
        assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "limits.share_pct" in error.value.details() and "1 of the 2 replays" in error.value.details()
        second = open_call(other)
        with server.own_stub() as third, pytest.raises(grpc.RpcError) as error:
            list(third.Replay(iter([sv.ReplayRequest(setup=sv.ReplaySetup())]), timeout=20))
        assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and "2 replays" in error.value.details()
        first[0].cancel()
        second[1].put(None)
        assert [response.WhichOneof("response") for response in second[0]] == ["summary"]

        # Their threads end, and others may run.
        def again():
            try:
                return list(stub.Replay(iter([sv.ReplayRequest(setup=sv.ReplaySetup())]), timeout=20))
            except grpc.RpcError as refused:
                assert refused.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
                return None

        assert len(eventually(again)) == 1


def test_a_client_that_reads_nothing_holds_no_memory_and_a_drain_ends_replays():
    with running(config(channels=1, calendar="continuous")) as server, server.channel() as channel:
        # A bar for every tick of its symbol: far more bytes out than flow control lets through unread.
        detectors = ad.DetectorsSpec(tick=ad.TickDetectorsSpec(bars_ns=[SECOND]))
        setup = sv.ReplaySetup(profiles=[ad.ProfileSpec(name="default", detectors=detectors)])
        def frames():
            yield sv.ReplayRequest(setup=setup)
            for base in range(400):
                yield sv.ReplayRequest(publish=request(
                    [("M", START + (base * 1_000 + n) * 2 * SECOND, 10, 1) for n in range(1_000)]))

        before = server.metrics().server.resident_bytes
        call = service_pb2_grpc.MarketStreamStub(channel).Replay(frames(), timeout=120)
        next(call)
        eventually(lambda: server.metrics().server.bytes_in > 1 << 20)
        assert server.metrics().server.resident_bytes - before < 256 << 20
        server.process.terminate()
        with pytest.raises(grpc.RpcError) as error:
            for _ in call:
                pass
        assert error.value.code() == grpc.StatusCode.UNAVAILABLE
        assert server.process.wait(20) == 0


@pytest.mark.parametrize("bad, code, words", [
    (b"\x12\x03\xff\xff\xff", "INVALID_ARGUMENT", "request 4 is no valid"),
    (b"\xff\xff\xff", "INVALID_ARGUMENT", "request 4 is no valid"),
    (b"", "INVALID_ARGUMENT", "request 4 holds neither"),
    (b"\x12" + b"\x80\x80\x80\x04" + b"x" * (8 << 20), "RESOURCE_EXHAUSTED", "max_message_bytes"),
])
def test_a_bad_request_ends_a_replay_behind_what_came_before(server, bad, code, words):
    with server.channel() as channel:
        rows = list(ticks(40))
        good = [sv.ReplayRequest(setup=sv.ReplaySetup())] + [
            sv.ReplayRequest(publish=request(rows[at : at + 20], sequence=at + 1)) for at in (0, 20)]
        call = channel.stream_stream("/penstock.v1.MarketStream/Replay", None, sv.ReplayResponse.FromString)(
            iter([one.SerializeToString() for one in good] + [bad]), timeout=30)
        acks = []
        with pytest.raises(grpc.RpcError):
            for response in call:
                acks.append(response.ack)
        assert call.code().name == code and words in call.details()
        assert acks[-1].acked_sequence == 21 and acks[-1].accepted == 40
