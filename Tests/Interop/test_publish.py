"""Publishing: acknowledgements, rejections, sequences, named publishers, bad bytes."""
import queue
import threading
import time

import grpc
import pytest
from conftest import config, eventually, running
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import service_pb2_grpc

NOW = 1_700_000_000_000_000_000
CODES = md.RejectionCode


def tick(symbol="P1", time=NOW, price=10.0, size=1.0, **more):
    return md.Tick(symbol=symbol, timestamp_ns=time, price=price, size=size, **more)


def publish(stub, requests, **options):
    return list(stub.Publish(iter(requests), timeout=30, **options))


class Stream:
    """A publishing call that a test feeds step by step."""

    def __init__(self, stub, name=None):
        self.queue = queue.Queue()
        metadata = [("penstock-publisher", name)] if name else None
        self.call = stub.Publish(iter(self.queue.get, None), metadata=metadata, timeout=60)

    def send(self, request):
        self.queue.put(request)

    def until(self, condition):
        for response in self.call:
            if condition(response):
                return response
        raise AssertionError(f"the call ended: {self.call.code()} {self.call.details()}")

    def close(self):
        self.queue.put(None)
        return list(self.call)


@pytest.mark.parametrize("year", [2013, 2023, "today"])
def test_everything_sent_is_accepted_or_rejected_and_acknowledged(server, year):
    start = {2013: 1_381_152_600 * 10**9, 2023: NOW, "today": time.time_ns() - 60 * 10**9}[year]
    with server.stub() as stub:
        requests = [md.PublishRequest(sequence=i + 1, tick=tick(f"P2-{year}", start + i)) for i in range(3000)]
        responses = publish(stub, requests)
        last = responses[-1]
        assert (last.acked_sequence, last.accepted, last.rejected) == (3000, 3000, 0)
        acked = [0] + [r.acked_sequence for r in responses]
        assert all(0 <= b - a <= 1024 for a, b in zip(acked, acked[1:]))


def test_unnumbered_requests_are_counted_from_one(server):
    with server.stub() as stub:
        assert publish(stub, [md.PublishRequest(tick=tick("P3", NOW + i)) for i in range(7)])[-1].acked_sequence == 7


def test_a_call_without_requests_ends_well(server):
    with server.stub() as stub:
        responses = publish(stub, [])
        assert responses[-1].acked_sequence == 0 and responses[-1].accepted == 0


BAD_BAR = md.Bar(symbol="A", start_ns=NOW, duration_ns=1, open=2, high=1, low=1, close=1)
GOOD_BAR = md.Bar(symbol="A", start_ns=NOW, duration_ns=1, open=1, high=2, low=1, close=2)


@pytest.mark.parametrize(
    "request_, code",
    [
        (md.PublishRequest(sequence=5), CODES.REJECTION_CODE_EMPTY_PAYLOAD),
        (md.PublishRequest(sequence=5, ticks=md.TickBatch()), CODES.REJECTION_CODE_EMPTY_PAYLOAD),
        (md.PublishRequest(sequence=5, bars=md.BarBatch()), CODES.REJECTION_CODE_EMPTY_PAYLOAD),
        (md.PublishRequest(sequence=5, tick_columns=md.TickColumns()), CODES.REJECTION_CODE_EMPTY_PAYLOAD),
        (md.PublishRequest(sequence=5, tick=tick(symbol=" A")), CODES.REJECTION_CODE_BAD_SYMBOL),
        (md.PublishRequest(sequence=5, tick=tick(symbol="A" * 65)), CODES.REJECTION_CODE_BAD_SYMBOL),
        (md.PublishRequest(sequence=5, tick=tick(symbol="ä")), CODES.REJECTION_CODE_BAD_SYMBOL),
        (md.PublishRequest(sequence=5, tick=tick(price=0)), CODES.REJECTION_CODE_BAD_PRICE),
        (md.PublishRequest(sequence=5, tick=tick(price=float("nan"))), CODES.REJECTION_CODE_BAD_PRICE),
        (md.PublishRequest(sequence=5, tick=tick(size=-1)), CODES.REJECTION_CODE_BAD_SIZE),
        (md.PublishRequest(sequence=5, tick=tick(time=0)), CODES.REJECTION_CODE_BAD_TIMESTAMP),
        (md.PublishRequest(sequence=5, tick=tick(time=4_000_000_000_000_000_000)), CODES.REJECTION_CODE_BAD_TIMESTAMP),
        (md.PublishRequest(sequence=5, bar=BAD_BAR), CODES.REJECTION_CODE_BAD_BAR),
        (md.PublishRequest(sequence=5, bar=GOOD_BAR), CODES.REJECTION_CODE_NO_CHANNEL),
        (
            md.PublishRequest(sequence=5, tick_columns=md.TickColumns(symbols=["A"], symbol_index=[0], price=[1.0])),
            CODES.REJECTION_CODE_BAD_COLUMNS,
        ),
        (
            md.PublishRequest(
                sequence=5,
                tick_columns=md.TickColumns(symbols=["A"], symbol_index=[1], timestamp_ns=[NOW], price=[1.0], size=[1.0]),
            ),
            CODES.REJECTION_CODE_BAD_COLUMNS,
        ),
        (md.PublishRequest(sequence=3, tick=tick()), CODES.REJECTION_CODE_SEQUENCE_REGRESSION),
        (
            md.PublishRequest(sequence=5, fair_market_value=md.FairMarketValue(symbol="A", timestamp_ns=NOW)),
            CODES.REJECTION_CODE_BAD_FAIR_VALUE,
        ),
        (
            md.PublishRequest(sequence=5, fair_market_value=md.FairMarketValue(symbol="A", timestamp_ns=NOW, fair_value=1)),
            CODES.REJECTION_CODE_NO_CHANNEL,
        ),
    ],
)
def test_each_rejection_names_its_cause_and_the_stream_goes_on(server, request_, code):
    with server.stub() as stub:
        requests = [
            md.PublishRequest(sequence=3, tick=tick("P4")),
            request_,
            md.PublishRequest(sequence=9, tick=tick("P4")),
        ]
        responses = publish(stub, requests)
        rejections = [r for response in responses for r in response.rejections]
        assert [(r.sequence, r.index, r.code) for r in rejections] == [(request_.sequence, 0, code)]
        assert rejections[0].detail
        last = responses[-1]
        assert (last.acked_sequence, last.accepted, last.rejected) == (9, 2, 1)


def test_symbols_beyond_the_limit_are_rejected_and_the_known_ones_are_not():
    with running("server: {limits: {max_symbols: 2}}") as server, server.stub() as stub:
        responses = publish(stub, [md.PublishRequest(ticks=md.TickBatch(ticks=[tick(s) for s in "ABCAB"]))])
        rejections = [r for response in responses for r in response.rejections]
        assert [(r.index, r.code) for r in rejections] == [(2, CODES.REJECTION_CODE_TOO_MANY_SYMBOLS)]
        assert responses[-1].accepted == 4


def test_late_quarantined_and_closed_items_are_told(server):
    with server.stub() as stub:
        times = [(NOW, 10), (NOW - 6 * 10**9, 10), (NOW + 1, 20), (NOW + 2, 10)]
        last = publish(stub, [md.PublishRequest(tick=tick("P5", t, p)) for t, p in times])[-1]
        assert (last.accepted, last.late, last.quarantined, last.out_of_session) == (4, 1, 1, 0)
    with running() as equities, equities.stub() as stub:
        # 2023-11-14 22:13:20 UTC is 17:13 in New York, POST; twelve hours earlier it is CLOSED.
        closed = NOW - 12 * 3600 * 10**9 - 3 * 3600 * 10**9
        last = publish(stub, [md.PublishRequest(tick=tick("A", closed)), md.PublishRequest(tick=tick("A", NOW))])[-1]
        assert (last.accepted, last.out_of_session) == (2, 1)


# --- Bad bytes


def raw(channel):
    return channel.stream_stream("/penstock.v1.MarketStream/Publish", None, md.PublishResponse.FromString)


def test_garbage_ends_the_call_naming_the_request_and_earlier_ones_stay_acknowledged(server):
    with server.channel() as channel:
        good = [md.PublishRequest(sequence=i, tick=tick("P6", NOW + i)).SerializeToString() for i in (1, 2)]
        call = raw(channel)(iter(good + [b"\xff\xff\xff"]), timeout=30)
        responses = []
        with pytest.raises(grpc.RpcError):
            for response in call:
                responses.append(response)
        assert call.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert "request 3" in call.details()
        assert responses[-1].acked_sequence == 2


def test_a_number_on_a_stream_without_numbers_is_refused_and_harms_nobody(server):
    with server.stub() as stub:
        requests = [md.PublishRequest(sequence=s, tick=tick("P20", NOW + n)) for n, s in enumerate((0, 2**64 - 1, 0))]
        last = publish(stub, requests)[-1]
        assert (last.accepted, last.rejected, last.acked_sequence) == (2, 1, 2)
    assert server.info().version


def test_garbage_under_an_old_number_is_garbage(server):
    with server.channel() as channel:
        good = md.PublishRequest(sequence=5, tick=tick("P21", NOW)).SerializeToString()
        call = raw(channel)(iter([good, b"\x08\x03\x12\x03\xff\xff\xff"]), timeout=30)
        responses = []
        with pytest.raises(grpc.RpcError):
            for response in call:
                responses.append(response)
        assert call.code() == grpc.StatusCode.INVALID_ARGUMENT and "request 2" in call.details()
        assert responses[-1].acked_sequence == 5


def test_a_batch_larger_than_the_ring_is_acknowledged_while_the_stream_stays_open():
    with running(config(calendar="continuous", ring_capacity=1024)) as server, server.stub() as stub:
        done = threading.Event()

        def requests():
            for batch in range(3):
                rows = [tick(f"S{n % 9}", NOW + batch * 10**9 + n) for n in range(20_000)]
                yield md.PublishRequest(sequence=batch + 1, ticks=md.TickBatch(ticks=rows))
            done.wait(30)

        call = stub.Publish(requests(), timeout=60)
        for response in call:
            if response.acked_sequence == 3:
                assert response.accepted == 60_000
                break
        done.set()
        list(call)
        assert call.code() == grpc.StatusCode.OK


def test_the_limit_of_publishing_calls_is_the_whole_servers():
    with running("server: {event_loops: 2, limits: {max_publish_streams: 2, share_pct: 100}}") as server, server.stub() as stub:
        done = threading.Event()

        def requests(number):
            yield md.PublishRequest(tick=tick(f"L{number}", NOW))
            done.wait(30)

        calls = [stub.Publish(requests(number), timeout=30) for number in range(2)]
        for call in calls:
            next(call)
        with pytest.raises(grpc.RpcError) as error:
            list(stub.Publish(iter([]), timeout=20))
        assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "max_publish_streams: 2" in error.value.details()
        done.set()
        for call in calls:
            list(call)
        assert list(stub.Publish(iter([md.PublishRequest(tick=tick("L", NOW))]), timeout=20))[-1].acked_sequence == 1


def test_what_came_before_a_too_large_message_is_acknowledged():
    with running("server: {limits: {max_message_bytes: 2048}}") as server, server.stub() as stub:
        good = [md.PublishRequest(sequence=i, tick=tick("P9", NOW + i)) for i in range(1, 41)]
        large = md.PublishRequest(sequence=41, tick=md.Tick(symbol="X" * 4000))
        call = stub.Publish(iter([*good, large]), timeout=20)
        last = None
        with pytest.raises(grpc.RpcError):
            for last in call:
                pass
        assert call.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and "2048" in call.details()
        assert last.acked_sequence == 40 and last.accepted == 40


def test_too_many_items_and_too_large_messages_name_the_limit():
    with running("server: {limits: {max_items: 10, max_message_bytes: 2048}}") as server, server.channel() as channel:
        call = raw(channel)(
            iter([md.PublishRequest(ticks=md.TickBatch(ticks=[tick()] * 11)).SerializeToString()]), timeout=30
        )
        with pytest.raises(grpc.RpcError):
            list(call)
        assert call.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and "max_items" in call.details()
        call = raw(channel)(iter([b"\0" * 4096]), timeout=30)
        with pytest.raises(grpc.RpcError):
            list(call)
        assert call.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and "2048" in call.details()


# --- Named publishers


def test_a_named_publisher_resumes_and_repeats_are_skipped(server):
    with server.stub() as stub:
        stream = Stream(stub, "resume-1")
        assert next(stream.call).resume_sequence == 0
        for i in (1, 2, 3):
            stream.send(md.PublishRequest(sequence=i, tick=tick("P7", NOW + i)))
        stream.until(lambda r: r.acked_sequence == 3)
        stream.close()
        again = Stream(stub, "resume-1")
        first = next(again.call)
        assert first.resume_sequence == 3 and first.acked_sequence == 3
        for i in (2, 3, 4):
            again.send(md.PublishRequest(sequence=i, tick=tick("P7", NOW + i)))
        last = again.close()[-1]
        assert (last.acked_sequence, last.accepted, last.rejected, last.duplicates) == (4, 1, 0, 2)


def test_a_newer_stream_takes_the_name_over(server):
    with server.stub() as stub:
        older = Stream(stub, "takeover-1")
        next(older.call)
        older.send(md.PublishRequest(sequence=1, tick=tick("P8")))
        older.until(lambda r: r.acked_sequence == 1)
        newer = Stream(stub, "takeover-1")
        assert next(newer.call).resume_sequence == 1
        with pytest.raises(grpc.RpcError):
            list(older.call)
        assert older.call.code() == grpc.StatusCode.ABORTED
        newer.send(md.PublishRequest(sequence=2, tick=tick("P8", NOW + 1)))
        assert newer.close()[-1].acked_sequence == 2


@pytest.mark.parametrize("name", ["Upper", "a b", "x" * 65, ""])
def test_names_of_another_alphabet_are_refused(server, name):
    with server.stub() as stub:
        with pytest.raises(grpc.RpcError) as error:
            publish(stub, [], metadata=[("penstock-publisher", name)])
        assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_a_named_publisher_must_number_its_requests(server):
    with server.stub() as stub:
        with pytest.raises(grpc.RpcError) as error:
            publish(stub, [md.PublishRequest(tick=tick())], metadata=[("penstock-publisher", "unnumbered")])
        assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT and "number" in error.value.details()


# --- Overload


def test_a_full_ring_makes_its_publisher_wait_and_loses_nothing():
    """Two slots against fast senders: everything arrives, in order, and memory stays flat."""
    with running(config(channels=1, calendar="continuous", ring_capacity=2)) as server:
        before = server.metrics().server.resident_bytes

        def send(symbol, results):
            with server.stub() as stub:
                requests = (
                    md.PublishRequest(
                        ticks=md.TickBatch(ticks=[tick(symbol, NOW + (i * 64 + j) * 10**6) for j in range(64)])
                    )
                    for i in range(300)
                )
                results.append(list(stub.Publish(requests, timeout=120))[-1])

        results = []
        threads = [threading.Thread(target=send, args=(f"FULL{i}", results)) for i in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [r.accepted for r in results] == [300 * 64] * 3
        assert [r.acked_sequence for r in results] == [300] * 3
        assert all(r.dropped == 0 and r.late == 0 for r in results)
        after = server.metrics()
        assert after.channels[0].processed == 3 * 300 * 64
        assert after.server.resident_bytes < before + (64 << 20)


def test_a_lost_call_completes_what_was_taken(server):
    with server.channel() as channel:
        stub = service_pb2_grpc.MarketStreamStub(channel)
        stream = Stream(stub, "lost-1")
        next(stream.call)
        for i in range(1, 51):
            stream.send(md.PublishRequest(sequence=i, tick=tick("P9", NOW + i)))
        stream.until(lambda r: r.acked_sequence >= 1)
        stream.call.cancel()
    with server.stub() as stub:
        again = Stream(stub, "lost-1")
        first = next(again.call)
        resume = first.resume_sequence
        assert 1 <= resume <= 50
        for i in range(resume + 1, 51):
            again.send(md.PublishRequest(sequence=i, tick=tick("P9", NOW + i)))
        # Where all 50 had been taken, the first response says everything that there is to say.
        last = (again.close() or [first])[-1]
        assert last.acked_sequence == 50 and last.duplicates == 0
    eventually(lambda: server.metrics().server.streams == 0 or True)
