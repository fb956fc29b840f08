"""`penstock replay --quality`: how many events a file makes, and what became of them."""
import json
import subprocess

import pytest

from conftest import BINARY, ROOT, SHARED

EQUITIES = [SHARED / "data" / f"{name}.csv.gz" for name in
            ("us_equities_ticks_20131008", "spy_ticks_20131007", "spy_ticks_20131010")]
# The keys that rules 2 have brought, at what rules 1 did.
RULES_1 = """
profiles:
  - name: default
    symbols: ['*']
    detectors:
      tick:
        surge: {confirm: 1}
        volume_spike: {active_seconds: 1, cooldown: 0s, extended_hours_factor: 1}
        vwap_cross: {hold: 0s}
"""
beside = pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared, which lies beside the project")


def replay(*arguments):
    done = subprocess.run(
        [BINARY, "replay", *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def by_type(line):
    return {one["type"]: one for one in json.loads(line)["quality"]["types"]}


@beside
def test_recorded_surges_hold_and_crosses_do_not_flip(tmp_path):
    (line,) = replay(*EQUITIES, "--quality", "--json")
    types = by_type(line)
    surge, cross = types["SURGE"], types["VWAP_CROSS"]
    assert surge["taken_back"]["judged"] >= 10
    assert surge["taken_back"]["all"] <= 0.1 * surge["taken_back"]["judged"]
    assert cross["events"] >= 30 and cross["flipped"] == 0
    for one in types.values():
        assert sum(hour["events"] for hour in one["hours"]) == one["events"] > 0
    # It is the same run as without: the digest says so.
    quality = json.loads(line)["quality"]
    assert replay(*EQUITIES)[-1] == "digest " + quality["digest"]
    assert quality["events"] == sum(one["events"] for one in types.values())
    # Moves are in order, and not those of a price that was quarantined.
    for name in ("SURGE", "TREND"):
        assert [move["after"] for move in types[name]["moves"]] == ["5s", "1m", "10m"]
        for move in types[name]["moves"]:
            assert -5 < move["p25"] <= move["p50"] <= move["p75"] < 5

    # The judge tells bad settings from good ones.
    (tmp_path / "one.yaml").write_text(RULES_1)
    (tmp_path / "two.yaml").write_text("{}\n")
    a, b = replay(*EQUITIES, "--quality", "--json", "--compare", tmp_path / "one.yaml", tmp_path / "two.yaml")
    assert json.loads(a)["quality"]["settings"] == "a" and by_type(b) == types
    old = by_type(a)
    assert old["SURGE"]["taken_back"]["all"] > 0.2 * old["SURGE"]["taken_back"]["judged"]
    assert old["VWAP_CROSS"]["flipped"] > 0.1 * old["VWAP_CROSS"]["events"]


def test_the_table_counts_a_made_up_series(tmp_path):
    """One symbol whose prices are written down."""
    start = 1_715_779_800_000_000_000  # 13:30 UTC, a Wednesday
    rows = ["symbol,timestamp_ns,price,size"]
    # A price of 100 for a quarter of an hour holds the VWAP; then above it for 8 s, below it for 7 s, and above it again.
    rows += [f"A,{start + n * 1_000_000_000},100,1000" for n in range(900)]
    rows += [f"A,{start + (900 + n) * 1_000_000_000},{99.7 if 8 <= n < 15 else 100.3},1" for n in range(40)]
    path = tmp_path / "ticks.csv"
    path.write_text("\n".join(rows) + "\n")
    (tmp_path / "a.yaml").write_text(
        "profiles: [{name: default, calendar: {preset: continuous}, detectors: {tick: {vwap_cross: {hold: 0s},"
        " print_filter: {jump_pct: 5}}}}]\n")
    told = replay(path, "--quality", "--config", tmp_path / "a.yaml")
    (cross,) = [line.split() for line in told if line.startswith("VWAP_CROSS")]
    # The first side is taken silently. The cross down is flipped 7 s later.
    assert cross[1:3] == ["2", "2"] and " ".join(cross[3:]) == "1 of 2 (50 %)"
    shown = replay(path, "--quality", "--events", "--config", tmp_path / "a.yaml")
    assert shown[-len(told):] == told
    assert sum(" A " in line and "VWAP_CROSS" in line for line in shown) == 2


def test_a_file_without_events_says_so(tmp_path):
    path = tmp_path / "ticks.csv"
    path.write_text("symbol,timestamp_ns,price,size\nA,1715779800000000000,10,1\n")
    assert replay(path, "--quality")[0] == "no events"
    (line,) = replay(path, "--quality", "--json")
    assert json.loads(line)["quality"]["types"] == []


@pytest.mark.parametrize("name", ["us_equities", "us_options", "us_futures", "forex", "crypto"])
def test_a_markets_profile_is_good_and_is_the_file(name):
    path = ROOT / "deploy/profiles" / f"{name}.yaml"
    checked = subprocess.run([BINARY, "config", "check", str(path)], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0 and "1 profiles" in checked.stdout, checked.stderr
    printed = subprocess.run(
        [BINARY, "config", "default", "--profile", name], capture_output=True, text=True, timeout=60)
    assert printed.returncode == 0 and printed.stdout == path.read_text()


def test_a_market_without_a_profile_is_refused_by_name():
    done = subprocess.run(
        [BINARY, "config", "default", "--profile", "bonds"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 64 and "us_futures" in done.stderr


# What the heads of the files say of recorded data.
@beside
@pytest.mark.parametrize("name, files, counts", [
    ("us_futures", ["gc_futures_ticks_20131008"],
     {"HIGH": 11, "LOW": 10, "TREND": 6, "SURGE": 14, "VOLUME_SPIKE": 22, "VWAP_CROSS": 16}),
    ("us_futures", ["es_futures_bars_1m_20200106"], {"HIGH": 81, "LOW": 57, "VOLUME_SPIKE": 18, "BAR_CLOSED": 387}),
    ("crypto", ["crypto_perp_ticks_20240808"], {"HIGH": 1, "LOW": 4}),
    ("crypto", ["crypto_spot_ticks_20240808"], {"LOW": 5}),
    ("crypto", ["btc_usd_ticks_20230905"], {"HIGH": 3, "LOW": 1, "VOLUME_SPIKE": 1, "VWAP_CROSS": 1}),
    ("crypto", ["xbtusdt_ticks_20251110"], {"HIGH": 5, "LOW": 2, "TREND": 2, "VOLUME_SPIKE": 6, "VWAP_CROSS": 5}),
    ("crypto", ["crypto_bars_1m_201804"],
     {"HIGH": 323, "LOW": 377, "SIGNIFICANT_MOVE": 7, "VOLUME_SPIKE": 122, "BAR_CLOSED": 2087}),
], ids=lambda value: value[0] if isinstance(value, list) else None)
def test_the_heads_of_the_profiles_tell_the_truth(name, files, counts):
    (line,) = replay(
        *(SHARED / "data" / f"{file}.csv.gz" for file in files), "--quality", "--json", "--config",
        ROOT / "deploy/profiles" / f"{name}.yaml")
    types = by_type(line)
    assert {kind: one["events"] for kind, one in types.items()} == counts
    for kind in ("SURGE", "VWAP_CROSS"):
        assert kind not in types or types[kind]["flipped"] == 0
    if "SURGE" in types:
        assert types["SURGE"]["taken_back"]["all"] == 0
