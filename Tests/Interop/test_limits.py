"""What one client may take of what is limited, and for how long."""
import contextlib
import queue
import struct
import subprocess
import threading
import time

import grpc
import pytest
from conftest import BINARY, config, eventually, running
from penstock.v1 import admin_pb2 as ad
from penstock.v1 import events_pb2 as ev
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import service_pb2 as sv
from test_abuse import HEADERS, Raw

NOW = 1_700_000_000_000_000_000
SECOND = 10**9


def request(sequence=0, symbol="L"):
    return md.PublishRequest(sequence=sequence, tick=md.Tick(symbol=symbol, timestamp_ns=NOW, price=10, size=1))


def publish(stub, requests, *metadata):
    return list(stub.Publish(iter(requests), metadata=metadata, timeout=30))


# --- Publisher names


def test_names_are_limited_until_the_least_recently_used_may_be_forgotten():
    with running("server: {limits: {max_publishers: 1, publisher_memory: 1s}}") as server, server.stub() as stub:
        # A name that had nothing processed is not kept.
        publish(stub, [], ("penstock-publisher", "nothing"))

        def resumed(name):
            """Where the name's next stream begins; None where it is refused."""
            try:
                return publish(stub, [request(7)], ("penstock-publisher", name))[0].resume_sequence
            except grpc.RpcError as refused:
                assert refused.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
                for words in "limits.max_publishers", "limits.publisher_memory (1s)", "without one", "raise max_publishers":
                    assert words in refused.details()
                return None

        requests = queue.Queue()
        live = stub.Publish(iter(requests.get, None), metadata=[("penstock-publisher", "live")], timeout=60)
        requests.put(request(5))
        while next(live).acked_sequence < 5:
            pass
        # A name with a stream is not forgotten, however long it has been open.
        time.sleep(1.2)
        assert resumed("new") is None
        end = time.monotonic()
        requests.put(None)
        list(live)
        assert eventually(lambda: resumed("new") == 0)
        assert time.monotonic() - end >= 1, "the name was forgotten before its time"


def test_a_name_for_one_stream_is_forgotten_at_its_end():
    with running("server: {limits: {max_publishers: 1}}") as server, server.stub() as stub:
        for number in range(3):
            answers = publish(
                stub, [request(1)], ("penstock-publisher", f"run-{number}"), ("penstock-publisher-memory", "stream"))
            assert answers[-1].acked_sequence == 1
        with pytest.raises(grpc.RpcError) as error:
            publish(stub, [], ("penstock-publisher", "run"), ("penstock-publisher-memory", "day"))
        assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT and "penstock-publisher-memory" in error.value.details()


def test_feeds_without_a_name_leave_none_behind(tmp_path):
    path = tmp_path / "ticks.csv"
    path.write_text("symbol,timestamp_ns,price,size\n" + "".join(f"F,{NOW + i},10,1\n" for i in range(300)))
    with running("server: {limits: {max_publishers: 3}}") as server:
        for run in range(5):
            fed = subprocess.run(
                [BINARY, "feed", str(path), "--server", server.address], capture_output=True, text=True, timeout=60)
            assert fed.returncode == 0, f"feed {run + 1}: {fed.stderr}"
            assert "300 accepted" in fed.stderr


# --- Symbols


def test_a_refused_message_leaves_no_symbols_behind():
    def batch(names):
        return md.PublishRequest(
            ticks=md.TickBatch(ticks=[md.Tick(symbol=n, timestamp_ns=NOW, price=10, size=1) for n in names]))

    settings = config(calendar="continuous", extra="server: {limits: {max_symbols: 10, max_items: 100}}")
    with running(settings) as server, server.stub() as stub:
        with pytest.raises(grpc.RpcError) as error:
            publish(stub, [batch(f"NO{i}" for i in range(101))])
        assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        last = publish(stub, [batch(f"YES{i}" for i in range(10))])[-1]
        assert (last.accepted, last.rejected) == (10, 0), last.rejections


# --- Shares


def test_one_connection_has_half_of_the_publishing_calls_at_most():
    with running("server: {event_loops: 2, limits: {max_publish_streams: 4}}") as server:
        done = threading.Event()

        def requests():
            yield request()
            done.wait(30)

        def refusal(stub):
            with pytest.raises(grpc.RpcError) as error:
                publish(stub, [])
            assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            return error.value.details()

        with server.own_stub() as greedy, server.own_stub() as other, server.own_stub() as late:
            calls = [greedy.Publish(requests(), timeout=30) for _ in range(2)]
            for call in calls:
                next(call)
            said = refusal(greedy)
            assert "limits.share_pct" in said and "2 of the 4 publishing calls" in said and "max_publish_streams" in said
            calls += [other.Publish(requests(), timeout=30) for _ in range(2)]
            for call in calls[2:]:
                next(call)
            assert "limits.max_publish_streams: 4" in refusal(late)
            done.set()
            for call in calls:
                list(call)
            # What has ended counts no more.
            assert publish(greedy, [request()])[-1].acked_sequence == 1


def test_one_connection_has_half_of_the_subscriptions_at_most():
    with running(arguments=("--set", "server.limits.max_subscribers=4")) as server, server.own_stub() as greedy, server.own_stub() as other:
        calls = [stub.Subscribe(ev.SubscribeRequest(), timeout=30) for stub in (greedy, greedy)]
        for call in calls:
            next(call)
        with pytest.raises(grpc.RpcError) as refused:
            next(greedy.Subscribe(ev.SubscribeRequest(), timeout=30))
        assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "limits.share_pct" in refused.value.details() and "max_subscribers" in refused.value.details()
        next(other.Subscribe(ev.SubscribeRequest(), timeout=30))
        calls[0].cancel()

        def taken_again():
            try:
                return next(greedy.Subscribe(ev.SubscribeRequest(), timeout=30))
            except grpc.RpcError:
                return None

        eventually(taken_again)


# --- Idle replays


SETUP = sv.ReplayRequest(setup=sv.ReplaySetup())


def runs(stub):
    """Whether a replay runs to its summary; false where all slots are taken."""
    try:
        return list(stub.Replay(iter([SETUP]), timeout=20))[-1].WhichOneof("response") == "summary"
    except grpc.RpcError as refused:
        assert refused.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        return False


def test_replays_that_bring_nothing_end_and_let_others_run():
    with running("server: {limits: {idle_replay: 500ms}}") as server:
        # Without a setup, and with one and a request.
        for first in [], [SETUP, sv.ReplayRequest(publish=request())]:
            frames = queue.Queue()
            for frame in first:
                frames.put(frame)
            with server.own_stub() as stub, pytest.raises(grpc.RpcError) as error:
                list(stub.Replay(iter(frames.get, None), timeout=60))
            assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
            assert "limits.idle_replay" in error.value.details() and "500ms" in error.value.details()
            frames.put(None)
        with server.own_stub() as stub:
            assert eventually(lambda: runs(stub))


def replay_headers():
    return [(name, value.replace("Publish", "Replay") if name == ":path" else value) for name, value in HEADERS]


def test_half_a_message_and_then_silence_ends_a_replay():
    body = sv.ReplayRequest(publish=request()).SerializeToString()
    with running("server: {limits: {idle_replay: 500ms}}") as server:
        peer = Raw(server)
        stream = peer.headers(replay_headers())
        peer.data(stream, struct.pack(">BI", 0, len(body)) + body[: len(body) // 2])
        answer = peer.answer(stream)
        peer.close()
        assert answer.get("grpc-status") == str(grpc.StatusCode.DEADLINE_EXCEEDED.value[0]), answer
        assert "limits.idle_replay" in answer["grpc-message"]


def test_a_slow_message_is_not_idle():
    body = sv.ReplayRequest(publish=request(symbol="S" * 20)).SerializeToString()
    whole = struct.pack(">BI", 0, len(body)) + body
    with running("server: {limits: {idle_replay: 2s}}") as server:
        peer = Raw(server)
        stream = peer.headers(replay_headers())
        setup = SETUP.SerializeToString()
        peer.data(stream, struct.pack(">BI", 0, len(setup)) + setup)
        begin = time.monotonic()
        # A piece each fifth of a second, for longer than the limit.
        pieces = 20
        for piece in range(pieces):
            peer.data(stream, whole[piece * len(whole) // pieces : (piece + 1) * len(whole) // pieces])
            time.sleep(0.2)
        assert time.monotonic() - begin > 2
        peer.data(stream, b"", end_stream=True)
        answer = peer.answer(stream)
        peer.close()
        assert answer.get("grpc-status") == "0", answer


def test_replays_whose_clients_take_nothing_end():
    settings = config(calendar="continuous", extra="server: {limits: {idle_replay: 500ms}}")
    with running(settings) as server, contextlib.ExitStack() as stack:
        # A bar for every tick: more bytes out than are kept for a client that reads nothing.
        detectors = ad.DetectorsSpec(tick=ad.TickDetectorsSpec(bars_ns=[SECOND]))

        def frames():
            yield sv.ReplayRequest(setup=sv.ReplaySetup(profiles=[ad.ProfileSpec(name="default", detectors=detectors)]))
            for base in range(400):
                ticks = [
                    md.Tick(symbol="M", timestamp_ns=NOW + (base * 1_000 + n) * 2 * SECOND, price=10, size=1)
                    for n in range(1_000)
                ]
                yield sv.ReplayRequest(publish=md.PublishRequest(ticks=md.TickBatch(ticks=ticks)))

        calls = [stack.enter_context(server.own_stub()).Replay(frames(), timeout=120) for _ in range(2)]
        for call in calls:
            next(call)
        other = stack.enter_context(server.own_stub())
        assert not runs(other)
        assert eventually(lambda: runs(other), 60)
        for call in calls:
            call.cancel()
