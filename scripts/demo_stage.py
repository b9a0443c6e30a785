"""What the demo stands on: the screen, the processes, and a line that can be cut.

Nothing here sleeps blindly: `wait_for` polls a condition. Every process is a child, known by its own pid, and ends when
the demo ends, whatever ends it."""
import ctypes
import json
import os
import random
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import unicodedata

WIDTH = 80
LIBC = ctypes.CDLL(None)


class Failed(Exception):
    """The demo cannot go on."""


# ---- The screen ----

def width(text):
    """Columns on a terminal: Korean and Chinese are two wide."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def fit(text, columns, right=False):
    """Padded or cut to so many columns."""
    while width(text) > columns:
        text = text[:-1]
    space = " " * (columns - width(text))
    return space + text if right else text + space


def wrap(text, columns):
    rows = [""]
    for word in text.split():
        if rows[-1] and width(rows[-1]) + 1 + width(word) > columns:
            rows.append("")
        rows[-1] += word if not rows[-1] else " " + word
    return rows


class Screen:
    def __init__(self):
        sys.stdout.reconfigure(errors="replace")  # a terminal that is not UTF-8 sees question marks
        self.colours = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb" and "NO_COLOR" not in os.environ
        self.started = self.section_started = time.monotonic()
        self.sections, self.checks, self.failed = 0, 0, []

    def paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.colours else text

    def line(self, text=""):
        print(text, flush=True)

    def say(self, text, indent=3):
        for row in wrap(text, WIDTH - indent):
            self.line(" " * indent + row)

    def elapsed(self):
        return time.monotonic() - self.started

    def section(self, title):
        self.end_section()
        self.sections += 1
        self.section_started = time.monotonic()
        self.line(f"\n{self.paint('1;36', f'{self.sections}. {title}')}\n")

    def end_section(self):
        if self.sections:
            took = f"{time.monotonic() - self.section_started:.1f} s"
            self.line(self.paint("2", fit(took, WIDTH, right=True)))

    def command(self, *argv):
        """As somebody would type it; a long one over several rows."""
        rows = [""]
        for word in map(shlex.quote, map(str, argv)):
            if width(rows[-1]) + width(word) > WIDTH - 10:
                rows.append("   ")
            rows[-1] += " " + word
        self.line("   " + self.paint("1", "$" + " \\\n   ".join(rows)))

    def output(self, text):
        for row in text.rstrip("\n").split("\n"):
            self.line("   " + row)

    def check(self, text, holds, why=""):
        """One line a check; what failed is told again at the end."""
        self.checks += 1
        if not holds:
            self.failed.append(text)
        first, *others = wrap(text, WIDTH - 5)
        mark = self.paint("32", "✓") if holds else self.paint("1;31", "✗")
        self.line(f"   {mark} {first if holds else self.paint('1;31', first)}")
        for row in others:
            self.line("     " + (row if holds else self.paint("1;31", row)))
        if why and not holds:
            self.say(str(why)[:600], indent=7)

    def equal(self, text, told, expected):
        self.check(text, told == expected, f"it says {told!r}, but it should be {expected!r}")


# ---- Processes ----

def wait_for(condition, what, seconds=30.0):
    """Polls until `condition()` is true, and returns it."""
    deadline, tick = time.monotonic() + seconds, threading.Event()
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() >= deadline:
            raise Failed(f"waited {seconds:.0f} s in vain until {what}")
        tick.wait(0.01)


def free_port():
    """A free port below those the kernel gives out by itself, so that it stays ours while its server is down."""
    dice = random.SystemRandom()
    for _ in range(1000):
        port = dice.randrange(10240, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Failed("there is no free port")


def end_with_parent():
    """In the child: no life after the demo's."""
    LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Site:
    """One data directory and the program that works on it."""

    def __init__(self, program, name, folder):
        self.program, self.name, self.folder = program, name, folder
        self.server, self.children, self.calls = None, [], 0

    def argv(self, command, *args):
        return [str(self.program), command, self.name, *map(str, args)]

    def run(self, command, *args):
        """Runs a command to its end; returns (exit code, stdout, stderr)."""
        self.calls += 1
        try:
            done = subprocess.run(self.argv(command, *args), stdin=subprocess.DEVNULL, capture_output=True,
                                  cwd=self.folder, timeout=90, text=True, encoding="utf-8", errors="replace")
        except subprocess.TimeoutExpired as late:
            raise Failed(f"{self.shown(command, *args)}\nis not done after {late.timeout:.0f} s") from None
        return done.returncode, done.stdout, done.stderr

    def tell(self, command, *args):
        """The text of a command that must succeed."""
        code, out, err = self.run(command, *args)
        if code != 0:
            raise Failed(f"{self.shown(command, *args)}\nended with {code}: {err.strip()}")
        return out

    def ask(self, command, *args):
        return json.loads(self.tell(command, *args, "--json"))

    def shown(self, command, *args):
        """As a person would type it in the demo's directory."""
        return shlex.join([self.program.name, command, self.name, *map(str, args)])

    def start(self, command, *args):
        """Starts a command that goes on beside, in a group of its own: Ctrl-C is ours to handle."""
        self.calls += 1
        with open(self.folder / f"{self.name}.{command}.log", "ab") as log:
            child = subprocess.Popen(self.argv(command, *args), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                     cwd=self.folder, process_group=0, preexec_fn=end_with_parent)
        self.children.append(child)
        return child

    def serve(self):
        """Starts `serve` and returns once it answers: a command that runs beside it finds it there."""
        log = self.folder / f"{self.name}.serve.log"
        start = log.stat().st_size if log.exists() else 0
        self.server = self.start("serve")

        def ready():
            said = log.read_bytes()[start:]
            if self.server.poll() is not None:
                raise Failed(f"{self.shown('serve')} ended at once:\n{said.decode(errors='replace')}")
            return b"serving" in said or b"is open" in said

        wait_for(ready, f"{self.name} serves")

    def kill(self):
        """kill -9, by pid."""
        self.server.kill()
        self.server.wait()
        self.server = None

    def stop(self):
        """Ends what was started here: in order, or if that takes too long at once."""
        for child in self.children:
            if child.poll() is None:
                child.terminate()
        for child in self.children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.server = None

    def last_words(self):
        """The end of what its processes logged, for when something went wrong."""
        for log in sorted(self.folder.glob(f"{self.name}.*.log")):
            rows = log.read_text("utf-8", "replace").splitlines()[-4:]
            yield from (f"{log.name}: {row}" for row in rows)


# ---- A line that can be cut ----

class Line:
    """Passes on what a store and the hub say to each other, until it is told otherwise.

    `hold` stops one or both directions of a connection, in the middle of a message if need be, once the store has said
    more than so many bytes; `held` is set then. `cut` drops everything and refuses new connections; `mend` is the
    opposite of both. Threads: one for accepting, two a connection."""

    def __init__(self, hub_port):
        self.hub_port, self.port = hub_port, free_port()
        self.lock, self.held = threading.Lock(), threading.Event()
        self.said = 0  # bytes, by the store on its latest connection
        self.limit, self.only_answers, self.listener, self.connections = None, False, None, []
        self.mend()

    def mend(self):
        self.limit = None
        self.held.clear()
        if self.listener is None:
            self.listener = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def cut(self):
        listener, self.listener = self.listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self.lock:
            connections, self.connections = self.connections, []
        for connection in connections:
            hang_up(connection)

    def hold(self, limit, only_answers):
        """For connections made from now on."""
        self.held.clear()
        self.limit, self.only_answers = limit, only_answers

    def accept(self, listener):
        while True:
            try:
                store = listener.accept()[0]
            except OSError:
                return
            try:
                hub = socket.create_connection(("127.0.0.1", self.hub_port))
            except OSError:
                store.close()
                continue
            with self.lock:
                self.connections += [store, hub]
            for ends in ((store, hub, True), (hub, store, False)):
                threading.Thread(target=self.pass_on, args=ends, daemon=True).start()

    def pass_on(self, source, target, from_store):
        passed = 0
        try:
            while data := source.recv(65536):
                if from_store and self.limit is not None and passed + len(data) > self.limit:
                    self.held.set()
                    if not self.only_answers:
                        target.sendall(data[:max(0, self.limit - passed)])
                        break
                if not from_store and self.held.is_set():
                    break
                target.sendall(data)
                passed += len(data)
                if from_store:
                    self.said = passed
            while self.held.is_set() and source.recv(65536):
                pass  # held: what still comes is lost with the line
        except OSError:
            pass
        hang_up(source)
        hang_up(target)


def hang_up(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()
