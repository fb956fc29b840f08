"""What the synchronous client has, the asyncio client has under the same names, with the same arguments."""
import importlib.util
import inspect
import re

import penstock
import penstock.aio
import pytest
from conftest import PACKAGE
from penstock import admin

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


def test_the_asyncio_admin_is_made_of_the_synchronous_one_as_it_is():
    spec = importlib.util.spec_from_file_location("generate_aio", PACKAGE / "generate_aio.py")
    generate_aio = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate_aio)
    assert generate_aio.asyncio_code(generate_aio.SOURCE.read_text()) == generate_aio.MADE.read_text(), "stale: run generate.sh"


#: Those that are called otherwise than the service calls them.
SHORT = {"get_metrics": "metrics", "get_server_info": "server_info"}


def test_every_call_of_the_service_is_there_with_its_words_and_types():
    service = admin.DESCRIPTOR.services_by_name["ChannelAdmin"]
    calls = [re.sub("(?<!^)([A-Z])", r"_\1", method.name).lower() for method in service.methods]
    calls = {SHORT.get(call, call) for call in calls}
    assert len(calls) == len(service.methods) and public(penstock.Admin) == calls | {"with_timeout"}
    for call in calls:
        one, other = getattr(penstock.Admin, call), getattr(penstock.aio.Admin, call)
        assert inspect.iscoroutinefunction(other) and not inspect.iscoroutinefunction(one), call
        assert one.__annotations__ == other.__annotations__ and one.__annotations__["return"], call
        # Examples are awaited.
        assert one.__doc__ and other.__doc__.replace("await admin.", "admin.") == one.__doc__, call
