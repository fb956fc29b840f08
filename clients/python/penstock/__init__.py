"""Client of Penstock, the streaming market-event server.

    import penstock

    with penstock.connect("127.0.0.1:7171") as client:
        with client.publisher("my-feed") as publisher:
            publisher.tick("SPY", timestamp_ns, 512.3, 100)
        for event in client.subscribe(symbols=["SPY"]):
            print(event)
"""
from . import columns, errors
from ._ledger import Totals
from .v1 import admin_pb2 as admin
from .v1 import events_pb2 as events
from .v1 import market_data_pb2 as market_data
from .v1 import metrics_pb2 as metrics
from .v1 import service_pb2 as service
from ._rejections import Rejection
from ._retry import Backoff
from .channel_admin import Admin
from .client import Client, connect
from .errors import PublishError, ServerError
from .publisher import Publisher
from .replay import Replay, ReplaySummary
from .session import Session
from .subscriber import CaughtUp, Event, Heartbeat, Missed, Subscriber

__version__ = "0.1.0"
__all__ = [
    "Admin", "Backoff", "CaughtUp", "Client", "Event", "Heartbeat", "Missed", "PublishError", "Publisher", "Rejection", "Replay",
    "ReplaySummary", "ServerError", "Session", "Subscriber", "Totals", "admin", "columns", "connect", "errors", "events",
    "market_data", "metrics", "service",
]
