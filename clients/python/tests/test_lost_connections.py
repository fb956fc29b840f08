"""Nothing is lost or comes twice, however often the connection is lost: against a server that drops calls at seeded moments."""
import asyncio
import random
import threading
from concurrent import futures

import grpc
import penstock
import penstock.aio
import pytest
from penstock._proto import events_pb2 as ev
from penstock._proto import market_data_pb2 as md
from penstock._proto import service_pb2_grpc

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
