"""Processes of our own, for the demo and the end-to-end tests: started, waited for, ended by their pid.

Nothing here sleeps blindly: `wait_until` polls a condition. Every process is a child in a group of its own (Ctrl-C is
ours to handle) and ends when we do, whatever ends us.

Environment: DANGOL_PATIENCE (factor on every timeout, for sanitizer builds)."""
import ctypes
import os
import random
import re
import shlex
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

PATIENCE = float(os.environ.get("DANGOL_PATIENCE", "1"))
READY = r"\b(ready|serving|is open)\b"  # what `serve` says once it takes commands and stores
LIBC = ctypes.CDLL(None)


class Failed(AssertionError):
    """What was waited for did not come."""


def wait_until(condition, what, seconds=30.0, every=0.01):
    """Polls until `condition()` is true and returns it. An exception in it ends the wait at once."""
    deadline = time.monotonic() + seconds * PATIENCE
    tick = threading.Event()
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() >= deadline:
            raise Failed(f"waited {seconds * PATIENCE:.0f} s in vain until {what}")
        tick.wait(every)


def free_port():
    """A free port below the range from which the kernel takes ports of its own, so that it stays free while the
    server that owns it is down."""
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
    LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Child:
    """A running process. stderr goes to the end of the file `log`, stdout to a new file `out` or there too."""

    def __init__(self, argv, log, cwd, out=None, env=None):
        self.argv, self.log_path = argv, Path(log)
        self.start_of_log = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(self.log_path, "ab") as err, open(out or os.devnull, "wb") as to:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=to if out else err, stderr=err,
                                            env=env, cwd=cwd, process_group=0, preexec_fn=end_with_parent)

    @property
    def pid(self):
        return self.process.pid

    @property
    def command(self):
        return shlex.join(map(str, self.argv))

    def log(self):
        """What this process has written to its log so far."""
        return self.log_path.read_bytes()[self.start_of_log:].decode("utf-8", "replace")

    def running(self):
        return self.process.poll() is None

    def says(self, pattern, seconds=30.0):
        """Waits until the log holds it."""
        def said():
            if not self.running():
                raise Failed(f"{self.command}\nended with {self.process.returncode}:\n{self.log()}")
            return re.search(pattern, self.log())

        try:
            return wait_until(said, f"it says /{pattern}/", seconds)
        except Failed as late:
            raise Failed(f"{late}\n{self.command}\n{self.log()}") from None

    def wait(self, seconds=60.0):
        """Its exit code."""
        if not self.wait_or(seconds * PATIENCE):
            raise Failed(f"still running after {seconds * PATIENCE:.0f} s: {self.command}\n{self.log()}")
        return self.process.returncode

    def wait_or(self, seconds):
        """Waits for the end, at most so long; true if it ended. For killing at a chosen moment."""
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def send(self, number):
        if self.running():
            self.process.send_signal(number)

    def kill(self):
        """kill -9 and reap."""
        self.send(signal.SIGKILL)
        self.process.wait()

    def stop(self, number=signal.SIGTERM):
        """Asks for an orderly end, which is exit 0."""
        self.send(number)
        code = self.wait(30)
        if code != 0:
            raise Failed(f"{self.command} ended with {code} after signal {number}\n{self.log()}")
