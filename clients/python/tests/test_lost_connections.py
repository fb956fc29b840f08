"""Nothing is lost or comes twice, however often the connection is lost: against a server that drops calls at seeded moments."""
import asyncio
import contextlib
import random
import threading
from concurrent import futures

import grpc
import penstock
import penstock.aio
import pytest
from penstock.v1 import events_pb2 as ev
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import service_pb2_grpc

QUICK = penstock.Backoff(initial=0.001, maximum=0.002, attempts=50)


class Dropping(service_pb2_grpc.MarketStreamServicer):
    """Processes requests exactly as the contract says, and drops each call after a seeded number of steps."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.processed = []
        self.items = []
        self.highest = {}
        self.events = [ev.Event(sequence=i, symbol="A") for i in range(1, 401)]
        self.drops = 0

    def _drop(self, context):
        with self.lock:
            self.drops += 1
        context.abort(grpc.StatusCode.UNAVAILABLE, "dropped")

    def Publish(self, requests, context):
        name = dict(context.invocation_metadata()).get("penstock-publisher")
        steps = self.random.randrange(1, 12)
        accepted = 0
        if name:
            with self.lock:
                resume = self.highest.get(name, 0)
            yield md.PublishResponse(acked_sequence=resume, resume_sequence=resume)
        for request in requests:
            with self.lock:
                if not name or request.sequence > self.highest.get(name, 0):
                    self.processed.append(request.sequence)
                    self.items += [*request.ticks.ticks, *request.bars.bars, *request.fair_market_values.values]
                    if name:
                        self.highest[name] = request.sequence
            accepted += 1
            steps -= 1
            # Processed, and the acknowledgement lost: the case that makes resending dangerous.
            if steps == 0:
                self._drop(context)
            yield md.PublishResponse(acked_sequence=request.sequence, accepted=accepted)

    def Subscribe(self, request, context):
        steps = self.random.randrange(1, 30)
        position = request.from_sequence or 1
        yield ev.SubscribeResponse(heartbeat=ev.Heartbeat(last_sequence=position - 1, log_id="log"))
        while position <= len(self.events):
            count = self.random.randrange(1, 5)
            yield ev.SubscribeResponse(events=ev.EventBatch(events=self.events[position - 1 : position - 1 + count]))
            position += count
            steps -= 1
            if steps == 0:
                self._drop(context)
        yield ev.SubscribeResponse(caught_up=ev.CaughtUp(last_sequence=len(self.events), log_id="log"))


@pytest.fixture(params=range(8))
def dropping(request):
    servicer = Dropping(request.param)
    server = grpc.server(futures.ThreadPoolExecutor(8))
    service_pb2_grpc.add_MarketStreamServicer_to_server(servicer, server)
    servicer.target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield servicer
    server.stop(None)


def test_a_named_publisher_is_processed_exactly_once(dropping):
    with penstock.connect(dropping.target) as client:
        with client.publisher("exact", batch_size=1, max_in_flight=4, backoff=QUICK) as publisher:
            for i in range(100):
                publisher.tick("A", i + 1, 1.0, 1.0)
            publisher.flush(60)
    assert dropping.processed == list(range(1, 101))
    assert dropping.drops > 0


def mixed(count):
    """Items of all kinds, which end batches wherever they change."""
    return [
        (
            md.Tick(symbol="A", timestamp_ns=i + 1, price=1, size=1),
            md.Bar(symbol="A", start_ns=i + 1, duration_ns=1, open=1, high=1, low=1, close=1),
            md.Bar(symbol="B", start_ns=i + 1, duration_ns=1, open=1, high=1, low=1, close=1),
            md.FairMarketValue(symbol="A", timestamp_ns=i + 1, fair_value=1),
        )[i % 4]
        for i in range(count)
    ]


def test_items_of_all_kinds_are_processed_exactly_once_and_in_order(dropping):
    with penstock.connect(dropping.target) as client:
        with client.publisher("mixed", batch_size=3, max_in_flight=4, backoff=QUICK) as publisher:
            publisher.publish(mixed(100))
            publisher.flush(60)
    assert dropping.items == mixed(100) and dropping.drops > 0


def test_asyncio_is_processed_exactly_once_too(dropping):
    async def run():
        async with penstock.aio.connect(dropping.target) as client:
            async with client.publisher("mixed", batch_size=3, max_in_flight=4, backoff=QUICK) as publisher:
                await publisher.publish(mixed(100))
                await publisher.flush()

    asyncio.run(asyncio.wait_for(run(), 60))
    assert dropping.items == mixed(100) and dropping.drops > 0


def test_an_unnamed_publisher_loses_nothing(dropping):
    with penstock.connect(dropping.target) as client:
        with client.publisher(batch_size=1, max_in_flight=4, backoff=QUICK) as publisher:
            for i in range(60):
                publisher.tick("A", i + 1, 1.0, 1.0)
            publisher.flush(60)
    assert set(dropping.processed) == set(range(1, 61))


def test_a_subscriber_gets_every_event_once(dropping):
    with penstock.connect(dropping.target) as client:
        subscriber = client.subscribe(from_sequence=1, end_when_caught_up=True, backoff=QUICK)
        assert [event.sequence for event in subscriber] == list(range(1, 401))
        assert subscriber.missed == []
    assert dropping.drops > 0


class Scripted(service_pb2_grpc.MarketStreamServicer):
    """Says what it was given, call by call, and drops each call but the last, which ends OK."""

    def __init__(self, *calls):
        self.calls = list(calls)
        self.requests = []

    def Subscribe(self, request, context):
        self.requests.append(request)
        yield from self.calls[len(self.requests) - 1]
        if len(self.requests) < len(self.calls):
            context.abort(grpc.StatusCode.UNAVAILABLE, "dropped")

    @contextlib.contextmanager
    def running(self):
        server = grpc.server(futures.ThreadPoolExecutor(4))
        service_pb2_grpc.add_MarketStreamServicer_to_server(self, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield f"127.0.0.1:{port}"
        server.stop(None).wait(10)


def heartbeat(last, log_id="log"):
    return ev.SubscribeResponse(heartbeat=ev.Heartbeat(last_sequence=last, log_id=log_id))


def missed(first, last, reason="SLOW_CONSUMER"):
    return ev.SubscribeResponse(missed=ev.Missed(first_sequence=first, last_sequence=last, reason=f"MISSED_REASON_{reason}"))


def events(*sequences):
    return ev.SubscribeResponse(events=ev.EventBatch(events=[ev.Event(sequence=i, symbol="A") for i in sequences]))


def collect(target, kind, **filters):
    """All that comes, sequences for events, by one of the two clients."""

    def plain(item):
        return item.sequence if isinstance(item, penstock.Event) else item

    def synchronous():
        with penstock.connect(target) as client:
            return [plain(item) for item in client.subscribe(everything=True, backoff=QUICK, **filters)]

    async def asynchronous():
        async with penstock.aio.connect(target) as client:
            return [plain(item) async for item in client.subscribe(everything=True, backoff=QUICK, **filters)]

    found = synchronous() if kind == "sync" else asyncio.run(asyncio.wait_for(asynchronous(), 30))
    return [item for item in found if not isinstance(item, penstock.Heartbeat)]


both_clients = pytest.mark.parametrize("kind", ["sync", "asyncio"])


@both_clients
def test_what_conflation_delivers_behind_its_gap_is_asked_for_again(kind):
    # A@1, B@2 and B@3 wait: the gap 2 to 2 is told before A@1 and B@3 are sent, and the connection dies in between.
    server = Scripted([heartbeat(0), missed(2, 2)], [heartbeat(0), events(1, 2, 3)])
    with server.running() as target:
        assert collect(target, kind, slow_consumer="CONFLATE") == [penstock.Missed(2, 2, "SLOW_CONSUMER"), 1, 2, 3]
    assert [(r.from_sequence, r.log_id) for r in server.requests] == [(0, ""), (1, "log")]


@both_clients
def test_a_conflated_gap_is_left_behind_by_events_and_heartbeats(kind):
    server = Scripted([heartbeat(0), missed(2, 2), events(1, 3)], [heartbeat(3), missed(4, 6), heartbeat(6)], [events(7)])
    with server.running() as target:
        found = collect(target, kind, slow_consumer="CONFLATE")
    assert found == [penstock.Missed(2, 2, "SLOW_CONSUMER"), 1, 3, penstock.Missed(4, 6, "SLOW_CONSUMER"), 7]
    assert [r.from_sequence for r in server.requests] == [0, 4, 7]


@both_clients
@pytest.mark.parametrize("policy", ["DISCONNECT", "DROP_OLDEST"])
def test_a_gap_that_tiles_the_log_is_told_once_and_not_filled(kind, policy):
    server = Scripted([heartbeat(0), events(1), missed(2, 5)], [heartbeat(5), events(6)])
    with server.running() as target:
        assert collect(target, kind, slow_consumer=policy) == [1, penstock.Missed(2, 5, "SLOW_CONSUMER"), 6]
    assert [r.from_sequence for r in server.requests] == [0, 6]


@both_clients
@pytest.mark.parametrize("policy", ["DISCONNECT", "DROP_OLDEST", "CONFLATE"])
def test_events_no_longer_kept_are_told_once(kind, policy):
    server = Scripted([missed(1, 9, "NO_LONGER_KEPT")], [heartbeat(9), events(10)])
    with server.running() as target:
        found = collect(target, kind, slow_consumer=policy, from_sequence=1)
    assert found == [penstock.Missed(1, 9, "NO_LONGER_KEPT"), 10]
    assert [r.from_sequence for r in server.requests] == [1, 10]


@both_clients
def test_a_time_is_asked_for_until_something_came(kind):
    caught_up = ev.SubscribeResponse(caught_up=ev.CaughtUp(last_sequence=5, log_id="log"))
    server = Scripted([heartbeat(5), caught_up], [heartbeat(7), events(8)], [events(9)])
    with server.running() as target:
        assert [item for item in collect(target, kind, from_time_ns=10**18) if isinstance(item, int)] == [8, 9]
    assert [(r.from_time_ns, r.from_sequence) for r in server.requests] == [(10**18, 0), (10**18, 0), (0, 9)]


@both_clients
def test_a_replaced_log_is_read_from_its_start_until_something_of_it_came(kind):
    # The old log's 1001 is a place of the new one by the time of the third call.
    replaced = missed(1001, 900, "LOG_REPLACED")
    server = Scripted(
        [heartbeat(999), events(1000)], [replaced, heartbeat(0, "new")], [heartbeat(0, "new"), events(960)],
        [heartbeat(960, "new"), heartbeat(1100, "new")], [events(1101)],
    )
    with server.running() as target:
        found = collect(target, kind)
    assert found == [1000, penstock.Missed(1001, 900, "LOG_REPLACED"), 960, 1101]
    assert [(r.from_sequence, r.log_id) for r in server.requests] == [
        (0, ""), (1001, "log"), (1, ""), (961, "new"), (1101, "new"),
    ]


def test_an_absent_server_is_given_up():
    with penstock.connect("127.0.0.1:1") as client:
        with pytest.raises(penstock.PublishError):
            client.publisher("nobody", backoff=penstock.Backoff(initial=0.001, maximum=0.002, attempts=2))
        with pytest.raises(grpc.RpcError):
            list(client.subscribe(backoff=penstock.Backoff(initial=0.001, maximum=0.002, attempts=2)))


class Leaving(service_pb2_grpc.MarketStreamServicer):
    """Ends each call OK after its first request, acknowledged or not."""

    def __init__(self):
        self.sequences = []

    def Publish(self, requests, context):
        for request in requests:
            self.sequences.append(request.sequence)
            if len(self.sequences) % 2 == 0:
                yield md.PublishResponse(acked_sequence=request.sequence, accepted=1)
            return


def test_a_call_that_ends_well_before_everything_is_acknowledged_is_a_lost_one():
    servicer = Leaving()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    service_pb2_grpc.add_MarketStreamServicer_to_server(servicer, server)
    target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    with penstock.connect(target) as client, client.publisher(batch_size=1, backoff=QUICK) as publisher:
        publisher.publish(mixed(5))
        assert publisher.flush(60) == 5
    assert servicer.sequences == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    server.stop(None).wait(10)


def test_who_tries_for_ever_never_fails_for_the_number_of_attempts():
    backoff = penstock.Backoff(attempts=None)
    assert all(0 < backoff.delay(attempt) <= backoff.maximum for attempt in (1, 2, 1_000, 100_000))
    assert not backoff.gives_up(10**9)
