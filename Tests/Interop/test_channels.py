"""Channels of every kind, steered while data flow: lifecycle, settings, routing, sessions, and what overload and faults do to them."""
import os
import pathlib
import random
import subprocess
import threading

import grpc
import pytest
from conftest import BINARY, SHARED, config, eventually, running
from google.protobuf import field_mask_pb2
from penstock.v1 import admin_pb2 as ad
from penstock.v1 import events_pb2 as ev
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import metrics_pb2 as me
from penstock.v1 import service_pb2 as sv
from penstock.v1 import service_pb2_grpc
from test_golden import BARS, bar_batches, batches, check, collect, publish, ticks

START = 1_715_779_800_000_000_000
SECOND = 1_000_000_000


def request(symbols, count, sequence=0, start=START):
    return md.PublishRequest(
        sequence=sequence,
        ticks=md.TickBatch(
            ticks=[
                md.Tick(symbol=symbols[n % len(symbols)], timestamp_ns=start + n * 1_000_000, price=10, size=1)
                for n in range(count)
            ]
        ),
    )


def fails(code, words, call, message):
    with pytest.raises(grpc.RpcError) as error:
        call(message, timeout=20)
    assert error.value.code().name == code, error.value.details()
    for word in [words] if isinstance(words, str) else words:
        assert word in error.value.details()


def states(admin):
    return {channel.spec.name: channel.metrics for channel in admin.ListChannels(ad.ListChannelsRequest()).channels}


# --- Lifecycle


def test_a_channel_is_created_updated_drained_started_and_deleted():
    with running(config(channels=1, calendar="continuous")) as server, server.admin() as admin, server.stub() as stub:
        spec = ad.ChannelSpec(name="more", type="CHANNEL_TYPE_TICK", overflow="OVERFLOW_POLICY_CONFLATE",
                              batching=ad.BatchingSpec(max_batch=7))
        dry = admin.CreateChannel(ad.CreateChannelRequest(spec=spec, validate_only=True)).channel
        assert dry.spec.batching.max_batch == 7 and len(states(admin)) == 1
        made = admin.CreateChannel(ad.CreateChannelRequest(spec=spec)).channel
        assert made.metrics.state == me.CHANNEL_STATE_RUNNING and made.config_version == 1
        assert made.spec.ring_capacity == 65_536, "what is not given has its default"
        fails("ALREADY_EXISTS", "'more'", admin.CreateChannel, ad.CreateChannelRequest(spec=spec))
        # Symbols placed on it go back with their state when it drains.
        list(stub.Publish(iter([request([f"S{n}" for n in range(40)], 400)]), timeout=20))
        before = states(admin)
        assert before["more"].symbols > 5 and before["more"].symbols + before["ticks-1"].symbols == 40
        drained = admin.DrainChannel(ad.DrainChannelRequest(name="more")).channel.metrics
        assert drained.state == me.CHANNEL_STATE_STOPPED and states(admin)["ticks-1"].symbols == 40
        fails("FAILED_PRECONDITION", ["STOPPED", "pause"], admin.PauseChannel, ad.PauseChannelRequest(name="more"))
        started = admin.StartChannel(ad.StartChannelRequest(name="more")).channel.metrics
        assert started.state == me.CHANNEL_STATE_RUNNING
        fails("FAILED_PRECONDITION", ["RUNNING", "start"], admin.StartChannel, ad.StartChannelRequest(name="more"))
        assert admin.Rebalance(ad.RebalanceRequest(type="CHANNEL_TYPE_TICK")).moved == before["more"].symbols
        routed = server.metrics().router.routed
        admin.DeleteChannel(ad.DeleteChannelRequest(name="more"))
        assert server.metrics().router.routed == routed, "a counter never falls"
        assert list(states(admin)) == ["ticks-1"] and states(admin)["ticks-1"].symbols == 40
        fails("NOT_FOUND", ["'more'", "ticks-1"], admin.GetChannel, ad.GetChannelRequest(name="more"))
        fails("FAILED_PRECONDITION", "last channel", admin.DeleteChannel, ad.DeleteChannelRequest(name="ticks-1"))
        fails("FAILED_PRECONDITION", "last channel", admin.DrainChannel, ad.DrainChannelRequest(name="ticks-1"))


def test_updates_take_a_mask_a_version_and_a_dry_run(server):
    with server.admin() as admin:
        def update(spec, *paths, **more):
            return ad.UpdateChannelRequest(spec=spec, update_mask=field_mask_pb2.FieldMask(paths=paths), **more)

        version = admin.GetChannel(ad.GetChannelRequest(name="ticks-2")).channel.config_version
        spec = ad.ChannelSpec(name="ticks-2", batching=ad.BatchingSpec(max_batch=99, max_wait_us=5),
                              health=ad.HealthSpec(depth_pct=50))
        dry = admin.UpdateChannel(update(spec, "batching.max_batch", validate_only=True)).channel
        assert (dry.spec.batching.max_batch, dry.spec.batching.max_wait_us, dry.config_version) == (99, 500, version)
        done = admin.UpdateChannel(update(spec, "batching.max_batch", expected_config_version=version)).channel
        assert (done.spec.batching.max_batch, done.spec.batching.max_wait_us) == (99, 500)
        assert done.spec.health.depth_pct == 80 and done.config_version == version + 1
        same = admin.UpdateChannel(update(spec, "batching.max_batch")).channel
        assert same.config_version == version + 1, "what changes nothing steps nothing"
        fails("ABORTED", str(version + 1), admin.UpdateChannel, update(spec, expected_config_version=version))
        bad = ad.ChannelSpec(name="ticks-2", batching=ad.BatchingSpec(max_batch=0),
                             breaker=ad.BreakerSpec(failure_rate_pct=500), profiles=["nobody"])
        fails("INVALID_ARGUMENT", ["spec.batching.max_batch", "1 to 65536", "spec.breaker.failure_rate_pct"],
              admin.UpdateChannel, update(bad))
        fails("INVALID_ARGUMENT", "nobody", admin.UpdateChannel, update(ad.ChannelSpec(name="ticks-2", profiles=["nobody"])))
        fails("INVALID_ARGUMENT", "no field", admin.UpdateChannel, update(spec, "batching.max_bach"))
        fails("INVALID_ARGUMENT", ["'nonsense' is no field", "spec.batching.max_batch"], admin.UpdateChannel,
              update(bad, "nonsense", "batching.max_batch"))
        fails("INVALID_ARGUMENT", "not given", admin.UpdateChannel, update(spec, "breaker"))
        fails("INVALID_ARGUMENT", "'name' cannot be changed", admin.UpdateChannel, update(spec, "name"))
        fails("INVALID_ARGUMENT", "ring_capacity", admin.UpdateChannel,
              update(ad.ChannelSpec(name="ticks-2", ring_capacity=8)))
        fails("INVALID_ARGUMENT", "type", admin.UpdateChannel, update(ad.ChannelSpec(name="ticks-2", type="CHANNEL_TYPE_BAR")))
        fails("NOT_FOUND", "'gone'", admin.UpdateChannel, update(ad.ChannelSpec(name="gone")))


def test_each_bad_field_is_named_whatever_else_is_wrong(server):
    with server.admin() as admin:
        missing = ["spec.name: is missing; must be 1 to 64", "spec.type: is missing; must be one of tick, bar, fmv"]
        fails("INVALID_ARGUMENT", missing, admin.CreateChannel, ad.CreateChannelRequest(spec=ad.ChannelSpec()))
        fails("INVALID_ARGUMENT", missing, admin.CreateChannel, ad.CreateChannelRequest())
        fails("INVALID_ARGUMENT", missing[1:], admin.CreateChannel, ad.CreateChannelRequest(spec=ad.ChannelSpec(name="t")))
        bad = ad.ChannelSpec(
            name="ticks-1", type="CHANNEL_TYPE_BAR", ring_capacity=8, batching=ad.BatchingSpec(max_batch=0), profiles=["nobody"],
            breaker=ad.BreakerSpec(open_ns=-5), health=ad.HealthSpec(depth_for_ns=-2**63))
        values = ["spec.batching.max_batch: is 0; must be from 1 to 65536", "spec.breaker.open: is -5ns; must be from 10ms to 1h",
                  "spec.health.depth_for: is '-9223372036854775808ns'; must be a duration such as 500ms, 60s or 20m, from 0s to 1h",
                  "spec.profiles: names 'nobody'", "spec.type: a channel's type cannot change",
                  "spec.ring_capacity: cannot change while the channel lives (it is 65536)"]
        fails("INVALID_ARGUMENT", values, admin.UpdateChannel, ad.UpdateChannelRequest(spec=bad))
        # Nobody knows what a misspelt path was meant for: no value hides behind it.
        for paths in (["batching.max_bach"], ["wait", "batching.max_bach"]):
            mask = field_mask_pb2.FieldMask(paths=paths)
            fails("INVALID_ARGUMENT", ["update_mask: 'batching.max_bach' is no field of the specification", *values],
                  admin.UpdateChannel, ad.UpdateChannelRequest(spec=bad, update_mask=mask))
        mask = field_mask_pb2.FieldMask(paths=["wait"] * 1_001)
        fails("INVALID_ARGUMENT", "update_mask: has 1001 paths; must have at most 1,000", admin.UpdateChannel,
              ad.UpdateChannelRequest(spec=ad.ChannelSpec(name="ticks-1"), update_mask=mask))


def test_a_profile_changes_live_and_events_tell_its_version():
    with running(config(channels=2, calendar="continuous")) as server, server.admin() as admin, server.stub() as stub:
        def rise(symbol, base):
            rows = [md.Tick(symbol=symbol, timestamp_ns=START + base * SECOND + n * 2 * SECOND, price=10 + n / 25, size=1)
                    for n in range(3)]
            list(stub.Publish(iter([md.PublishRequest(ticks=md.TickBatch(ticks=rows))]), timeout=20))

        rise("A", 0)
        detectors = ad.DetectorsSpec(tick=ad.TickDetectorsSpec(high_low=ad.HighLowSpec(enabled=False)))
        changed = admin.UpdateProfile(ad.UpdateProfileRequest(
            spec=ad.ProfileSpec(name="default", detectors=detectors),
            update_mask=field_mask_pb2.FieldMask(paths=["detectors.tick.high_low.enabled"]))).profile
        assert changed.config_version == 2 and not changed.spec.detectors.tick.high_low.enabled
        rise("B", 100)
        changed.spec.detectors.tick.high_low.enabled = True
        assert admin.UpdateProfile(ad.UpdateProfileRequest(spec=changed.spec)).profile.config_version == 3
        rise("C", 200)
        seen = {(event.symbol, event.config_version) for event in collect(stub) if event.type == ev.EVENT_TYPE_HIGH}
        assert seen == {("A", 1), ("C", 3)}
        fails("NOT_FOUND", ["'x'", "default"], admin.GetProfile, ad.GetProfileRequest(name="x"))
        bad = ad.ProfileSpec(name="default", detectors=ad.DetectorsSpec(tick=ad.TickDetectorsSpec(surge=ad.SurgeSpec(z=-1))))
        fails("INVALID_ARGUMENT", "spec.detectors.tick.surge.z", admin.UpdateProfile, ad.UpdateProfileRequest(spec=bad))


def test_a_mask_can_empty_a_list(server):
    with server.admin() as admin:
        def bars(*durations, **parts):
            return admin.UpdateProfile(ad.UpdateProfileRequest(
                spec=ad.ProfileSpec(name="default", **parts),
                update_mask=field_mask_pb2.FieldMask(paths=["detectors.tick.bars_ns"]))).profile.spec.detectors.tick.bars_ns

        given = {"detectors": ad.DetectorsSpec(tick=ad.TickDetectorsSpec(bars_ns=[SECOND]))}
        assert list(bars(**given)) == [SECOND]
        # Also where an empty list leaves nothing in the messages around it.
        assert list(bars()) == []
        # A path beside it says nothing of a part that is not given.
        mask = field_mask_pb2.FieldMask(paths=["calendar", "detectors.tick.surge.z"])
        spec = ad.ProfileSpec(name="default", detectors=ad.DetectorsSpec(tick=ad.TickDetectorsSpec(surge=ad.SurgeSpec(z=9))))
        fails("INVALID_ARGUMENT", "'calendar' is not given", admin.UpdateProfile,
              ad.UpdateProfileRequest(spec=spec, update_mask=mask))


def test_a_profile_takes_an_own_calendar_and_tells_it():
    with running(config()) as server, server.admin() as admin:
        def told():
            return admin.GetProfile(ad.GetProfileRequest(name="default")).profile

        def request(calendar, *paths):
            return ad.UpdateProfileRequest(
                spec=ad.ProfileSpec(name="default", calendar=calendar), update_mask=field_mask_pb2.FieldMask(paths=paths))

        def update(calendar, *paths):
            admin.UpdateProfile(request(calendar, *paths))

        week = ["mon", "tue", "wed", "thu", "fri"]
        york = ad.SessionTimes(pre=240, regular=570, post=960, closed=1200)
        assert told().spec.calendar == ad.CalendarSpec(
            preset="us_equities", time_zone="America/New_York", week=week, sessions=york)
        london = ad.CalendarSpec(
            preset="none", time_zone="Europe/London", week=week,
            sessions=ad.SessionTimes(pre=480, regular=480, post=990, closed=990),
            holidays=["2026-12-25", "2026-12-28"], early_closes=["2026-12-24 12:30"])
        update(london)
        assert told().spec.calendar == london
        admin.UpdateProfile(ad.UpdateProfileRequest(spec=told().spec))
        assert told().config_version == 2
        update(ad.CalendarSpec(), "calendar.holidays")
        assert told().config_version == 3 and not told().spec.calendar.holidays
        assert told().spec.calendar.early_closes == ["2026-12-24 12:30"]
        bad = ad.CalendarSpec(time_zone="Mars/Olympus", holidays=["2026-02-30"], sessions=ad.SessionTimes(regular=5000))
        fails("INVALID_ARGUMENT", ["spec.calendar.time_zone", "spec.calendar.holidays[0]", "spec.calendar.sessions.regular"],
              admin.UpdateProfile, request(bad))
        update(ad.CalendarSpec(preset="continuous"))
        assert told().spec.calendar == ad.CalendarSpec(preset="continuous")


def test_a_profile_takes_ranges_and_weeks_and_tells_them():
    with running(config()) as server, server.admin() as admin:
        def update(calendar, *paths):
            admin.UpdateProfile(request(calendar, *paths))
            return admin.GetProfile(ad.GetProfileRequest(name="default")).profile.spec.calendar

        def request(calendar, *paths):
            return ad.UpdateProfileRequest(
                spec=ad.ProfileSpec(name="default", calendar=calendar), update_mask=field_mask_pb2.FieldMask(paths=paths))

        week = ["mon", "tue", "wed", "thu", "fri"]
        tokyo = ad.CalendarSpec(
            preset="tokyo", time_zone="Asia/Tokyo", week=week,
            sessions=ad.SessionTimes(regular_ranges=["09:00-11:30", "12:30-15:30"]))
        assert update(ad.CalendarSpec(preset="tokyo")) == tokyo
        # What is told can be sent back, and a mask of one key leaves the others.
        assert update(tokyo) == tokyo
        tokyo.week[:] = ["mon", "tue", "sun"]
        assert update(ad.CalendarSpec(week=["sun", "mon", "tue"]), "calendar.week") == tokyo
        night = ad.SessionTimes(pre_ranges=["<17:00-<18:00"], regular_ranges=["<18:00-02:00", "09:00-16:00"])
        tokyo.sessions.CopyFrom(night)
        assert update(ad.CalendarSpec(sessions=night)) == tokyo
        for calendar, words in [
            (ad.CalendarSpec(sessions=ad.SessionTimes(regular_ranges=["09:00-12:00", "11:00-13:00"])),
             ["spec.calendar.sessions.regular", "is '11:00-13:00'; overlaps '09:00-12:00' of regular"]),
            (ad.CalendarSpec(sessions=ad.SessionTimes(regular_ranges=["<17:00-17:30"])),
             ["spec.calendar.sessions.regular", "must be no longer than a day"]),
            (ad.CalendarSpec(week=["mon", "mon"]), ["spec.calendar.week[1]: is 'mon', which stands in the list twice"]),
            (ad.CalendarSpec(week=["Monday"]), ["spec.calendar.week[0]: is 'Monday'; must be one of mon, tue, wed"]),
            (ad.CalendarSpec(preset="nyse"), ["spec.calendar.preset: is 'nyse'; must be one of us_equities, continuous, none, us_futures"]),
            (ad.CalendarSpec(time_zone="Asia/Edo"), ["spec.calendar.time_zone: is 'Asia/Edo'; must be a name of the IANA database"]),
        ]:
            fails("INVALID_ARGUMENT", words, admin.UpdateProfile, request(calendar))
        fails("INVALID_ARGUMENT", "spec.calendar.week: is empty; must have at least one of mon", admin.UpdateProfile,
              request(ad.CalendarSpec(), "calendar.week"))


def test_reset_symbols_forget_their_state(server):
    with server.admin() as admin, server.stub() as stub:
        list(stub.Publish(iter([request(["RSA", "RSB"], 20)]), timeout=20))
        state = sv.GetSymbolStateRequest(symbols=["RSA", "RSB"])
        assert [s.last_price for s in stub.GetSymbolState(state).states] == [10, 10]
        assert admin.ResetSymbols(ad.ResetSymbolsRequest(symbols=["RSA"])).reset == 1
        fails("INVALID_ARGUMENT", ["symbols[0]", "symbols[1]"], admin.ResetSymbols, ad.ResetSymbolsRequest(symbols=["", "A*B"]))
        # What it forgot is as if it had never been.
        assert [(s.symbol, s.last_price) for s in stub.GetSymbolState(state).states] == [("RSB", 10)]
        assert admin.ResetSymbols(ad.ResetSymbolsRequest(symbols=["RS*"])).reset == 2
        fails("INVALID_ARGUMENT", "symbols", admin.ResetSymbols, ad.ResetSymbolsRequest())


def test_routing_is_shown_and_changed(server):
    with server.admin() as admin:
        shown = admin.GetRouting(ad.GetRoutingRequest())
        assert {rule.type for rule in shown.routing} == {1, 2, 3} and shown.metrics.placements >= 0
        rule = ad.RoutingSpec(type="CHANNEL_TYPE_BAR", strategy="ROUTING_STRATEGY_RANDOM", seed=9)
        changed = {one.type: one for one in admin.SetRouting(ad.SetRoutingRequest(routing=rule)).routing}
        assert changed[2].strategy == ad.ROUTING_STRATEGY_RANDOM and changed[2].seed == 9
        assert changed[1].strategy == ad.ROUTING_STRATEGY_SYMBOL_HASH
        fails("INVALID_ARGUMENT", "routing.type", admin.SetRouting, ad.SetRoutingRequest())
        bad = ad.RoutingSpec(type="CHANNEL_TYPE_BAR", strategy=77)
        fails("INVALID_ARGUMENT", "routing.strategy", admin.SetRouting, ad.SetRoutingRequest(routing=bad))


def test_sessions_are_listed_and_disconnected(server):
    with server.admin() as admin, server.channel([("grpc.use_local_subchannel_pool", 1)]) as other:
        before = {one.id for one in admin.ListSessions(ad.ListSessionsRequest()).sessions}
        call = service_pb2_grpc.MarketStreamStub(other).Subscribe(ev.SubscribeRequest(), timeout=60)
        next(call)
        sessions = admin.ListSessions(ad.ListSessionsRequest()).sessions
        assert len(sessions) >= 2 and all(one.peer and one.bytes_in and one.bytes_out for one in sessions)
        [theirs] = [one for one in sessions if one.id not in before]
        assert theirs.streams == 1 and theirs.lag == 0
        admin.DisconnectSession(ad.DisconnectSessionRequest(id=theirs.id))
        with pytest.raises(grpc.RpcError) as error:
            list(call)
        assert error.value.code() == grpc.StatusCode.UNAVAILABLE
        fails("NOT_FOUND", "'nobody'", admin.DisconnectSession, ad.DisconnectSessionRequest(id="nobody"))


def test_an_admin_ends_the_server():
    with running() as server:
        with server.admin() as admin:
            fails("INVALID_ARGUMENT", "grace_ms", admin.Shutdown, ad.ShutdownRequest(grace_ms=700_000))
            admin.Shutdown(ad.ShutdownRequest(grace_ms=5_000), timeout=10)
        assert server.process.wait(20) == 0


def test_a_channel_gives_its_symbols_only_to_one_that_takes_their_profiles():
    text = (
        "channels: [{name: x, profiles: [a]}, {name: y, profiles: [b]}, {name: z, type: bar}]\n"
        "profiles: [{name: a, symbols: ['A*'], calendar: {preset: continuous}},"
        " {name: b, symbols: ['*'], calendar: {preset: continuous}}]\n"
    )
    with running(text) as server, server.admin() as admin, server.stub() as stub:
        list(stub.Publish(iter([request(["A1", "A2", "B1"], 30)]), timeout=20))
        fails("FAILED_PRECONDITION", "last channel", admin.DrainChannel, ad.DrainChannelRequest(name="x"))
        fails("FAILED_PRECONDITION", "last channel", admin.DeleteChannel, ad.DeleteChannelRequest(name="x"))
        # Without a channel to go to they wait behind a forced breaker, as the overflow policy says.
        admin.TripBreaker(ad.TripBreakerRequest(name="x"))
        call = stub.Publish(iter([request(["A1", "B1"], 10)]), timeout=30)
        eventually(lambda: states(admin)["y"].processed == 15)
        assert states(admin)["x"].processed == 20 and states(admin)["x"].symbols == 2
        admin.ResetBreaker(ad.ResetBreakerRequest(name="x"))
        assert list(call)[-1].accepted == 10 and states(admin)["x"].processed == 25
        # One that takes them is enough.
        admin.CreateChannel(ad.CreateChannelRequest(spec=ad.ChannelSpec(name="w", type="CHANNEL_TYPE_TICK", profiles=["b", "a"])))
        admin.DrainChannel(ad.DrainChannelRequest(name="x"))
        assert list(stub.Publish(iter([request(["A1", "A3", "B1"], 30)]), timeout=20))[-1].accepted == 30
        now = states(admin)
        assert (now["w"].symbols, now["y"].symbols) == (3, 1) and now["w"].processed == 20


# --- Disturbances in mid-stream


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared, which lies beside the project")
@pytest.mark.parametrize("file", ["us_equities_ticks_20131008", BARS])
def test_golden_events_while_admins_trip_pause_update_drain_and_rebalance(file):
    """Several admins at once, some hundred calls a second, none of which changes a detector."""
    kind = "bar" if file == BARS else "tick"
    names = [f"c-{number}" for number in range(4)]
    text = "channels:\n" + "".join(f"  - {{name: {name}, type: {kind}, ring_capacity: 256}}\n" for name in names)
    requests = bar_batches(file) if file == BARS else batches(list(ticks(file)))
    done = threading.Event()
    counts, unexpected = {}, []

    def disturb(admin, seed):
        pick = random.Random(seed)
        while not done.is_set():
            name = pick.choice(names)
            action, call = pick.choice([
                ("trip", lambda: admin.TripBreaker(ad.TripBreakerRequest(name=name), timeout=20)),
                ("reset", lambda: admin.ResetBreaker(ad.ResetBreakerRequest(name=name), timeout=20)),
                ("reset", lambda: admin.ResetBreaker(ad.ResetBreakerRequest(name=name), timeout=20)),
                ("pause", lambda: admin.PauseChannel(ad.PauseChannelRequest(name=name), timeout=20)),
                ("resume", lambda: [admin.ResumeChannel(ad.ResumeChannelRequest(name=name), timeout=20) for name in names]),
                ("drain", lambda: admin.DrainChannel(ad.DrainChannelRequest(name=name), timeout=20)),
                ("start", lambda: [admin.StartChannel(ad.StartChannelRequest(name=name), timeout=20) for name in names]),
                ("update", lambda: admin.UpdateChannel(ad.UpdateChannelRequest(spec=ad.ChannelSpec(
                    name=name, batching=ad.BatchingSpec(max_batch=pick.randint(1, 500)))), timeout=20)),
                ("rebalance", lambda: [
                    admin.SetRouting(ad.SetRoutingRequest(routing=ad.RoutingSpec(
                        type=2 if kind == "bar" else 1, strategy=pick.randint(1, 5), seed=pick.randint(0, 99)))),
                    admin.Rebalance(ad.RebalanceRequest(type=2 if kind == "bar" else 1), timeout=20)]),
            ])
            try:
                call()
                counts[action] = counts.get(action, 0) + 1
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.FAILED_PRECONDITION:
                    unexpected.append((action, error.code(), error.details()))
                    return

    with running(text) as server, server.stub() as stub, server.admin() as admin:
        admins = [threading.Thread(target=disturb, args=(admin, seed)) for seed in (1, 2, 3)]

        def healer():
            # Nothing stays shut for good.
            while not done.wait(0.2):
                for name in names:
                    for call, message in [(admin.ResumeChannel, ad.ResumeChannelRequest), (admin.ResetBreaker, ad.ResetBreakerRequest),
                                          (admin.StartChannel, ad.StartChannelRequest)]:
                        try:
                            call(message(name=name), timeout=20)
                        except grpc.RpcError:
                            pass

        admins.append(threading.Thread(target=healer))
        for thread in admins:
            thread.start()
        try:
            last = publish(stub, requests)
        finally:
            done.set()
            for thread in admins:
                thread.join()
        assert not unexpected
        assert last.rejected == last.dropped == 0
        check(collect(stub), file)
        total = sum(states(admin)[name].processed + states(admin)[name].late for name in names)
        assert total == last.accepted
        # On a slow machine each call takes long; every kind has had its turn all the same.
        assert sum(counts.values()) > 20, counts


# --- Overload


def totals(metrics):
    return [sum(getattr(channel, field) for channel in metrics) for field in ("received", "processed", "dropped", "late")]


@pytest.mark.parametrize("policy", ["drop_newest", "drop_oldest", "conflate"])
def test_what_an_overflow_policy_drops_is_counted_exactly_and_told(policy):
    text = f"channels: [{{name: t, ring_capacity: 64, overflow: {policy}}}]\n" \
           "profiles: [{name: default, symbols: ['*'], calendar: {preset: continuous}}]\n"
    with running(text) as server, server.admin() as admin, server.stub() as stub:
        admin.PauseChannel(ad.PauseChannelRequest(name="t"))
        # A hundred times as much as fits, and late and bad items among them.
        requests = [request(["A", "B", "C"], 640, start=START + n * SECOND) for n in range(10)]
        requests.append(request(["A"], 5, start=START - 3_600 * SECOND))
        requests.append(md.PublishRequest(tick=md.Tick(symbol="A", timestamp_ns=START, price=-1)))
        call = stub.Publish(iter(requests), timeout=60)
        eventually(lambda: server.metrics().channels[0].dropped > 5_000)
        admin.ResumeChannel(ad.ResumeChannelRequest(name="t"))
        for last in call:
            pass
        received, processed, dropped, late = totals(server.metrics().channels)
        assert last.accepted + last.rejected == 6_406 and last.rejected == 1
        assert received == last.accepted == processed + dropped + late
        assert (last.dropped, last.late) == (dropped, late)
        newest = {one.symbol: one.watermark_ns for one in stub.GetSymbolState(sv.GetSymbolStateRequest(symbols=["A", "B", "C"])).states}
        if policy == "conflate":
            # The newest of each symbol is always kept: of A it came last, and is late.
            assert dropped == 6_405 - 64 - 3
            assert newest["B"] == START + 9 * SECOND + 637 * 1_000_000 and newest["C"] == newest["B"] + 1_000_000
        elif policy == "drop_oldest":
            assert dropped == 6_405 - 128 and newest["A"] == START + 9 * SECOND + 639 * 1_000_000
        else:
            assert dropped == 6_405 - 64


def test_a_paused_channel_fills_holds_its_publisher_and_loses_nothing():
    with running(config(channels=1, calendar="continuous", ring_capacity=64)) as server, server.admin() as admin, server.stub() as stub:
        admin.PauseChannel(ad.PauseChannelRequest(name="ticks-1"))
        call = stub.Publish(iter([request(["A", "B"], 500) for _ in range(20)]), timeout=60)
        blocked = next(response for response in call if response.HasField("blocked_by"))
        assert blocked.blocked_by.channel == "ticks-1" and blocked.acked_sequence == 0
        metrics = server.metrics().channels[0]
        assert metrics.ring_depth == 64 and metrics.processed == 0 and metrics.state == me.CHANNEL_STATE_PAUSED
        admin.ResumeChannel(ad.ResumeChannelRequest(name="ticks-1"))
        for last in call:
            pass
        assert last.accepted == 10_000 and last.dropped == 0 and server.metrics().channels[0].processed == 10_000


def test_symbols_beyond_the_limit_are_rejected_and_known_ones_unharmed():
    text = config(channels=2, calendar="continuous", extra="server: {limits: {max_symbols: 10}}")
    with running(text) as server, server.stub() as stub:
        responses = list(stub.Publish(iter([request([f"S{n}" for n in range(20)], 40)]), timeout=20))
        assert (responses[-1].accepted, responses[-1].rejected) == (20, 20)
        told = {one.code for response in responses for one in response.rejections}
        assert told == {md.REJECTION_CODE_TOO_MANY_SYMBOLS}


def test_what_is_rejected_makes_no_symbol_known():
    text = config(channels=2, calendar="continuous", extra="server: {limits: {max_symbols: 3}}")
    with running(text) as server, server.stub() as stub:
        def one(symbol, time):
            ticks = md.PublishRequest(tick=md.Tick(symbol=symbol, timestamp_ns=time, price=1, size=1))
            columns = md.PublishRequest(tick_columns=md.TickColumns(
                symbols=[symbol + "C"], symbol_index=[0], timestamp_ns=[time], price=[1], size=[1]))
            return [ticks, columns]

        ahead = [request for n in range(10) for request in one(f"FAR{n}", 2**62)]
        responses = list(stub.Publish(iter(ahead), timeout=20))
        told = {one.code for response in responses for one in response.rejections}
        assert told == {md.REJECTION_CODE_BAD_TIMESTAMP} and responses[-1].rejected == 20
        assert server.metrics().router.placements == 0
        near = [md.PublishRequest(tick=md.Tick(symbol=f"N{n}", timestamp_ns=START, price=1, size=1)) for n in range(3)]
        assert list(stub.Publish(iter(near), timeout=20))[-1].accepted == 3


# --- Faults


def drill(tmp_path, faults, channels=2, extra="", ring=65_536, breaker="{}"):
    plan = pathlib.Path(tmp_path) / "faults.yaml"
    plan.write_text("faults:\n" + "".join(f"  - {fault}\n" for fault in faults))
    names = "".join(f"  - {{name: t-{n + 1}, ring_capacity: {ring}, breaker: {breaker}}}\n" for n in range(channels))
    text = f"channels:\n{names}profiles: [{{name: default, symbols: ['*'], calendar: {{preset: continuous}}}}]\n" \
           f"server: {{faults: true}}\n{extra}"
    return running(text, ["--fault-plan", str(plan)])


def flood(stub, count=200, size=500):
    symbols = [f"S{n}" for n in range(50)]
    for last in stub.Publish((request(symbols, size, start=START + n * SECOND) for n in range(count)), timeout=120):
        pass
    return last


def test_one_failure_in_a_thousand_loses_nothing(tmp_path):
    with drill(tmp_path, ["{channel: t-1, kind: fail, every: 1000}", "{channel: t-2, kind: fail, every: 777}"]) as server, \
            server.stub() as stub:
        last = flood(stub)
        received, processed, dropped, late = totals(server.metrics().channels)
        assert received == processed == last.accepted == 100_000 and dropped == late == 0
        assert server.metrics().router.failures > 50


def test_two_channels_failing_at_once_hand_their_symbols_on_and_heal(tmp_path):
    faults = [f"{{channel: t-{n}, kind: fail, after: 5000, every: 1, count: 5}}" for n in (1, 2)]
    with drill(tmp_path, faults, channels=3, breaker="{open: 100ms}") as server, server.stub() as stub:
        last = flood(stub)
        metrics = server.metrics()
        _, processed, dropped, late = totals(metrics.channels)
        for channel in metrics.channels:
            assert channel.received == channel.processed + channel.failed + channel.dropped + channel.late
        assert processed == last.accepted == 100_000 and dropped == late == 0
        opens = {channel.channel: channel.breaker_opens for channel in metrics.channels}
        assert opens["t-1"] >= 1 and opens["t-2"] >= 1 and opens["t-3"] == 0
        assert metrics.router.moves > 0 and sum(channel.failovers for channel in metrics.channels) >= 2
        # Without traffic they close all the same.
        eventually(lambda: all(channel.breaker == me.BREAKER_STATE_CLOSED for channel in server.metrics().channels))
        assert flood(stub, 20).accepted == 10_000


def test_a_channel_that_fails_for_ever_holds_no_acknowledgement_back(tmp_path):
    """Reads are under way when it opens; what is left of them there is markers, which no fault strikes."""
    with drill(tmp_path, ["{channel: t-1, kind: fail, after: 1000, every: 1}"], breaker="{open: 60s}") as server, \
            server.stub() as stub:
        symbols = [f"S{n}" for n in range(20)]
        rows = (request(symbols, 20, start=START + n * SECOND) for n in range(400))
        last = list(stub.Publish(rows, timeout=30))[-1]
        assert last.acked_sequence == 400 and last.accepted == 8_000
        metrics = server.metrics()
        assert sum(channel.processed for channel in metrics.channels) == 8_000
        assert metrics.router.failures < 100, "it does not try for ever"


def test_the_last_channel_of_its_type_runs_on(tmp_path):
    with drill(tmp_path, ["{channel: t-1, kind: fail, after: 100, every: 1, count: 20}"], channels=1) as server, \
            server.stub() as stub:
        assert flood(stub, 20).accepted == 10_000
        [channel] = server.metrics().channels
        assert channel.processed == 10_000 and channel.breaker_opens == 0 and channel.restarts >= 1


def test_a_stalled_channel_keeps_a_million_items_and_stops_nobody_else(tmp_path):
    with drill(tmp_path, ["{channel: t-1, kind: stall, duration: 1ms}"], ring=1 << 20) as server, \
            server.stub() as stub, server.admin() as admin:
        symbols = [f"S{n}" for n in range(50)]
        list(stub.Publish(iter([request(symbols, 50)]), timeout=30))
        place = {s.symbol: s.channel for s in stub.GetSymbolState(sv.GetSymbolStateRequest(symbols=symbols), timeout=30).states}
        assert set(place.values()) == {"t-1", "t-2"}
    with drill(tmp_path, ["{channel: t-1, kind: stall, duration: 60s}"], ring=1 << 20) as server, \
            server.stub() as stub, server.admin() as admin:
        stalled = next(symbol for symbol, channel in place.items() if channel == "t-1")
        other = next(symbol for symbol, channel in place.items() if channel == "t-2")
        columns = md.TickColumns(symbols=[stalled], symbol_index=[0] * 50_000, price=[10.0] * 50_000, size=[1.0] * 50_000,
                                 timestamp_ns=[START + n for n in range(50_000)])
        behind = stub.Publish((md.PublishRequest(tick_columns=columns) for _ in range(20)), timeout=180)
        eventually(lambda: next(c for c in server.metrics().channels if c.channel == "t-1").ring_depth > 900_000)
        assert list(stub.Publish(iter([request([other], 100)]), timeout=5))[-1].accepted == 100
        for last in behind:
            pass
        assert last.accepted == 1_000_000 and last.late == 0
        assert totals(server.metrics().channels)[1] == 1_000_100


def test_a_client_that_sends_only_garbage_opens_nothing():
    with running(config(channels=2, calendar="continuous")) as server, server.stub() as stub:
        bad = md.PublishRequest(ticks=md.TickBatch(ticks=[md.Tick(symbol="", price=-1)] * 1_000))
        for last in stub.Publish(iter([bad] * 100), timeout=60):
            pass
        assert last.rejected == 100_000
        for channel in server.metrics().channels:
            assert channel.breaker == me.BREAKER_STATE_CLOSED and channel.breaker_opens == 0 and channel.failed == 0


@pytest.mark.parametrize(
    "plan, allowed, words",
    [
        ("faults: []", False, "server.faults is false"),
        ("faults: [{channel: nobody, kind: fail}]", True, "faults[0].channel: names 'nobody'"),
        ("faults: [{channel: ticks-1, kind: stall}]", True, "faults[0].duration"),
        ("faults: [{channel: ticks-1, knd: stall}]", True, "did you mean 'kind'?"),
        ("", True, "empty"),
    ],
)
def test_bad_fault_plans_are_refused(tmp_path, plan, allowed, words):
    path = tmp_path / "faults.yaml"
    path.write_text(plan)
    arguments = [BINARY, "serve", "--listen", "127.0.0.1:0", "--fault-plan", str(path)]
    if allowed:
        arguments += ["--set", "server.faults=true"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=20)
    assert done.returncode == 78 and words in done.stderr


def test_sessions_hear_of_breakers_and_pauses(server):
    with server.admin() as admin, server.stub() as stub:
        hold = threading.Event()

        def frames():
            yield sv.ClientFrame(ping=sv.Ping(token=1))
            hold.wait(30)

        call = stub.Session(frames(), timeout=60)
        assert next(call).pong.token == 1
        admin.TripBreaker(ad.TripBreakerRequest(name="ticks-1"))
        notice = next(frame.notice for frame in call if frame.HasField("notice"))
        assert (notice.code, notice.channel) == (sv.NOTICE_CODE_BREAKER_OPENED, "ticks-1") and "forced" in notice.detail
        admin.ResetBreaker(ad.ResetBreakerRequest(name="ticks-1"))
        notice = next(frame.notice for frame in call if frame.HasField("notice"))
        assert (notice.code, notice.channel) == (sv.NOTICE_CODE_BREAKER_CLOSED, "ticks-1")
        hold.set()
        list(call)




# --- The last of a kind


def worker_seconds(server):
    """CPU time of the threads of tick channels."""
    clock = 0
    for task in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir():
        name, rest = (task / "stat").read_text().rsplit(")", 1)
        if "(ticks-" in name:
            clock += sum(int(field) for field in rest.split()[11:13])
    return clock / os.sysconf("SC_CLK_TCK")


def test_a_channel_forced_open_without_a_sibling_sleeps_and_hands_over_once_there_is_one():
    with running(config(channels=2, calendar="continuous")) as server, server.admin() as admin, server.stub() as stub:
        for name in ("ticks-1", "ticks-2"):
            tripped = admin.TripBreaker(ad.TripBreakerRequest(name=name)).channel.metrics
            assert tripped.breaker == me.BREAKER_STATE_OPEN and tripped.health == me.HEALTH_UNHEALTHY
        # Half a second by the server's clock, of which the workers alone are looked at: asking costs other threads.
        before, spent = server.metrics().server.uptime_ns, worker_seconds(server)
        eventually(lambda: server.metrics().server.uptime_ns - before > 500_000_000)
        assert worker_seconds(server) - spent < 0.15, "a held worker spins"
        call = stub.Publish(iter([request([f"S{n}" for n in range(20)], 100)]), timeout=30)
        eventually(lambda: sum(channel.ring_depth for channel in server.metrics().channels) >= 100)
        back = admin.ResetBreaker(ad.ResetBreakerRequest(name="ticks-1")).channel.metrics
        assert back.breaker == me.BREAKER_STATE_CLOSED and back.health == me.HEALTH_HEALTHY
        assert list(call)[-1].accepted == 100
        assert states(admin)["ticks-1"].symbols == 20
