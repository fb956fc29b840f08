"""A publisher that is left, closed, cancelled or interrupted says what has become of what it took, and why it has to wait."""
import asyncio

import penstock
import penstock.aio
import pytest
from conftest import eventually, places, running, ticks

QUICK = penstock.Backoff(initial=0.01, maximum=0.1, attempts=None)


def test_leaving_tells_an_error_that_nobody_was_told_and_no_other(tmp_path):
    with running(tmp_path, "server: {limits: {max_items: 4}}\n") as server, penstock.connect(server.target) as client:
        publisher = client.publisher(batch_size=5)
        publisher.publish(ticks("RE", 5))
        eventually(lambda: publisher._error)
        with pytest.raises(penstock.PublishError, match="max_items"):
            publisher.close()
        publisher.close()

        async def run():
            async with penstock.aio.connect(server.target) as client:
                with pytest.raises(penstock.PublishError, match="max_items"):
                    async with client.publisher(batch_size=5) as publisher:
                        await publisher.publish(ticks("RE", 5))
                async with client.publisher(batch_size=5) as publisher:
                    with pytest.raises(penstock.PublishError, match="max_items"):
                        await publisher.publish(ticks("RE", 5))
                        await publisher.flush(20)

        asyncio.run(asyncio.wait_for(run(), 30))


def test_closing_gives_up_a_server_that_never_answers(tmp_path):
    with running(tmp_path) as server, penstock.connect(server.target) as client:
        publisher = client.publisher(backoff=QUICK)
        publisher.publish(ticks("RG", 5))
        publisher.flush(20)
        server.freeze()
        publisher.publish(ticks("RG", 5))
        with pytest.raises(TimeoutError, match="1 requests are not acknowledged"):
            publisher.close(0.05)
        assert publisher._done.wait(20)

        async def run():
            async with penstock.aio.connect(server.target) as client:
                async with client.publisher(backoff=QUICK) as publisher:
                    await publisher.publish(ticks("RG", 5))
                    with pytest.raises(TimeoutError, match="1 requests are not acknowledged"):
                        await publisher.flush(0.05)
                    with pytest.raises(TimeoutError):
                        await publisher.close(0.05)
                    # Leaving does not wait for it either.
                    raise KeyError

        with pytest.raises(KeyError):
            asyncio.run(asyncio.wait_for(run(), 30))
        server.kill()


def test_a_cancelled_call_has_sent_what_it_took(tmp_path):
    given = ticks("RX", 5, bad=(1, 4))

    async def run(server, go_on):
        async with penstock.aio.connect(server.target) as client:
            async with client.publisher("cancelled", batch_size=1, max_in_flight=1) as publisher:
                server.freeze()
                call = asyncio.create_task(publisher.publish(given))
                while publisher.items < 2:
                    await asyncio.sleep(0)
                # One is under way, the second waits for it.
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
                assert publisher.items == 2
                go_on()
                await publisher.publish(given[publisher.items :])
                await publisher.flush(20)
                assert [told.item for told in publisher.rejections] == [1, 4]
                assert (publisher.totals.accepted, publisher.totals.rejected) == (3, 2)

    with running(tmp_path) as server:
        asyncio.run(asyncio.wait_for(run(server, server.thaw), 30))


def test_an_interrupted_call_has_sent_what_it_took(tmp_path):
    given = ticks("RY", 5, bad=(1, 4))

    class Interrupt(BaseException):
        pass

    with running(tmp_path) as server, penstock.connect(server.target) as client:
        with client.publisher("interrupted", batch_size=1, max_in_flight=1) as publisher:
            server.freeze()
            wait_for = publisher._condition.wait_for

            def interrupted(condition, timeout=None):
                if not condition():
                    raise Interrupt
                return wait_for(condition, timeout)

            publisher._condition.wait_for = interrupted
            with pytest.raises(Interrupt):
                publisher.publish(given)
            publisher._condition.wait_for = wait_for
            assert publisher.items == 2
            server.thaw()
            publisher.publish(given[publisher.items :])
            publisher.flush(20)
            assert places(publisher) == [1, 4] and publisher.totals.accepted == 3


def test_a_publisher_says_why_nothing_is_acknowledged(tmp_path):
    small = (
        "channels: [{name: t, ring_capacity: 16}]\n"
        "profiles: [{name: default, calendar: {preset: continuous}}]\n"
    )
    never = penstock.Backoff(initial=0.001, maximum=0.002, attempts=None)

    def reason(publisher):
        with pytest.raises(TimeoutError) as error:
            publisher.flush(0.1)
        return str(error.value)

    with running(tmp_path, config=small) as server, penstock.connect(server.target) as client:
        client.admin.pause_channel("t")
        publisher = client.publisher(backoff=never)
        publisher.publish(ticks("RW", 100))
        eventually(lambda: "channel 't'" in reason(publisher))
        client.admin.resume_channel("t")
        publisher.flush(20)
        server.kill()
        publisher.publish(ticks("RW", 1))
        eventually(lambda: "UNAVAILABLE" in reason(publisher))

        async def run():
            async with penstock.aio.connect(server.target) as client:
                async with client.publisher(backoff=never) as publisher:
                    await publisher.publish(ticks("RW", 1))
                    while True:
                        try:
                            await publisher.flush(0.1)
                        except TimeoutError as error:
                            if "UNAVAILABLE" in str(error):
                                # Leaving by an error does not wait.
                                raise

        with pytest.raises(TimeoutError, match="UNAVAILABLE"):
            asyncio.run(asyncio.wait_for(run(), 30))
        with pytest.raises(TimeoutError):
            publisher.close(0.01)
