"""Makes penstock/aio/channel_admin.py of penstock/channel_admin.py, so that each call is written once; run by generate.sh."""
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE / "penstock" / "channel_admin.py"
MADE = HERE / "penstock" / "aio" / "channel_admin.py"

#: In their order; each has to find something.
RULES = [
    (r'\A"""Steering a server while data flow\."""', '"""Steering a server from asyncio. Made by generate_aio.py of channel_admin.py: change that."""'),
    (r"^import grpc$", "import grpc.aio"),
    (r"grpc\.Channel\b", "grpc.aio.Channel"),
    (r"^from \.", "from .."),
    # All but the constructor, and what makes another one.
    (r"^(    )?def (?!__init__|with_timeout)", r"\1async def "),
    (r"\b(self\._call|self\._of_channel|perform|call)\((?!self)", r"await \1("),
    (r"async def await ", "async def "),
    (r"call: Callable\[\.\.\., Any\]", "call: Callable[..., Awaitable[Any]]"),
    (r"import Callable, Iterable", "import Awaitable, Callable, Iterable"),
    (r"^( +)admin\.", r"\1await admin."),
    (r"Service ChannelAdmin, call by call\.\n", "Service ChannelAdmin, call by call; each method is to be awaited.\n"),
]


def asyncio_code(text: str) -> str:
    for pattern, replacement in RULES:
        text, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
        assert count > 0, f"nothing matches {pattern}"
    return text


if __name__ == "__main__":
    MADE.write_text(asyncio_code(SOURCE.read_text()))
