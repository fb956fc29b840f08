"""Settings become specifications and update masks."""
import datetime

import pytest
from penstock.v1 import admin_pb2 as ad
from penstock.v1 import metrics_pb2 as me
from penstock._specs import channel_spec, profile_spec, to_channel_spec, to_profile_spec


def test_every_setting_that_there_is_not_is_named_at_once():
    with pytest.raises(ValueError) as error:
        channel_spec(
            "c",
            {
                "overflows": 1, "batching.size": 2, "overflow": "SOMETIMES", "batching": 5, "ring_capacity.x": 1,
                "profiles": "default", "breaker.open_ns": "5s", "health": {"depth_pct": None}, "name": "d",
            },
        )
    message = str(error.value)
    assert message.startswith("channel 'c': ")
    for part in (
        "overflows is no setting", "batching.size is no setting; there are: batching.strategy, batching.max_batch",
        "overflow: 'SOMETIMES' is none of BLOCK, DROP_NEWEST, DROP_OLDEST, CONFLATE", "batching is a part",
        "ring_capacity has no settings of its own", "profiles: is 'default'; must be a list", "breaker.open_ns: ",
        "health.depth_pct: is None", "name is no setting",
    ):
        assert part in message, message


def test_a_duration_is_exact_and_only_where_nanoseconds_are():
    spec, paths = profile_spec("p", {"detectors.tick.surge.cooldown_ns": datetime.timedelta(days=365, microseconds=1)})
    assert spec.detectors.tick.surge.cooldown_ns == 365 * 86_400 * 10**9 + 1000
    assert paths == ["detectors.tick.surge.cooldown_ns"]
    with pytest.raises(ValueError, match="no duration"):
        profile_spec("p", {"detectors.tick.surge.z": datetime.timedelta(1)})


def test_dotted_and_nested_names_are_the_same():
    dotted = {"batching.max_batch": 5, "batching.strategy": "size", "breaker.open_ns": 7, "overflow": "drop_oldest"}
    nested = {"batching": {"max_batch": 5, "strategy": "SIZE"}, "breaker": {"open_ns": 7}, "overflow": 3}
    mixed = {"batching": {"max_batch": 5}, "batching.strategy": 2, "breaker": {"open_ns": 7}, "overflow": "DROP_OLDEST"}
    expected = ad.ChannelSpec(
        name="c", overflow=ad.OVERFLOW_POLICY_DROP_OLDEST, batching=dict(max_batch=5, strategy=ad.BATCHING_STRATEGY_SIZE),
        breaker=dict(open_ns=7),
    )
    for settings in (dotted, nested, mixed):
        spec, paths = channel_spec("c", settings)
        assert spec == expected
        assert sorted(paths) == ["batching.max_batch", "batching.strategy", "breaker.open_ns", "overflow"]


def test_zero_false_and_empty_lists_are_given():
    spec, paths = profile_spec(
        "p", {"detectors": {"tick": {"surge": {"enabled": False, "volume_ratio": 0}, "bars_ns": []}}, "symbols": []}
    )
    surge = spec.detectors.tick.surge
    assert surge.WhichOneof("enabled_given") == "enabled" and surge.WhichOneof("volume_ratio_given") == "volume_ratio"
    assert paths == [
        "detectors.tick.surge.enabled", "detectors.tick.surge.volume_ratio", "detectors.tick.bars_ns", "symbols",
    ]


def test_lists_of_parts_and_durations():
    spec, _ = profile_spec(
        "p",
        {
            "detectors.tick.high_low.bands": [{"below": 5, "min_change": 0.01}, {"min_change_pct": 0.5}],
            "detectors.tick.trend.horizons_ns": [datetime.timedelta(seconds=5), 10],
            "calendar": {"sessions": dict(pre=1, regular=2, post=3, closed=4), "holidays": ["2026-11-26"]},
        },
    )
    assert [band.below for band in spec.detectors.tick.high_low.bands] == [5, 0]
    assert list(spec.detectors.tick.trend.horizons_ns) == [5 * 10**9, 10]
    assert spec.calendar.sessions.post == 3 and list(spec.calendar.holidays) == ["2026-11-26"]
    with pytest.raises(ValueError, match="bands: "):
        profile_spec("p", {"detectors.tick.high_low.bands": [{"above": 5}]})


def test_specifications_from_mappings_need_a_name():
    assert to_channel_spec({"name": "c", "type": "fmv"}) == ad.ChannelSpec(name="c", type=me.CHANNEL_TYPE_FAIR_MARKET_VALUE)
    assert to_profile_spec({"name": "p", "symbols": ["A*"]}) == ad.ProfileSpec(name="p", symbols=["A*"])
    assert to_profile_spec(ad.ProfileSpec(name="q")).name == "q"
    with pytest.raises(ValueError, match="a channel needs a name"):
        to_channel_spec({"type": "fmv"})
