"""A script that comes to its end while it holds something open ends all the same."""
import os
import subprocess
import sys

import pytest
from conftest import PACKAGE

SCRIPT = """
import sys
import penstock

client = penstock.connect(sys.argv[1])
rows = [("RA", 1_700_006_400_000_000_000 + i * 10**9, 100 * 1.002**i, 1.0) for i in range(300)]
{what}
print("the end", flush=True)
"""

HELD = {
    "subscription": "it = iter(client.subscribe(from_sequence=1, everything=True)); next(it)",
    "events": """
with client.publisher() as publisher:
    publisher.publish(rows)
it = iter(client.subscribe(symbols=["RA"], from_sequence=1)); next(it)""",
    "metrics": "it = client.watch_metrics(100); next(it)",
    "session": "session = client.session(); session.ping(1); it = iter(session); next(it)",
    "replay": "replay = client.replay(rows, batch_size=1, profiles=[{'name': 'default', 'calendar.preset': 'continuous'}]); next(replay)",
    "publisher": "publisher = client.publisher(batch_size=1); publisher.publish(rows)",
    "named publisher": "publisher = client.publisher('held', batch_size=1); publisher.publish(rows)",
}


@pytest.mark.parametrize("what", HELD)
def test_a_script_that_holds_something_open_ends(server, tmp_path, what):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.replace("{what}", HELD[what]))
    done = subprocess.run(
        [sys.executable, str(script), server.target], env={**os.environ, "PYTHONPATH": str(PACKAGE)}, capture_output=True, text=True,
        timeout=60,
    )
    assert done.returncode == 0 and done.stdout == "the end\n" and "Traceback" not in done.stderr, done.stderr
