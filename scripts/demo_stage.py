"""What the demo stands on: the screen, the programs (processes.py), and a line that can be cut."""
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import unicodedata

from processes import PATIENCE, READY, Child, Failed, free_port

WIDTH = 80


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


# ---- Programs ----

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
                                  cwd=self.folder, timeout=90 * PATIENCE, text=True, encoding="utf-8", errors="replace")
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
        """Starts a command that goes on beside."""
        self.calls += 1
        child = Child(self.argv(command, *args), self.folder / f"{self.name}.{command}.log", self.folder)
        self.children.append(child)
        return child

    def serve(self):
        """Starts `serve` and returns once it answers: a command that runs beside it finds it there."""
        self.server = self.start("serve")
        self.server.says(READY)

    def kill(self):
        """kill -9, by pid."""
        self.server.kill()
        self.server = None

    def stop(self):
        """Ends what was started here: in order, or if that takes too long at once."""
        for child in self.children:
            child.send(signal.SIGTERM)
        for child in self.children:
            if not child.wait_or(10):
                child.kill()
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
