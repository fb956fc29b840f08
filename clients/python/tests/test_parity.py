"""What the synchronous client has, the asyncio client has under the same names, with the same arguments."""
import inspect

import penstock
import penstock.aio
import pytest

CLASSES = ["Admin", "Client", "Publisher", "Replay", "Session", "Subscriber"]


def public(cls):
    return {name for name in dir(cls) if not name.startswith("_")}


def arguments(function):
    """Names, kinds and defaults."""
    return [(one.name, one.kind, str(one.default)) for one in inspect.signature(function).parameters.values()]


@pytest.mark.parametrize("name", CLASSES)
def test_both_have_the_same_members_with_the_same_arguments(name):
    here, there = getattr(penstock, name), getattr(penstock.aio, name)
    assert public(here) == public(there)
    assert arguments(here) == arguments(there)
    for member in public(here):
        one, other = getattr(here, member), getattr(there, member)
        assert callable(one) == callable(other), member
        if callable(one):
            assert arguments(one) == arguments(other), member


def test_both_modules_have_the_same_classes_and_connect_alike():
    assert set(penstock.aio.__all__) == {*CLASSES, "connect"}
    assert arguments(penstock.connect) == arguments(penstock.aio.connect)
    for name in CLASSES:
        sync_ends = {end for end in ("__enter__", "__iter__") if hasattr(getattr(penstock, name), end)}
        aio_ends = {end.replace("__a", "__") for end in ("__aenter__", "__aiter__") if hasattr(getattr(penstock.aio, name), end)}
        assert sync_ends == aio_ends, name
