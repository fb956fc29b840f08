"""Whoever gives items learns which of them the server did not take, by their own count, whatever became of the connection."""
import asyncio
import contextlib
import threading
from concurrent import futures

import grpc
import numpy
import penstock
import penstock.aio
import pytest
from conftest import NOW, SECOND, RealServer, places, running, ticks
from penstock import columns
from penstock import market_data as md
from penstock._batching import Batcher, Gathered, items_in
from penstock.v1 import service_pb2_grpc
from penstock._rejections import RejectionBook

MINUTE = 60 * SECOND
QUICK = penstock.Backoff(initial=0.01, maximum=0.1, attempts=None)


# --- The book


def rejection(sequence, index, code=md.REJECTION_CODE_BAD_PRICE):
    return md.Rejection(sequence=sequence, index=index, code=code, detail="d")


def booked(*counts):
    """Requests 1, 2, … of so many items."""
    book, first = RejectionBook(), 0
    for sequence, count in enumerate(counts, 1):
        book.sent(sequence, Gathered(md.PublishRequest(), first, count))
        first += count
    return book


def test_a_request_that_is_not_under_way_names_no_item():
    book = booked(5, 5, 5)
    assert book.settled(1) == 5
    for sequence in (0, 1, 4, 2**64 - 1):
        ((told,), items) = book.read([rejection(sequence, 0)])
        assert (told.item, told.items, told.sequence, items) == (None, 1, sequence, 1)
    assert [told.item for told in book.read([rejection(2, 4), rejection(3, 0)])[0]] == [9, 10]


def test_what_is_told_again_is_handed_over_once_and_counts_each_time():
    book = booked(5, 5)
    assert book.read([rejection(1, 3)])[1] == 1
    new, items = book.read([rejection(1, 3), rejection(1, 4), rejection(2, 3)])
    assert ([told.item for told in new], items) == ([4, 8], 3)
    assert [told.item for told in book.newest] == [3, 4, 8]


@pytest.mark.parametrize("code", [md.REJECTION_CODE_BAD_COLUMNS, md.REJECTION_CODE_SEQUENCE_REGRESSION])
def test_a_request_that_is_rejected_as_a_whole_stands_for_all_its_items(code):
    ((told,), items) = booked(5, 7).read([rejection(2, 0, code)])
    assert (told.item, told.items, items) == (5, 7, 7)
    assert told.reason == md.RejectionCode.Name(code).removeprefix("REJECTION_CODE_")


def test_a_code_of_a_newer_server_is_its_number():
    ((told,), _) = booked(1).read([rejection(1, 0, 99)])
    assert told.reason == "99"


def test_the_book_holds_what_is_unacknowledged_and_a_thousand_rejections():
    book = RejectionBook()
    for sequence in range(1, 3001):
        book.sent(sequence, Gathered(md.PublishRequest(), sequence - 1, 1))
        book.read([rejection(sequence, 0)])
        book.settled(sequence - 4)
        assert len(book._sent) <= 4
    assert [told.item for told in book.newest] == list(range(2000, 3000))
    assert book.settled(3000) == 4 and not book._sent


# --- Numbers of items


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_every_item_has_its_place_in_what_was_given(size):
    tick, bar = md.Tick(symbol="A"), md.Bar(symbol="A")
    by_column = md.TickColumns(symbols=["A"], symbol_index=[0] * 4, timestamp_ns=[1] * 4, price=[1] * 4, size=[1] * 4)
    given = [tick, tick, bar, md.BarBatch(bars=[bar] * 3), by_column, md.TickBatch(), tick, tick, tick]
    batcher = Batcher(size)
    gathered = [*batcher.add_all(given), *batcher.rest()]
    # They tile what was given: nothing has two numbers, nothing none.
    assert [one.first_item for one in gathered] == [sum(other.items for other in gathered[:i]) for i in range(len(gathered))]
    assert batcher.items == sum(one.items for one in gathered) == 2 + 1 + 3 + 4 + 1 + 3


def test_items_are_counted_as_the_server_does():
    assert [items_in(batch) for batch in (md.TickBatch(), md.TickColumns(), md.BarBatch(), md.FairMarketValueBatch())] == [1] * 4
    assert items_in(md.TickColumns(price=[1, 2], conditions=[0, 0, 0])) == 3
    assert items_in(md.FairMarketValueBatch(values=[md.FairMarketValue()] * 2)) == 2


# --- Against a real server: garbage in every form


def test_garbage_is_found_by_its_place_over_all_calls(server):
    seen = []
    expected = []
    with penstock.connect(server.target) as client, client.publisher("garbage", batch_size=3, on_rejection=seen.append) as publisher:

        def is_next(*bad):
            expected.extend(publisher.items + place for place in bad)

        is_next(0)
        publisher.tick("RA", NOW, -1, 1)
        is_next(2, 7)
        publisher.publish(ticks("RA", 11, bad=(2, 7)))
        is_next(1)
        publisher.publish_bars([("RA", NOW, MINUTE, 1, 1, 1, 1, 1), ("RA", NOW, 0, 1, 1, 1, 1, 1)])
        is_next(0)
        publisher.fair_value("RA", NOW, 0)
        # Cut into messages of 4 rows: the second, third and last.
        is_next(4, 9, 21)
        prices = numpy.full(22, 100.0)
        prices[[4, 9, 21]] = numpy.nan, numpy.inf, 0
        publisher.publish_columns("RA", numpy.arange(22) + NOW, prices, numpy.ones(22), rows=4)
        is_next(5)
        high = [2.0] * 5 + [0.5]
        publisher.publish_bar_columns("RA", list(range(NOW, NOW + 6)), MINUTE, [1] * 6, high, [1] * 6, [1] * 6, [1] * 6, rows=2)
        assert publisher.items == 1 + 11 + 2 + 1 + 22 + 6
        publisher.flush(20)
        assert places(publisher) == expected and seen == publisher.rejections
        assert [told.items for told in seen] == [1] * 9 and all(told.detail for told in seen)
        assert (publisher.totals.rejected, publisher.totals.unnamed, publisher.totals.accepted) == (9, 0, publisher.items - 9)


def test_rows_of_a_frame_are_found_by_their_place_and_not_by_their_label(server):
    pandas = pytest.importorskip("pandas")
    names = ["symbol", "timestamp_ns", "price", "size"]
    frame = pandas.DataFrame(ticks("RF", 20, bad=(6, 19)), columns=names, index=range(20, 0, -1))
    with penstock.connect(server.target) as client, client.publisher() as publisher:
        publisher.publish(ticks("RF", 5))
        first = publisher.items
        publisher.publish_frame(frame, rows=8)
        publisher.flush(20)
        assert [frame.iloc[place - first]["price"] for place in places(publisher)] == [0, 0]


def test_columns_that_are_rejected_whole_and_empty_batches_keep_the_count(server):
    uneven = md.TickColumns(symbols=["RC"], symbol_index=[0, 0], timestamp_ns=[NOW] * 3, price=[1] * 2, size=[1] * 2)
    stray = md.TickColumns(symbols=["RC"], symbol_index=[0, 1], timestamp_ns=[NOW] * 2, price=[1] * 2, size=[1] * 2)
    with penstock.connect(server.target) as client, client.publisher() as publisher:
        publisher.publish([md.Tick(symbol="RC", timestamp_ns=NOW, price=1, size=1), uneven, md.BarBatch(), stray, md.Tick(symbol="RC")])
        publisher.flush(20)
        assert [(told.item, told.items, told.reason) for told in publisher.rejections] == [
            (1, 3, "BAD_COLUMNS"), (4, 1, "EMPTY_PAYLOAD"), (5, 2, "BAD_COLUMNS"), (7, 1, "BAD_TIMESTAMP"),
        ]
        assert publisher.items == 8 and publisher.totals == penstock.Totals(accepted=1, rejected=7)


def test_more_than_the_server_names_are_counted_and_small_requests_name_all(server):
    with penstock.connect(server.target) as client:
        with client.publisher() as publisher:
            publisher.publish(ticks("RM", 100, bad=range(100)))
            publisher.flush(20)
            assert places(publisher) == list(range(32))
            assert (publisher.totals.rejected, publisher.totals.unnamed) == (100, 68)
        with client.publisher(batch_size=32, max_in_flight=1) as publisher:
            publisher.publish(ticks("RM", 100, bad=range(100)))
            publisher.flush(20)
            assert places(publisher) == list(range(100)) and publisher.totals.unnamed == 0


def test_replays_number_their_items_too(server):
    with penstock.connect(server.target) as client:
        by_column = columns.tick_columns("RR", [NOW] * 9, [1.0] * 8 + [-1.0], [1.0] * 9, rows=4)
        given = [*ticks("RR", 10, bad=(4,)), md.Bar(symbol="RR"), *by_column]
        replay = client.replay(given, batch_size=3)
        replay.run()
        assert [told.item for told in replay.rejections] == [4, 10, 19]
        assert (replay.totals.rejected, replay.totals.unnamed) == (3, 0)

    async def run():
        async with penstock.aio.connect(server.target) as client:
            replay = client.replay(ticks("RR", 100, bad=range(7, 50)), batch_size=100)
            await replay.run()
            return replay

    replay = asyncio.run(asyncio.wait_for(run(), 30))
    assert [told.item for told in replay.rejections] == list(range(7, 39)) and replay.totals.unnamed == 11


def test_rejections_are_read_while_they_come(server):
    """From another thread; a list that changed while it was read would raise."""
    failures = []
    done = threading.Event()
    with penstock.connect(server.target) as client, client.publisher(batch_size=8, max_in_flight=4) as publisher:

        def read():
            while not done.is_set():
                found = places(publisher)
                if found != sorted(found):
                    failures.append(found)

        reader = threading.Thread(target=read)
        reader.start()
        publisher.publish(ticks("RT", 4000, bad=range(0, 4000, 2)))
        publisher.flush(60)
        done.set()
        reader.join(20)
        assert not failures and len(publisher.rejections) == 1000 and publisher.totals.rejected == 2000


# --- Lost connections


@pytest.mark.parametrize("name", [None, "rejected"])
def test_a_killed_server_does_not_move_the_numbers(tmp_path, name):
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(running(tmp_path))
        client = stack.enter_context(penstock.connect(first.target))
        publisher = stack.enter_context(client.publisher(name, batch_size=3, max_in_flight=100, backoff=QUICK))
        publisher.publish(ticks("RK", 10, bad=(2,)))
        publisher.flush(20)
        # Sent, and never answered.
        first.freeze()
        publisher.publish(ticks("RK", 20, bad=(0, 9)))
        publisher.publish_columns("RK", [NOW] * 10, [1.0] * 7 + [0.0] * 3, [1.0] * 10, rows=4)
        first.kill()
        publisher.publish(ticks("RK", 10, bad=(9,)))
        stack.enter_context(running(tmp_path, port=first.port))
        publisher.flush(20)
        assert places(publisher) == [2, 10, 19, 37, 38, 39, 49]
        assert publisher.reconnects >= 1 and publisher.items == 50
        assert (publisher.totals.accepted, publisher.totals.rejected, publisher.totals.unheard) == (43, 7, 0)
        assert not publisher._ledger._book._sent


def test_asyncio_keeps_the_numbers_over_a_killed_server_too(tmp_path):
    async def run(first, start_second):
        seen = []
        async with penstock.aio.connect(first.target) as client:
            async with client.publisher("rejected", batch_size=3, backoff=QUICK, on_rejection=seen.append) as publisher:
                await publisher.tick("RB", NOW, 0, 1)
                await publisher.publish(ticks("RB", 10, bad=(2,)))
                await publisher.flush()
                first.freeze()
                await publisher.publish(ticks("RB", 20, bad=(0, 9)))
                first.kill()
                await publisher.bar("RB", NOW, 0, 1, 1, 1, 1, 1)
                await publisher.fair_value("RB", NOW, 0)
                await asyncio.get_running_loop().run_in_executor(None, start_second)
                await publisher.flush(20)
                assert [told.item for told in seen] == [0, 3, 11, 20, 31, 32] and seen == publisher.rejections
                assert (publisher.items, publisher.totals.rejected) == (33, 6)

    with contextlib.ExitStack() as stack:
        first = stack.enter_context(running(tmp_path))
        second = []
        asyncio.run(asyncio.wait_for(run(first, lambda: second.append(RealServer(tmp_path, port=first.port))), 60))
        second[0].stop()


class Scripted(service_pb2_grpc.MarketStreamServicer):
    """Publishing calls that do as they are told: each takes so many requests, gives its responses, and is dropped; the last goes on."""

    def __init__(self, *calls):
        self.calls = list(calls)
        self.taken = []

    def Publish(self, requests, context):
        take, responses = self.calls.pop(0)
        if "penstock-publisher" in dict(context.invocation_metadata()):
            yield responses.pop(0)
        self.taken.append([next(requests).sequence for _ in range(take)])
        yield from responses
        if self.calls:
            context.abort(grpc.StatusCode.UNAVAILABLE, "dropped")
        for _ in requests:
            pass


@contextlib.contextmanager
def scripted(*calls):
    servicer = Scripted(*calls)
    server = grpc.server(futures.ThreadPoolExecutor(4))
    service_pb2_grpc.add_MarketStreamServicer_to_server(servicer, server)
    target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        with penstock.connect(target) as client:
            yield servicer, client
    finally:
        server.stop(None).wait(10)


def test_a_rejection_that_came_before_the_connection_was_lost_comes_once():
    told = [rejection(2, 0), rejection(3, 1)]
    with scripted(
        # Told, and not acknowledged.
        (3, [
            md.PublishResponse(acked_sequence=1, accepted=2),
            md.PublishResponse(acked_sequence=1, accepted=4, rejected=2, rejections=told),
        ]),
        (2, [md.PublishResponse(acked_sequence=3, accepted=2, rejected=2, rejections=told)]),
    ) as (servicer, client):
        seen = []
        with client.publisher(batch_size=2, backoff=QUICK, on_rejection=seen.append) as publisher:
            publisher.publish(ticks("A", 6))
            publisher.flush(20)
            assert [one.item for one in seen] == [2, 5]
            # They were sent again, and counted again.
            assert publisher.totals == penstock.Totals(accepted=6, rejected=4)
    assert servicer.taken == [[1, 2, 3], [2, 3]]


def test_what_was_processed_without_an_answer_is_counted_as_unheard():
    with scripted(
        (3, [md.PublishResponse(resume_sequence=0)]),
        (1, [
            md.PublishResponse(acked_sequence=2, resume_sequence=2),
            md.PublishResponse(acked_sequence=3, accepted=1, rejected=1, rejections=[rejection(3, 1)]),
        ]),
    ) as (servicer, client):
        with client.publisher("unheard", batch_size=2, backoff=QUICK) as publisher:
            publisher.publish(ticks("A", 6))
            publisher.flush(20)
            assert places(publisher) == [5]
            assert publisher.totals == penstock.Totals(accepted=1, rejected=1, unheard=4)
    assert servicer.taken == [[1, 2, 3], [3]]


def test_a_name_that_another_used_meanwhile_ends_the_publisher():
    with scripted(
        (1, [md.PublishResponse(resume_sequence=4)]), (0, [md.PublishResponse(acked_sequence=9, resume_sequence=9)]),
    ) as (_, client):
        publisher = client.publisher("shared", batch_size=1, backoff=QUICK)
        with pytest.raises(penstock.PublishError, match="up to request 9, this one up to 5; 1 of its requests") as error:
            publisher.publish(ticks("A", 1))
            publisher.flush(20)
        assert error.value.status is grpc.StatusCode.ABORTED
        publisher.close()
