#!/usr/bin/env python3
"""Runs clang-tidy (checks: .clang-tidy) over our .c files and remembers which were clean.

    scripts/tidy.py [FILE…]     default: every .c file; for the path to a finding: clang-tidy FILE -- -D_GNU_SOURCE -I.

A file is looked at again when it, a header it includes, .clang-tidy or this script has changed: the stamp in build/tidy
is a hash over all of them. Exit 1 on findings.
"""
import concurrent.futures
import hashlib
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
STAMPS = ROOT / "build" / "tidy"
FLAGS = ["-std=gnu11", "-D_GNU_SOURCE", '-DDANGOL_VERSION="0"', '-DDANGOL_GOLDEN="."', "-I."]
# Criterion's macros lead the path analysis astray.
QUIETER_IN_TESTS = "-clang-analyzer-*,-readability-non-const-parameter"
JOBS = int(os.environ.get("JOBS", 0)) or os.cpu_count() or 1


def all_sources():
    found = [p.relative_to(ROOT) for top in ("proto", "node", "hub", "tests") for p in (ROOT / top).rglob("*.c")]
    return sorted(str(p) for p in found)


def summary(output):
    """Findings without the path that leads to them: the line that says what, and the two that show where."""
    lines = output.replace(f"{ROOT}/", "").splitlines()
    wanted = set()
    for number, line in enumerate(lines):
        if re.match(r"[^ ]+:\d+:\d+: (error|warning): ", line):
            wanted.update((number, number + 1, number + 2))
    return "\n".join(lines[number] for number in sorted(wanted) if number < len(lines))


def fingerprint(source):
    """A hash over everything the findings depend on; None if the file does not even preprocess."""
    made = subprocess.run(["cc", *FLAGS, "-M", "-MT", "x", source], cwd=ROOT, capture_output=True, text=True)
    if made.returncode != 0:
        return None
    digest = hashlib.sha256()
    inputs = made.stdout.replace("\\\n", " ").split()[1:]
    for name in [*inputs, ".clang-tidy", __file__]:
        digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes())
    return digest.hexdigest()


def check(source):
    """What clang-tidy has to say about a file; empty when clean."""
    stamp = STAMPS / (source.replace("/", "_") + ".clean")
    now = fingerprint(source)
    if now and stamp.exists() and stamp.read_text() == now:
        return ""
    calmer = ["--checks=" + QUIETER_IN_TESTS] if source.startswith("tests/") else []
    ran = subprocess.run(["clang-tidy", "--quiet", *calmer, source, "--", *FLAGS],
                         cwd=ROOT, capture_output=True, text=True)
    if ran.returncode != 0:
        return summary(ran.stdout) or ran.stdout + ran.stderr
    if now:
        stamp.write_text(now)
    return ""


def main():
    STAMPS.mkdir(parents=True, exist_ok=True)
    sources = sys.argv[1:] or all_sources()
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for source, findings in zip(sources, pool.map(check, sources)):
            if findings:
                bad += 1
                print(findings, file=sys.stderr)
    print(f"tidy: {len(sources)} files, {bad} with findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
