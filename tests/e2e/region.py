"""A region of real processes: the harness of the end-to-end tests.

`Region` owns a temporary directory and every process started in it; `Hub` and `Node` are the two programs over one
data directory each. Whatever happens, `Region.close()` ends the children it started, by their own pid, and removes the
directory.

Environment: DANGOL_BIN (directory of the programs), DANGOL_DATA (real data; tests skip loudly without it),
DANGOL_PATIENCE (factor on every timeout, for sanitizer builds), DANGOL_KEEP=1 (keep the directories),
DANGOL_SEED (seed of the tests that roll dice; printed by them).
"""
import copy
import json as codec
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))
import processes
from processes import PATIENCE, READY, free_port, wait_until

FINDING = re.compile(r"(Leak|Address|Thread|Memory)Sanitizer|runtime error:|Assertion .* failed")
EVERYONE = ("--top", "100000")  # `vip` of all customers


def skip_loudly(reason):
    print(f"\n!!! SKIPPED: {reason}", file=sys.stderr, flush=True)
    raise unittest.SkipTest(reason)


def program(name, optional=False):
    folder = os.environ.get("DANGOL_BIN")
    if not folder:
        raise RuntimeError("DANGOL_BIN must name the directory that holds dangol-hub and dangol-node")
    for path in (Path(folder).resolve() / name, Path(folder).resolve() / "tools" / name):
        if path.exists():
            return str(path)
    if optional:
        skip_loudly(f"{name} is not built in {folder}")
    raise RuntimeError(f"there is no {name} in {folder}")


def data(*parts):
    """A file of the real data, or the calling test is skipped."""
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    path = Path(os.environ.get("DANGOL_DATA") or beside).joinpath(*parts)
    if not path.exists():
        skip_loudly(f"real data missing: {path} (set DANGOL_DATA)")
    return path.resolve()


def seeded(name):
    """A random generator whose seed is printed, so that a failing run can be repeated with DANGOL_SEED."""
    seed = os.environ.get("DANGOL_SEED") or str(random.SystemRandom().randrange(10**9))
    print(f"{name}: DANGOL_SEED={seed}", file=sys.stderr, flush=True)
    return random.Random(f"{name}/{seed}")


@dataclass
class Result:
    argv: list
    code: int
    stdout: str
    stderr: str

    @property
    def command(self):
        return shlex.join(self.argv)

    @property
    def error(self):
        """The object of `{"error": …}` on stderr, as `--json` promises."""
        return codec.loads(self.stderr)["error"]

    def __str__(self):
        told = f"--- stdout\n{self.stdout[-2000:]}\n--- stderr\n{self.stderr[-4000:]}"
        return f"$ {self.command}\nexit {self.code}\n{told}"


class Refused(Exception):
    """A command that was expected to succeed did not."""

    def __init__(self, result):
        super().__init__(str(result))
        self.result = result


class Child(processes.Child):
    def __init__(self, argv, log, env, cwd):
        self.out_path = Path(log).with_suffix(".out")
        super().__init__(argv, log, cwd, self.out_path, env)

    def result(self):
        return Result(self.argv, self.process.returncode, self.out_path.read_text("utf-8", "replace"), self.log())


class Site:
    """One data directory and the program that works on it."""

    tool = None

    def __init__(self, region, name):
        self.region, self.name = region, name
        self.dir = region.path / name
        self.server = None
        region.sites.append(self)

    # -- commands

    def argv(self, command, *args):
        return [program(self.tool), command, str(self.dir), *map(str, args)]

    def call(self, command, *args, json=False, cwd=None, timeout=120.0):
        """Runs a command to its end and returns the Result, whatever it is; only a crash raises."""
        argv = self.argv(command, *args) + (["--json"] if json else [])
        return self.region.call(argv, cwd=cwd, timeout=timeout)

    def run(self, command, *args, json=True, **how):
        """Runs a command that must succeed; returns its JSON, or its text with json=False."""
        result = self.call(command, *args, json=json, **how)
        if result.code != 0:
            raise Refused(result)
        if not json:
            return result.stdout
        try:
            return codec.loads(result.stdout)
        except ValueError as error:
            raise AssertionError(f"stdout is not one JSON document ({error})\n{result}")

    def start(self, command, *args):
        """Starts a command that runs on by itself."""
        argv = self.argv(command, *args)
        self.region.note(argv, "&")
        child = Child(argv, self.region.path / f"{self.name}.{command}.log", self.region.environment(),
            self.region.path)
        self.region.children.append(child)
        return child

    # -- the daemon

    def serve(self):
        """Starts `serve` and returns when it says on stderr that it is ready for commands and stores."""
        self.server = self.start("serve")
        self.server.says(READY)
        return self

    def stop(self, number=signal.SIGTERM):
        if self.server:
            self.region.note(["kill", f"-{number}", f"({self.name})"])
            server, self.server = self.server, None
            server.stop(number)

    def kill(self):
        if self.server:
            self.region.note(["kill", "-9", f"({self.name})"])
            server, self.server = self.server, None
            server.kill()

    def log_since(self, mark=0):
        """stderr of the daemon of this site, all its lives; `mark` is an earlier len(log_since())."""
        path = self.region.path / f"{self.name}.serve.log"
        return path.read_text("utf-8", "replace")[mark:] if path.exists() else ""

    def twin(self, name):
        """A site over a copy of this directory, as it is now."""
        other = copy.copy(self)
        other.name, other.dir, other.server = name, self.region.path / name, None
        shutil.copytree(self.dir, other.dir)
        self.region.sites.append(other)
        return other

    # -- questions

    def status(self):
        return self.run("status")

    def digest(self):
        return self.run("digest")["digest"]

    def vip(self, *args):
        return self.run("vip", *EVERYONE, *args)

    def stream_log(self, stream):
        """[(seq, chain)] of one stream: equal lists mean equal bytes."""
        return [(row["seq"], row["hash"]) for row in self.run("log", "--stream", stream)]


class Hub(Site):
    tool = "dangol-hub"

    def __init__(self, region, name="hub", port=None, advertise=None, currency="KRW", timezone="Asia/Seoul",
                 country="KR", root=None):
        super().__init__(region, name)
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.run("init", "--listen", self.address, "--advertise", advertise or self.address,
                 "--http", f"127.0.0.1:{free_port()}", "--region", name, "--currency", currency,
                 "--timezone", timezone, "--country", country, *(("--root", root) if root else ()), json=False)

    def enroll(self, store, *args):
        """A join file for a store."""
        path = self.region.path / f"{self.name}-{store}-{len(list(self.region.path.glob('*.join')))}.join"
        self.run("enroll", store, "-o", path, *args, json=False)
        return path

    def store(self, code):
        return next(row for row in self.run("stores") if row["store"] == str(code))

    def settled(self, **expected):
        """Waits until `status` shows these figures: judgements may follow the ack."""
        seen = {}

        def reached():
            seen.update(self.status())
            return all(seen.get(key) == value for key, value in expected.items())

        try:
            wait_until(reached, f"the hub's status shows {expected}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows { {key: seen.get(key) for key in expected} }") from None
        return seen


class Node(Site):
    tool = "dangol-node"

    def __init__(self, region, hub, store, name=None, join=None):
        super().__init__(region, name or f"store-{store}")
        self.store = str(store)
        self.join(join or hub.enroll(store))

    def join(self, path):
        self.run("init", "--join", path, "--http", f"127.0.0.1:{free_port()}", json=False)

    def sync(self, timeout=60):
        self.run("sync", "--timeout", int(timeout * PATIENCE), json=False, timeout=timeout + 30)
        return self

    def level(self, timeout=60):
        """Waits until the daemon itself has drained everything."""
        wait_until(lambda: self.status()["waiting"] == 0, f"{self.name} has nothing waiting", timeout)
        return self


@dataclass
class Region:
    """A temporary directory, its sites, its processes and the list of everything that was run."""

    path: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="dangol-")))
    sites: list = field(default_factory=list)
    children: list = field(default_factory=list)
    commands: list = field(default_factory=list)

    def environment(self):
        # A foreign zone of the machine, so that whoever uses it instead of the region's is found out.
        env = {key: value for key, value in os.environ.items() if key != "DANGOL_DIR"}
        return env | {"LC_ALL": "C.UTF-8", "TZ": "America/New_York"}

    def note(self, argv, suffix=""):
        self.commands.append(f"{shlex.join(map(str, argv))} {suffix}".rstrip())

    def call(self, argv, cwd=None, timeout=120.0, env=None):
        self.note(argv)
        try:
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, cwd=cwd or self.path,
                                  env=self.environment() | (env or {}), timeout=timeout * PATIENCE)
        except subprocess.TimeoutExpired as late:
            raise AssertionError(f"not done after {late.timeout:.0f} s: {shlex.join(argv)}\n{late.stderr}") from None
        result = Result(argv, done.returncode, done.stdout.decode("utf-8", "replace"),
                        done.stderr.decode("utf-8", "replace"))
        if done.returncode < 0 or FINDING.search(result.stderr):
            raise AssertionError(f"crashed or found by a sanitizer\n{result}")
        return result

    def write(self, name, text):
        """A file of the test's own making; text or bytes."""
        path = self.path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def report(self):
        """What a person needs to see why a test failed and to repeat it by hand."""
        lines = ["---- commands", *self.commands[-40:]]
        for log in sorted(self.path.glob("*.log")):
            lines += [f"---- {log.name}", log.read_text("utf-8", "replace")[-4000:]]
        return "\n".join(lines)

    def findings(self):
        return [log.name for log in self.path.glob("*.log") if FINDING.search(log.read_text("utf-8", "replace"))]

    def close(self):
        for child in self.children:
            child.kill()
        if os.environ.get("DANGOL_KEEP"):
            print(f"kept {self.path}", file=sys.stderr)
        else:
            shutil.rmtree(self.path, ignore_errors=True)
