"""`penstock channels` against a real server: each subcommand, each way to fail, and its JSON."""
import json
import subprocess

import pytest
from conftest import BINARY, config, eventually, running
from penstock.v1 import admin_pb2 as ad
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import metrics_pb2 as me

NOW = 1_700_000_000_000_000_000

TWO_TICKS_AND_A_BAR = """
channels:
  - {name: ticks-1}
  - {name: ticks-2}
  - {name: bars-1, type: bar}
routing:
  bar: {strategy: random, seed: 12}
profiles:
  - name: crypto
    symbols: ["X:*", "BRK B", "null"]
    calendar: {preset: continuous}
    detectors:
      tick:
        surge: {z: 5.25}
        bars: [1s, 1m]
        trend: {horizons: [120s, 600s], min_samples: [30, 150]}
  - name: default
"""


def channels(server, *arguments):
    return subprocess.run(
        [BINARY, "channels", *arguments, "--server", server.address], capture_output=True, text=True, timeout=60
    )


def done(server, *arguments):
    result = channels(server, *arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def publish(server, symbols, count=1):
    requests = [
        md.PublishRequest(tick=md.Tick(symbol=symbol, timestamp_ns=NOW + i * 1_000_000, price=10, size=1))
        for symbol in symbols
        for i in range(count)
    ]
    with server.stub() as stub:
        assert list(stub.Publish(iter(requests), timeout=60))[-1].accepted == len(requests)


@pytest.fixture
def server():
    with running(TWO_TICKS_AND_A_BAR) as one:
        yield one


def test_list_is_a_table_that_fits_a_terminal(server):
    long = "n" * 64
    done(server, "create", long)
    publish(server, [f"S{i}" for i in range(50)])
    lines = done(server, "list").splitlines()
    assert lines[0].split() == ["name", "type", "state", "breaker", "health", "depth", "items/s", "p99", "symbols"]
    assert [line.split()[0] for line in lines[1:4]] == ["ticks-1", "ticks-2", "bars-1"]
    assert lines[4].startswith("nnnn") and "…" in lines[4] and all(len(line) <= 80 for line in lines)
    assert sum(int(line.split()[-1]) for line in lines[1:]) == 50
    answer = json.loads(done(server, "list", "--json"))
    assert [c["spec"]["name"] for c in answer["channels"]] == ["ticks-1", "ticks-2", "bars-1", long]
    assert answer["channels"][2]["metrics"]["state"] == "RUNNING" and answer["channels"][2]["spec"]["type"] == "BAR"


def test_show_tells_everything_with_reasons_in_words(server):
    publish(server, ["A"], 300)
    text = done(server, "show", "ticks-1") + done(server, "show", "ticks-2")
    for words in ("state        RUNNING since 20", "health       HEALTHY", "of 65,536", "received     300", "p99.9",
                  "configuration, version 1", "  ring_capacity: 65536", "    open: 5s"):
        assert words in text, text
    done(server, "pause", "ticks-1")
    # Health is judged once a second.
    eventually(lambda: "because: PAUSED on request" in done(server, "show", "ticks-1"))
    answer = json.loads(done(server, "show", "ticks-1", "--json"))["channel"]
    assert answer["spec"]["name"] == "ticks-1" and answer["metrics"]["state"] == "PAUSED"
    assert answer["metrics"]["health_reasons"][0].startswith("PAUSED on request")


def test_pause_resume_drain_start_delete(server):
    assert "ticks-1 is PAUSED" in done(server, "pause", "ticks-1")
    assert "ticks-1 is RUNNING" in done(server, "resume", "ticks-1")
    publish(server, [f"S{i}" for i in range(50)])
    assert "ticks-1 is STOPPED" in done(server, "drain", "ticks-1")
    by_name = {c.channel: c for c in server.metrics().channels}
    assert by_name["ticks-1"].symbols == 0 and by_name["ticks-2"].symbols == 50
    last = channels(server, "drain", "ticks-2")
    assert last.returncode == 70 and "the last channel of type tick" in last.stderr
    assert "ticks-1 is RUNNING" in done(server, "start", "ticks-1")
    moved = channels(server, "route", "--rebalance", "tick")
    assert moved.returncode == 0 and "symbols moved" in moved.stderr
    assert "ticks-2 is deleted; it had processed" in done(server, "delete", "ticks-2")
    assert [c.channel for c in server.metrics().channels] == ["ticks-1", "bars-1"]
    answer = json.loads(done(server, "pause", "ticks-1", "--json"))
    assert answer["channel"]["metrics"]["state"] == "PAUSED"


def test_trip_and_reset(server):
    assert "breaker OPEN" in done(server, "trip", "ticks-1")
    assert server.metrics().channels[0].breaker == me.BREAKER_STATE_OPEN
    assert "breaker CLOSED" in done(server, "reset", "ticks-1")
    assert server.metrics().channels[0].breaker == me.BREAKER_STATE_CLOSED


def test_create_and_update_by_the_configurations_keys(server):
    promise = done(server, "create", "fast", "--set", "ring_capacity=4096", "--set", "wait=yield", "--dry-run")
    assert promise.startswith("fast would be:") and "  ring_capacity: 4096" in promise and "  wait: yield" in promise
    assert len(server.metrics().channels) == 3
    created = done(
        server, "create", "fast", "--set", "ring_capacity=4096", "--set", "batching.strategy=immediate",
        "--set", "breaker.open=2s", "--set", "profiles=crypto,default")
    assert "fast is RUNNING" in created
    with server.admin() as admin:
        spec = admin.GetChannel(ad.GetChannelRequest(name="fast")).channel.spec
        assert (spec.ring_capacity, spec.batching.strategy, spec.breaker.open_ns) == (4096, ad.BATCHING_STRATEGY_IMMEDIATE, 2 * 10**9)
        assert list(spec.profiles) == ["crypto", "default"] and spec.type == me.CHANNEL_TYPE_TICK
        updated = done(server, "update", "fast", "--set", "batching.max_batch=64", "--set", "overflow=conflate", "--set", "profiles=[]")
        assert updated == "fast has configuration version 2\n"
        spec = admin.GetChannel(ad.GetChannelRequest(name="fast")).channel.spec
        assert (spec.batching.max_batch, spec.overflow, list(spec.profiles)) == (64, ad.OVERFLOW_POLICY_CONFLATE, [])
        assert spec.breaker.open_ns == 2 * 10**9
        promise = done(server, "update", "fast", "--set", "health.depth_pct=62.5", "--dry-run", "--expect-version", "2")
        assert "    depth_pct: 62.5" in promise
        assert admin.GetChannel(ad.GetChannelRequest(name="fast")).channel.spec.health.depth_pct == 80
    answer = json.loads(done(server, "update", "fast", "--set", "wait=yield", "--json", "--expect-version", "2"))
    assert answer["channel"]["config_version"] == 3 and answer["channel"]["spec"]["wait"] == "YIELD"


def test_route_shows_shares_and_changes_strategies(server):
    publish(server, [f"S{i}" for i in range(40)])
    text = done(server, "route")
    assert "tick" in text and "symbol_hash" in text and "random, seed 12" in text
    assert "40 items routed, 40 symbols placed, 0 moved since, 0 failures" in text
    assert sum(float(line.split()[1]) for line in text.splitlines() if "%" in line) == pytest.approx(100, abs=0.2)
    text = done(server, "route", "--type", "tick", "--strategy", "round_robin", "--rebalance", "tick")
    assert "round_robin" in text
    assert [c.symbols for c in server.metrics().channels][:2] == [20, 20]
    text = done(server, "route", "--type", "fmv", "--strategy", "random", "--seed", "7")
    assert "random, seed 7" in text
    answer = json.loads(done(server, "route", "--json"))
    assert [r["strategy"] for r in answer["routing"]] == ["ROUND_ROBIN", "RANDOM", "RANDOM"]
    assert answer["metrics"]["routed"] == 40


def test_export_is_a_file_that_makes_the_same_server(server, tmp_path):
    done(server, "create", "fast", "--set", "ring_capacity=4096", "--set", "profiles=crypto", "--set", "wait=yield")
    done(server, "update", "ticks-1", "--set", "batching.max_batch=64", "--set", "breaker.slow_item=1500us")
    done(server, "route", "--type", "tick", "--strategy", "random", "--seed", "7")
    with server.admin() as admin:
        spec = ad.ProfileSpec(name="default", detectors=ad.DetectorsSpec(tick=ad.TickDetectorsSpec(surge=ad.SurgeSpec(z=6.5))))
        admin.UpdateProfile(ad.UpdateProfileRequest(spec=spec))
        calendar = ad.CalendarSpec(
            preset="none", time_zone="Europe/London", sessions=ad.SessionTimes(pre=480, regular=480, post=990, closed=1050),
            holidays=["2026-12-25"], early_closes=["2026-12-24 12:30"], week=["mon", "tue", "wed", "thu"])
        admin.UpdateProfile(ad.UpdateProfileRequest(spec=ad.ProfileSpec(name="crypto", calendar=calendar)))
    text = done(server, "export")
    path = tmp_path / "live.yaml"
    path.write_text(text)
    checked = subprocess.run([BINARY, "config", "check", str(path)], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0 and "4 channels, 2 profiles" in checked.stdout, checked.stderr

    def told(one):
        with one.admin() as admin:
            assert list(one.info().profiles) == ["crypto", "default"]
            return (
                [c.spec for c in admin.ListChannels(ad.ListChannelsRequest()).channels],
                list(admin.GetRouting(ad.GetRoutingRequest()).routing),
                [admin.GetProfile(ad.GetProfileRequest(name=n)).profile.spec for n in ("crypto", "default")],
            )

    before = told(server)
    assert before[2][0].calendar == calendar
    assert before[2][1].detectors.tick.surge.z == 6.5 and list(before[2][0].symbols) == ["X:*", "BRK B", "null"]
    with running(text) as again:
        assert told(again) == before


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        (("show", "nobody"), 70, "there is no channel 'nobody'; there are: ticks-1, ticks-2, bars-1"),
        (("pause", "nobody"), 70, "there is no channel 'nobody'"),
        (("delete", "nobody"), 70, "there is no channel 'nobody'"),
        (("delete", "bars-1"), 70, "the last channel of type bar"),
        (("resume", "ticks-1"), 70, "'ticks-1' is RUNNING; it cannot resume"),
        (("start", "ticks-1"), 70, "'ticks-1' is RUNNING; it cannot start"),
        (("create", "ticks-1"), 70, "there is a channel 'ticks-1' already"),
        (("create", "no name"), 64, "must be 1 to 64 of letters"),
        (("create", "a", "--set", "ring_capacity=100"), 64, "must be a power of two"),
        (("create", "a", "--set", "profiles=none"), 64, "names 'none', which is no profile; known: crypto, default"),
        (("create", "a", "--set", "batching.max=3"), 64, "--set batching.max is no key of a channel; known here: strategy, max_batch"),
        (("create", "a", "--set", "batching"), 64, "must be KEY=VALUE"),
        (("update", "ticks-1"), 64, "--set KEY=VALUE"),
        (("update", "ticks-1", "--set", "type=bar"), 64, "a channel's type cannot change"),
        (("update", "ticks-1", "--set", "batching.max_batch=0"), 64, "must be from 1 to 65536"),
        (("update", "ticks-1", "--set", "overflow=lose"), 64, "block, drop_newest, drop_oldest, conflate"),
        (("update", "ticks-1", "--set", "wait=spin", "--expect-version", "9"), 70, "has config_version 1"),
        (("update", "nobody", "--set", "wait=spin"), 70, "there is no channel 'nobody'"),
        (("route", "--type", "tick", "--strategy", "best"), 64, "symbol_hash, round_robin, least_loaded, healthiest, random"),
        (("route", "--type", "stock", "--seed", "1"), 64, "must be one of tick, bar, fmv"),
        (("route", "--seed", "1"), 64, "--type tick, bar or fmv"),
        (("route", "--rebalance", "stock"), 64, "must be one of tick, bar, fmv"),
    ],
)
def test_failures_are_told_with_their_codes(refusing_server, arguments, code, words):
    result = channels(refusing_server, *arguments)
    assert result.returncode == code and words in result.stderr and result.stdout == "", result.stderr


@pytest.fixture(scope="module")
def refusing_server():
    """One server for all refusals: none of them changes anything."""
    with running(TWO_TICKS_AND_A_BAR) as one:
        yield one
        assert [c.config_version for c in one.metrics().channels] == [1, 1, 1]


@pytest.mark.parametrize("command", [["list"], ["show", "a"], ["export"], ["route"], ["drain", "a"]])
def test_without_a_server_they_say_so(command):
    result = subprocess.run([BINARY, "channels", *command, "--server", "127.0.0.1:1"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 69 and "penstock serve" in result.stderr
    result = subprocess.run([BINARY, "channels", *command, "--server", "nowhere"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 64 and "HOST:PORT" in result.stderr


@pytest.mark.parametrize(
    "command", ["list", "show", "create", "update", "pause", "resume", "drain", "start", "delete", "trip", "reset", "route", "export"]
)
def test_help_has_examples(command):
    result = subprocess.run([BINARY, "channels", command, "--help"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0 and f"penstock channels {command}" in result.stdout and "Example" in result.stdout
