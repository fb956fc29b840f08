"""Service ChannelAdmin against a real server: what it refuses, and what each call changes."""
import asyncio
import datetime

import grpc
import penstock
import penstock.aio
import pytest
from conftest import eventually, running
from penstock import errors

NOW = 1_700_006_400_000_000_000
SECOND = 10**9
STATE = penstock.metrics.ChannelState
BREAKER = penstock.metrics.BreakerState


@pytest.fixture(scope="module")
def client(server):
    with penstock.connect(server.target) as client:
        yield client


@pytest.fixture
def admin(client):
    return client.admin


@pytest.fixture
def channel(admin, request):
    """A bar channel of the test's own."""
    name = request.node.name[-40:].replace("[", "-").replace("]", "")
    admin.create_channel(name, "BAR", ring_capacity=256)
    yield name
    if name in [status.spec.name for status in admin.list_channels()]:
        admin.delete_channel(name)


# --- Failure paths


def test_an_unknown_channel_is_named_with_those_there_are(admin):
    for call in (
        admin.get_channel, admin.pause_channel, admin.resume_channel, admin.drain_channel, admin.start_channel,
        admin.delete_channel, admin.trip_breaker, admin.reset_breaker, admin.update_channel,
    ):
        with pytest.raises(errors.NotFound, match="nobody.*ticks-1") as error:
            call("nobody")
        assert error.value.status is grpc.StatusCode.NOT_FOUND and "ticks-1" in error.value.message
        # What handles grpcio's errors handles these.
        assert isinstance(error.value, grpc.RpcError) and error.value.code() is grpc.StatusCode.NOT_FOUND
    with pytest.raises(errors.NotFound, match="default"):
        admin.get_profile("nobody")


def test_each_bad_value_is_named(admin, channel):
    with pytest.raises(errors.InvalidArgument) as error:
        admin.create_channel("b!", 9, ring_capacity=3, batching={"max_batch": 0})
    found = " | ".join(error.value.problems)
    assert len(error.value.problems) == 4
    for part in ("spec.name", "spec.type", "spec.ring_capacity", "spec.batching.max_batch"):
        assert part in found
    with pytest.raises(errors.InvalidArgument) as error:
        admin.update_channel(channel, {"batching.max_batch": 0, "breaker.failure_rate_pct": 101})
    assert [problem.split(":")[0] for problem in error.value.problems] == [
        "spec.batching.max_batch", "spec.breaker.failure_rate_pct",
    ]
    with pytest.raises(errors.InvalidArgument) as error:
        admin.update_profile("default", {"detectors.tick.surge.z": -5, "detectors.bar.gap.gap_pct": -1})
    assert [problem.split(":")[0] for problem in error.value.problems] == [
        "spec.detectors.tick.surge.z", "spec.detectors.bar.gap.gap_pct",
    ]
    assert admin.get_channel(channel).config_version == 1


def test_a_setting_that_there_is_not_never_reaches_the_server(admin):
    with pytest.raises(ValueError, match="detectors.tick.surge.zz is no setting"):
        admin.update_profile("default", {"detectors.tick.surge.zz": 5})
    with pytest.raises(ValueError, match="none of SYMBOL_HASH"):
        admin.set_routing("TICK", strategy="ALPHABETIC")
    with pytest.raises(ValueError, match="none of TICK, BAR, FAIR_MARKET_VALUE"):
        admin.rebalance("NEWS")


def test_a_change_decided_on_an_older_version_is_aborted(admin, channel):
    before = admin.get_channel(channel).config_version
    changed = admin.update_channel(channel, overflow="DROP_NEWEST", expected_version=before)
    assert changed.config_version == before + 1
    with pytest.raises(errors.Aborted, match=f"config_version {before + 1}"):
        admin.update_channel(channel, overflow="BLOCK", expected_version=before)
    assert admin.get_channel(channel).spec.overflow == penstock.admin.OVERFLOW_POLICY_DROP_NEWEST
    profile = admin.get_profile("default").config_version
    with pytest.raises(errors.Aborted, match="default"):
        admin.update_profile("default", {"detectors.tick.surge.z": 6}, expected_version=profile + 1)


def test_states_that_a_call_is_not_for_and_names_that_are_taken_are_told(admin, channel):
    with pytest.raises(errors.FailedPrecondition, match="RUNNING"):
        admin.resume_channel(channel)
    with pytest.raises(errors.FailedPrecondition):
        admin.start_channel(channel)
    with pytest.raises(errors.AlreadyExists, match=channel):
        admin.create_channel(channel, "BAR")
    with pytest.raises(errors.FailedPrecondition, match="last channel"):
        admin.delete_channel("values-1")
    with pytest.raises(errors.InvalidArgument, match="ring_capacity"):
        admin.update_channel(channel, ring_capacity=512)
    with pytest.raises(errors.InvalidArgument, match="symbols"):
        admin.reset_symbols([])


def test_an_absent_server_is_unavailable():
    with penstock.connect("127.0.0.1:1") as client:
        for call in (client.admin.list_channels, client.server_info, lambda: client.symbol_states(["A"])):
            with pytest.raises(errors.Unavailable):
                call()

    async def run():
        async with penstock.aio.connect("127.0.0.1:1") as client:
            with pytest.raises(errors.Unavailable):
                await client.admin.list_channels()

    asyncio.run(run())


# --- Channels


def test_a_channel_lives_from_its_creation_to_its_deletion(admin):
    only_checked = admin.create_channel("life", "BAR", overflow="CONFLATE", validate_only=True)
    assert only_checked.spec.overflow == penstock.admin.OVERFLOW_POLICY_CONFLATE
    assert "life" not in [status.spec.name for status in admin.list_channels()]
    made = admin.create_channel(
        "life", "BAR", {"breaker.open_ns": datetime.timedelta(seconds=2)}, ring_capacity=128, profiles=["default"],
        batching={"strategy": "SIZE", "max_batch": 32, "max_wait_us": 100}, wait="YIELD", health={"depth_pct": 70},
    )
    spec = made.spec
    assert (spec.ring_capacity, spec.batching.max_batch, spec.breaker.open_ns, spec.health.depth_pct) == (128, 32, 2 * SECOND, 70)
    assert list(spec.profiles) == ["default"] and made.config_version == 1
    assert [status.spec.name for status in admin.list_channels()][-1] == "life"
    assert admin.pause_channel("life").metrics.state == STATE.CHANNEL_STATE_PAUSED
    assert admin.resume_channel("life").metrics.state == STATE.CHANNEL_STATE_RUNNING
    admin.drain_channel("life")
    eventually(lambda: admin.get_channel("life").metrics.state == STATE.CHANNEL_STATE_STOPPED)
    admin.start_channel("life")
    eventually(lambda: admin.get_channel("life").metrics.state == STATE.CHANNEL_STATE_RUNNING)
    assert admin.trip_breaker("life").metrics.breaker == BREAKER.BREAKER_STATE_OPEN
    assert admin.reset_breaker("life").metrics.breaker == BREAKER.BREAKER_STATE_CLOSED
    admin.delete_channel("life")
    with pytest.raises(errors.NotFound):
        admin.get_channel("life")


def test_an_update_changes_what_is_given_and_nothing_else(admin, channel):
    before = admin.get_channel(channel).spec
    checked = admin.update_channel(channel, {"batching.max_batch": 7}, validate_only=True)
    assert checked.spec.batching.max_batch == 7 and admin.get_channel(channel).spec == before
    after = admin.update_channel(channel, {"batching.max_batch": 7}, breaker={"open_ns": SECOND}).spec
    assert (after.batching.max_batch, after.breaker.open_ns) == (7, SECOND)
    before.batching.max_batch, before.breaker.open_ns = 7, SECOND
    assert after == before
    # A list may be emptied.
    assert list(admin.update_channel(channel, profiles=["default"]).spec.profiles) == ["default"]
    assert list(admin.update_channel(channel, profiles=[]).spec.profiles) == []


# --- Symbols


def test_routing_rebalancing_and_forgetting(client, admin):
    with client.publisher() as publisher:
        publisher.publish([(f"RS{i}", NOW + i, 10.0, 1.0) for i in range(20)])
        publisher.flush(20)
    routing = {route.type: route for route in admin.set_routing("TICK", strategy="RANDOM", seed=7)}
    tick = penstock.metrics.CHANNEL_TYPE_TICK
    assert (routing[tick].strategy, routing[tick].seed) == (penstock.admin.ROUTING_STRATEGY_RANDOM, 7)
    # What is not given stays.
    assert {route.type: route for route in admin.set_routing("TICK", strategy="SYMBOL_HASH")}[tick].seed == 7
    answer = admin.get_routing()
    assert len(answer.routing) == 3 and answer.metrics.placements >= 20
    assert admin.rebalance("TICK") >= 0
    assert admin.reset_symbols("RS0") == 1
    assert admin.reset_symbols(["RS1", "RS1*"]) == 11
    assert admin.reset_symbols(["NOBODY*"]) == 0


def test_a_profile_changes_while_data_flow(client, admin):
    spec = admin.get_profile("default").spec
    assert spec.calendar.preset == "continuous" and spec.detectors.tick.surge.z > 0
    changed = admin.update_profile(
        "default", {"detectors.bar.significant_move.move_pct_1m": 9}, detectors={"tick": {"surge": {"z": 5}}},
        max_ahead_ns=datetime.timedelta(seconds=20),
    )
    assert changed.spec.detectors.tick.surge.z == 5 and changed.spec.max_ahead_ns == 20 * SECOND
    with client.publisher() as publisher:
        publisher.bar("PR", NOW, 60 * SECOND, 100, 105, 100, 105, 1)
        publisher.bar("PR", NOW + 60 * SECOND, 60 * SECOND, 105, 116, 105, 116, 1)
        publisher.flush(20)
    moves = client.subscribe(symbols=["PR"], types=["SIGNIFICANT_MOVE"], from_sequence=1, end_when_caught_up=True)
    assert [event.timestamp_ns for event in moves if event.move.duration_ns == 60 * SECOND] == [NOW + 60 * SECOND]


# --- The server


def test_metrics_and_info(admin):
    assert [channel.channel for channel in admin.metrics().channels][:2] == ["ticks-1", "ticks-2"]
    info = admin.server_info()
    assert info.version and info.max_items and info.log_id


def test_asyncio_steers_as_well(server):
    async def run():
        async with penstock.aio.connect(server.target) as client:
            admin = client.admin
            await admin.create_channel("async", "BAR", overflow="DROP_OLDEST")
            assert (await admin.get_channel("async")).spec.overflow == penstock.admin.OVERFLOW_POLICY_DROP_OLDEST
            assert (await admin.update_channel("async", {"batching.max_batch": 9})).spec.batching.max_batch == 9
            with pytest.raises(errors.Aborted):
                await admin.update_channel("async", {"batching.max_batch": 8}, expected_version=1)
            with pytest.raises(errors.InvalidArgument, match="max_batch"):
                await admin.update_channel("async", {"batching.max_batch": 0})
            assert (await admin.pause_channel("async")).metrics.state == STATE.CHANNEL_STATE_PAUSED
            await admin.resume_channel("async")
            await admin.delete_channel("async")
            with pytest.raises(errors.NotFound):
                await admin.get_channel("async")
            assert len((await admin.get_routing()).routing) == 3
            assert (await admin.server_info()).version and (await admin.metrics()).channels
            assert (await admin.get_profile("default")).config_version

    asyncio.run(asyncio.wait_for(run(), 30))


# --- Sessions and shutdown


def test_sessions_are_listed_and_can_be_ended(server):
    with penstock.connect(server.target) as client, penstock.connect(server.target) as other:
        before = {session.id for session in client.admin.list_sessions()}
        items = iter(other.subscribe(everything=True, backoff=penstock.Backoff(attempts=0)))
        assert isinstance(next(items), penstock.Heartbeat)
        (session,) = [session for session in client.admin.list_sessions() if session.id not in before]
        assert session.streams == 1 and session.peer and session.bytes_in and session.bytes_out
        client.admin.disconnect_session(session.id)
        with pytest.raises(grpc.RpcError):
            list(items)
        assert session.id not in {session.id for session in client.admin.list_sessions()}
        with pytest.raises(penstock.ServerError, match=session.id):
            client.admin.disconnect_session(session.id)


def test_a_shutdown_acknowledges_what_was_sent_and_ends_the_server(tmp_path):
    with running(tmp_path) as server, penstock.connect(server.target) as client:
        publisher = client.publisher(backoff=penstock.Backoff(attempts=0))
        publisher.tick("SD", NOW, 1.0, 1.0)
        publisher.flush(20)
        client.admin.shutdown(grace_ms=2000)
        assert server.process.wait(20) == 0
        assert publisher.totals.accepted == 1
