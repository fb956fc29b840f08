"""The same for asyncio: `connect`, `Client`, `Publisher`, `Subscriber`, `Session`, `Admin`, `Replay`.

    async with penstock.aio.connect() as client:
        async with client.publisher("my-feed") as publisher:
            await publisher.publish([("SPY", timestamp_ns, 512.3, 100)])
        async for event in client.subscribe(symbols=["SPY"]):
            print(event)
        await client.admin.pause_channel("ticks-1")
"""
from .channel_admin import Admin
from .client import Client, connect
from .publisher import Publisher
from .replay import Replay
from .session import Session
from .subscriber import Subscriber

__all__ = ["Admin", "Client", "Publisher", "Replay", "Session", "Subscriber", "connect"]
