"""A server that ends a call while the client is still writing is heard, whichever of the two comes first."""
import asyncio
from concurrent import futures

import grpc
import penstock
import penstock.aio
import pytest
from penstock.v1 import service_pb2_grpc

NOW = 1_700_000_000_000_000_000
TICKS = [("A", NOW + i, 1.0, 1.0) for i in range(2000)]


class Refusing(service_pb2_grpc.MarketStreamServicer):
    """Takes three requests and no more."""

    def __init__(self):
        self.calls = 0

    def _refuse(self, requests, context):
        self.calls += 1
        for _ in range(3):
            next(requests)
        context.abort(grpc.StatusCode.ABORTED, "a newer stream has taken over")

    def Publish(self, requests, context):
        yield from self._refuse(requests, context) or ()

    def Replay(self, requests, context):
        yield from self._refuse(requests, context) or ()


@pytest.fixture(scope="module")
def refusing():
    servicer = Refusing()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    service_pb2_grpc.add_MarketStreamServicer_to_server(servicer, server)
    servicer.target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield servicer
    server.stop(None).wait(10)


@pytest.mark.parametrize("_", range(30))
def test_asyncio_replays_tell_the_servers_words(refusing, _):
    async def run():
        async with penstock.aio.connect(refusing.target) as client:
            await client.replay(TICKS, batch_size=1).run()

    with pytest.raises(penstock.errors.Aborted, match="a newer stream has taken over"):
        asyncio.run(asyncio.wait_for(run(), 30))


@pytest.mark.parametrize("_", range(30))
def test_asyncio_publishers_do_not_try_again_what_is_refused_for_good(refusing, _):
    async def run():
        async with penstock.aio.connect(refusing.target) as client:
            async with client.publisher(batch_size=1, max_in_flight=1000) as publisher:
                await publisher.publish(TICKS)

    before = refusing.calls
    with pytest.raises(penstock.PublishError, match="a newer stream has taken over") as error:
        asyncio.run(asyncio.wait_for(run(), 30))
    assert error.value.status is grpc.StatusCode.ABORTED and refusing.calls == before + 1


def test_synchronous_ones_as_well(refusing):
    with penstock.connect(refusing.target) as client:
        with pytest.raises(penstock.errors.Aborted, match="taken over"):
            client.replay(TICKS, batch_size=1).run()
        with pytest.raises(penstock.PublishError, match="taken over"):
            with client.publisher(batch_size=1) as publisher:
                publisher.publish(TICKS)
                publisher.flush(20)
