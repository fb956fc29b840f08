"""`penstock top` on a real terminal: tmux is the terminal, its keyboard and its eyes."""
import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile

import pytest
from conftest import BINARY, config, eventually, running
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import metrics_pb2 as me

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed: no terminal to look at")

NOW = 1_700_000_000_000_000_000
CHANNELS = config(channels=2, calendar="continuous")


class Tmux:
    """One terminal of 80×24 in a tmux server of its own, running a plain shell."""

    def __init__(self, environment):
        self.directory = tempfile.TemporaryDirectory(prefix="penstock-tmux-")
        self.socket = os.path.join(self.directory.name, "socket")
        self.environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "PS1": "$ ", **environment}
        self.environment.pop("TMUX", None)
        if "NO_COLOR" not in environment:
            self.environment.pop("NO_COLOR", None)
        self("new-session", "-d", "-s", "top", "-x", "80", "-y", "24", "sh")

    def __call__(self, *arguments):
        return subprocess.run(
            ["tmux", "-u", "-f", "/dev/null", "-S", self.socket, *arguments],
            env=self.environment, capture_output=True, text=True, timeout=20, check=True,
        ).stdout

    def keys(self, *keys):
        self("send-keys", "-t", "top", *keys)

    def type(self, line):
        self("send-keys", "-t", "top", "-l", line)
        self.keys("Enter")

    def screen(self, *options):
        return self("capture-pane", "-p", "-t", "top", *options).split("\n")[:-1]

    def text(self):
        return "\n".join(self.screen())

    def value(self, name):
        return self("display-message", "-p", "-t", "top", f"#{{{name}}}").strip()

    def shell_pid(self):
        return int(self.value("pane_pid"))

    def child_pid(self):
        """Of the command that the shell runs."""
        pid = self.shell_pid()
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            return int(children.read().split()[0])

    def foreground(self):
        """The process group that the terminal belongs to now."""
        with open(f"/proc/{self.shell_pid()}/stat") as stat:
            return int(stat.read().rsplit(")", 1)[1].split()[5])

    def settings(self):
        """How the terminal's line discipline is set, as `stty` names it."""
        with open(self.value("pane_tty")) as tty:
            return subprocess.run(["stty", "-a"], stdin=tty, capture_output=True, text=True, check=True).stdout

    def is_usable(self):
        """Whether the screen and the settings are those that a shell needs."""
        words = self.settings().split()
        return self.value("alternate_on") == "0" and self.value("cursor_flag") == "1" and "echo" in words and "icanon" in words

    def close(self):
        with contextlib.suppress(subprocess.CalledProcessError):
            self("kill-server")
        self.directory.cleanup()


@contextlib.contextmanager
def terminal(**environment):
    one = Tmux(environment)
    try:
        yield one
    finally:
        one.close()


@contextlib.contextmanager
def top(server, *arguments, **environment):
    with terminal(**environment) as one:
        one.type(" ".join([BINARY, "top", "--server", server.address, "--interval", "100ms", *arguments]) + "; echo ended $?")
        eventually(lambda: "ticks-2" in one.text() and "items/s –" not in one.text())
        yield one


def publish(server, symbols, at=0):
    """Each symbol rises in two steps, far enough for a HIGH."""
    with server.stub() as stub:
        ticks = [
            md.Tick(symbol=symbol, timestamp_ns=NOW + (at + i) * 1_000_000_000, price=100 + 0.3 * i, size=1) for symbol in symbols for i in range(3)
        ]
        list(stub.Publish(iter([md.PublishRequest(ticks=md.TickBatch(ticks=[t])) for t in ticks]), timeout=60))


def chosen(one):
    return next((line[1:].split()[0] for line in one.screen() if line.startswith(">")), None)


def order(one):
    return [line[1:].split()[0] for line in one.screen() if re.match(r"[> ](ticks|bars)-", line)]


def is_whole(screen, height):
    firsts = [line.split(" ")[0] for line in screen]
    places = [i for i, first in enumerate(firsts) if first in ("penstock", "q")]
    return len(screen) == height and places == [0, height - 1]


@pytest.fixture
def server():
    with running(CHANNELS) as one:
        yield one


@needs_tmux
def test_the_screen_shows_channels_and_events(server):
    publish(server, ["SPY"])
    with top(server) as one:
        eventually(lambda: "SPY" in one.text())
        screen = one.screen()
        assert len(screen) == 24 and all(len(line) <= 80 for line in screen)
        assert screen[0].startswith(f"penstock top  {server.address}  up ")
        assert re.match(r"items/s \S+ +events/s \S+ +tick to event p50 \S+ +p99 \S+", screen[1])
        assert re.match(r"connections \d+ +subscribers 2 +memory [\d.]+ MiB +CPU \d+ %", screen[2])
        assert screen[3].split() == "name type state break health depth items/s drop fail p99 syms".split()
        assert screen[4].startswith(">ticks-1    tick running  closed healthy") and screen[5].startswith(" ticks-2")
        assert screen[-1].startswith("q quit")
        assert any("HIGH" in line and "SPY" in line for line in screen)
        publish(server, ["QQQ"])
        eventually(lambda: any("HIGH" in line and "QQQ" in line for line in one.screen()))
        assert one.value("alternate_on") == "1" and one.value("cursor_flag") == "0" and "-icanon" in one.settings()


@needs_tmux
def test_keys_choose_sort_and_pause(server):
    with top(server) as one:
        symbols = [f"S{i}" for i in range(20)]
        publish(server, symbols)
        assert chosen(one) == "ticks-1"
        for keys, wanted in ((["Down"], "ticks-2"), (["Up"], "ticks-1"), (["j"], "ticks-2"), (["j"], "ticks-2"), (["k"], "ticks-1"), (["j"], "ticks-2")):
            one.keys(*keys)
            eventually(lambda: chosen(one) == wanted)
        one.keys("p")
        eventually(lambda: "ticks-2 is PAUSED" in one.screen()[-1])
        assert [c.state for c in server.metrics().channels] == [me.CHANNEL_STATE_RUNNING, me.CHANNEL_STATE_PAUSED]
        eventually(lambda: "paused" in one.screen()[5])
        with server.stub() as stub:
            # The paused channel's items wait: its depth puts it first.
            ticks = [md.Tick(symbol=symbol, timestamp_ns=NOW + 3_000_000_000, price=100, size=1) for symbol in symbols]
            call = stub.Publish(iter([md.PublishRequest(tick=tick) for tick in ticks]), timeout=60)
            eventually(lambda: server.metrics().channels[1].ring_depth > 0)
            one.keys("s")
            eventually(lambda: "sort (rate)" in one.screen()[-1])
            one.keys("s")
            eventually(lambda: "sort (depth)" in one.screen()[-1] and order(one)[0] == "ticks-2")
            assert chosen(one) == "ticks-2"
            one.keys("p")
            eventually(lambda: "ticks-2 is RUNNING" in one.screen()[-1])
            assert list(call)[-1].accepted == 20
        one.keys("s")
        eventually(lambda: "sort (p99)" in one.screen()[-1])
        one.keys("s")
        eventually(lambda: "sort (name)" in one.screen()[-1] and order(one) == ["ticks-1", "ticks-2"])


@needs_tmux
def test_it_adapts_to_the_terminals_size(server):
    with top(server) as one:
        for width, height in ((120, 40), (40, 10), (80, 24)):
            one("resize-window", "-t", "top", "-x", str(width), "-y", str(height))
            # From its first line to its last, each once.
            eventually(lambda: is_whole(one.screen(), height))
            assert all(len(line) <= width for line in one.screen())


@needs_tmux
@pytest.mark.parametrize("key", ["q", "C-c"])
def test_quitting_gives_the_terminal_back(server, key):
    with top(server) as one:
        assert not one.is_usable()
        one.keys(key)
        eventually(lambda: "ended 0" in one.text())
        assert one.is_usable() and "q quit" not in one.text()


@needs_tmux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGSEGV])
def test_signals_give_the_terminal_back(server, number):
    with top(server) as one:
        os.kill(one.child_pid(), number)
        eventually(lambda: "ended " in one.text())
        assert one.is_usable()
        assert f"ended {128 + number if number == signal.SIGSEGV else 0}" in one.text()


@needs_tmux
def test_a_stopped_process_takes_the_terminal_again(server):
    with top(server) as one:
        os.kill(one.child_pid(), signal.SIGSTOP)
        eventually(lambda: one.foreground() == one.shell_pid())
        with open(one.value("pane_tty")) as tty:
            subprocess.run(["stty", "sane"], stdin=tty, check=True)
        one.type("fg; echo back $?")
        eventually(lambda: "-icanon" in one.settings() and one.screen()[-1].startswith("q quit"))
        one.keys("q")
        eventually(lambda: "back 0" in one.text())
        assert one.is_usable()


@needs_tmux
def test_a_server_that_goes_and_comes_is_found_again(tmp_path):
    with running(CHANNELS) as first:
        port = first.port
        with top(first) as one:
            first.stop()
            eventually(lambda: "no connection; trying again" in one.screen()[0])
            with running(CHANNELS, ["--listen", f"127.0.0.1:{port}"]) as again:
                assert again.port == port
                eventually(lambda: "no connection" not in one.screen()[0] and "up " in one.screen()[0])
                publish(again, ["NEW"])
                eventually(lambda: "NEW" in one.text())
                one.keys("q")
                eventually(lambda: "ended 0" in one.text())


@needs_tmux
def test_colour_is_shown_and_can_be_declined(server):
    colours = re.compile(r"\x1b\[[0-9;]*3[1-6]m")
    with top(server) as one:
        assert any(colours.search(line) for line in one.screen("-e"))
    with top(server, NO_COLOR="1") as one:
        assert not any(colours.search(line) for line in one.screen("-e"))


@needs_tmux
def test_a_terminal_that_cannot_move_its_cursor_is_refused(server):
    with terminal() as one:
        one.type(f"TERM=dumb {BINARY} top --server {server.address}; echo ended $?")
        eventually(lambda: "ended 64" in one.text())
        assert "--once" in one.text()


def test_without_a_terminal_it_says_so(server):
    done = subprocess.run([BINARY, "top", "--server", server.address], capture_output=True, text=True, timeout=60)
    assert done.returncode == 64 and "needs a terminal" in done.stderr and "--once" in done.stderr and done.stdout == ""


def test_once_prints_one_screen_of_plain_text(server):
    publish(server, ["SPY"])
    done = subprocess.run(
        [BINARY, "top", "--once", "--interval", "100ms", "--server", server.address], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and "\x1b" not in done.stdout, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) <= 24 and all(len(line) <= 80 for line in lines)
    assert lines[0].startswith("penstock top  127.0.0.1:") and lines[4].startswith(" ticks-1") and "items/s –" not in lines[1]
    assert "SPY" in done.stdout and "q quit" not in done.stdout


def test_failures_have_their_codes():
    gone = subprocess.run([BINARY, "top", "--once", "--server", "127.0.0.1:1"], capture_output=True, text=True, timeout=60)
    assert gone.returncode == 69 and "penstock serve" in gone.stderr
    for arguments in (["--interval", "1"], ["--interval", "50ms"], ["--interval", "2m"], ["--server", "nowhere"]):
        done = subprocess.run([BINARY, "top", "--once", *arguments], capture_output=True, text=True, timeout=60)
        assert done.returncode == 64, done.stderr
