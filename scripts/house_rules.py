#!/usr/bin/env python3
"""House rules that no compiler checks: who may include whom, what touches the outside world, lengths, leftovers.

    scripts/house_rules.py [FILE…]      default: every file under version control or new; exit 1 on findings
    scripts/house_rules.py --self-test  shows that every rule fires where it should, and only there

Each finding is one line: file:line: [rule] what is wrong: why. The tables up here are the rules; to change a rule,
change its table. Python's standard library only.
"""
import ast
import concurrent.futures
import fnmatch
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

# ---- The tables ----

# Room: what its files may include of ours besides their own room: rooms, or single headers (a port, say).
LOG_PORT = ["proto/log/log.h", "proto/log/chain.h"]
BELOW_SITE = ["proto/base", "proto/event", "proto/log", "proto/wire", "proto/model"]
LAYERS = {
    "proto/base": [],
    "proto/event": ["proto/base"],
    "proto/log": ["proto/base", "proto/event"],
    "proto/wire": ["proto/base", "proto/event", *LOG_PORT],
    "proto/model": ["proto/base", "proto/event", *LOG_PORT],
    "proto/http": ["proto/base"],
    "proto/site": BELOW_SITE,
    "proto/command": [*BELOW_SITE, "proto/site"],
    "proto/api": [*BELOW_SITE, "proto/site", "proto/command", "proto/http"],
    "node": ["proto"],
    "hub": ["proto"],
    "tests": ["proto", "node", "hub"],
}

# Files at the edge, by name. Everything else takes a port (a struct of functions) or plain data.
EDGE = ["*_os.c", "*_lmdb.c", "*_nng.c", "*_mhd.c", "*_mbedtls.c", "main.c", "node/daemon*.c", "hub/daemon*.c",
        "*_thread*.c", "threads.c"]
OS_HEADERS = ("unistd fcntl dirent poll signal netdb termios pwd grp spawn sched semaphore syslog "
              "dlfcn glob ftw mqueue pty utime fts").split()
# (header, files that may include it). Tests may include anything.
WORLD_HEADERS = [
    (r"lmdb\.h", ["*_lmdb.c", "main.c"]),
    (r"nng/.*", ["*_nng.[ch]", "main.c"]),
    (r"microhttpd\.h", ["*_mhd.[ch]", "main.c"]),
    (r"(mbedtls|psa)/.*", ["*_mbedtls.c", "main.c"]),
    (r"(pthread|threads)\.h", [*EDGE, "*_os.h", "threads.h"]),
    (rf"({'|'.join(OS_HEADERS)})\.h", [*EDGE, "*_os.h"]),
    (r"sys/(?!types\.h|queue\.h).*|net/.*|netinet/.*|arpa/.*|linux/.*", [*EDGE, "*_os.h"]),
    (r"criterion/.*", ["tests/*"]),
]

# (names, files that may call them, why). Members of a struct (x->time(…)) are not calls of these.
ALWAYS = []
TESTS = ["tests/*"]
CALLS = [
    ("strcpy strcat stpcpy sprintf vsprintf gets", ALWAYS, "writes past the end: use snprintf or a buf"),
    ("strtok", ALWAYS, "keeps hidden state: use a view, or strtok_r"),
    ("atoi atol atoll atof", ALWAYS, "hides errors: use the parsers in proto/base"),
    ("scanf sscanf fscanf", ALWAYS, "overflows silently: use the parsers in proto/base"),
    ("system popen", ALWAYS, "runs a shell: nothing here needs one"),
    ("rand srand random srandom drand48", ALWAYS, "not from the env: the simulator could not repeat it"),
    ("alloca", ALWAYS, "a size from outside would move the stack"),
    ("getrandom getentropy arc4random randombytes_buf randombytes_random randombytes_uniform randombytes "
     "crypto_sign_keypair crypto_box_keypair crypto_kx_keypair "
     "crypto_secretbox_keygen crypto_aead_xchacha20poly1305_ietf_keygen crypto_generichash_keygen crypto_auth_keygen "
     "crypto_kdf_keygen", ["*_os.c"], "randomness is an input: take it from the env"),
    ("time gettimeofday clock_gettime clock timespec_get ftime", ["*_os.c", "tests/bench/*", "tests/support/bench.c",
        "tests/tools/*"],
     "time is an input: take it from the env"),
    ("localtime localtime_r mktime gmtime ctime ctime_r asctime tzset", ["*_os.c"],
     "zones and static buffers are the machine's: use proto/base/zone.h"),
    ("fopen freopen fdopen tmpfile tmpnam tempnam mkstemp remove rename getenv secure_getenv setenv unsetenv putenv",
     [*EDGE, *TESTS], "only the files at the edge touch the outside world"),
    ("printf vprintf puts putchar perror", [*EDGE, *TESTS],
     "a command may run inside the daemon, where stdout is not the user's: write to the stream that was handed in"),
    # bytes.c ends the process when memory runs out, see bytes.h.
    ("exit _Exit quick_exit", [*EDGE, *TESTS, "proto/base/bytes.c"], "only programs end themselves: return an error"),
]
# Only in tests.
SLEEPS = "sleep usleep nanosleep clock_nanosleep thrd_sleep nng_msleep".split()

FILE_LINES = 600
FUNCTION_LINES = 80
LINE_COLUMNS = 120
HEADER_COMMENT = 40  # characters that a module comment needs at least

# And scripts without a suffix: counted and measured.
CODE = {".c", ".h", ".py", ".sh", ".cmake", ".js", ".mjs", ".css", ".html"}
SKIPPED = ["tests/golden/*", "tests/fuzz/corpus/*", "LICENSE", "package-lock.json", "*.svg", "*.csv"]
# Written in pieces, so that this file does not find itself.
LEFTOVERS = re.compile(r"\b(" + "|".join(["TO" "DO", "FIX" "ME", "X" "XX", "HA" "CK"]) + r")\b|^\s*#\s*if\s+0\b")
MACHINE_PATHS = re.compile(r"(?<![\w.$}~/])/(work|home|root|Users)/\w")

HEADER_FLAGS = ["-std=gnu11", "-D_GNU_SOURCE", '-DDANGOL_VERSION="0"', "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                "-x", "c", "-"]

# ---- Reading a file ----


def blank(match):
    """Spaces for what a match covered, so that lines and columns stay."""
    return re.sub(r"[^\n]", " ", match.group(0))


C_TOKEN = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)
C_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)


class Source:
    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.is_c = path.endswith((".c", ".h"))
        suffix = pathlib.PurePath(path).suffix
        self.is_code = suffix in CODE or path.endswith("CMakeLists.txt") or (suffix == "" and text.startswith("#!"))
        self.lines = text.split("\n")
        self.room = room_of(path)
        if self.is_c or path.endswith(".def"):
            self.uncommented = C_TOKEN.sub(lambda m: blank(m) if m.group(0)[0] == "/" else m.group(0), text)
            self.code = C_TOKEN.sub(blank, text)

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def may(self, patterns):
        """Whether this file is one of those a table names, by path or by its last part."""
        name = self.path.rsplit("/", 1)[-1]
        return any(fnmatch.fnmatch(self.path if "/" in p else name, p) for p in patterns)


def room_of(path):
    parts = path.split("/")
    if parts[0] == "proto":
        return "/".join(parts[:2]) if len(parts) > 2 else "proto"
    return parts[0] if len(parts) > 1 else ""


# ---- The rules: each yields (line, what is wrong, why) ----


def rule_layers(source):
    if not hasattr(source, "uncommented"):
        return
    if source.room not in LAYERS:
        yield 1, f"unknown room {source.room or '(top)'}", "code lives in one of the rooms that LAYERS names"
        return
    for found in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', source.uncommented, re.M):
        line, header = source.line_of(found.start()), found.group(1)
        allowed = [source.room, *LAYERS[source.room]]
        if room_of(header) == "" or header.startswith("."):
            yield line, f'#include "{header}"', "write the path from the root of the project"
        elif not any(header == a or header.startswith(a + "/") for a in allowed):
            below = ", ".join(allowed[1:]) or "nothing"
            yield line, f"{source.room} includes {header}", f"it may include of ours: {below}"


def rule_world(source):
    if not source.is_c or source.room == "tests":
        return
    for found in re.finditer(r"^[ \t]*#[ \t]*include[ \t]*<([^>]+)>", source.uncommented, re.M):
        line, header = source.line_of(found.start()), found.group(1)
        for pattern, files in WORLD_HEADERS:
            if re.fullmatch(pattern, header) and not source.may(files):
                yield line, f"<{header}>", "only " + ", ".join(files) + " may include it"


def calls(source, names):
    pattern = r"(?<![\w.>])(" + "|".join(names) + r")\s*\("
    return [(source.line_of(m.start()), m.group(1)) for m in re.finditer(pattern, source.code)]


def rule_calls(source):
    if not source.is_c:
        return
    for names, files, why in CALLS:
        if not source.may(files):
            for line, name in calls(source, names.split()):
                yield line, name + "()", why
    if source.room == "tests":
        for line, name in calls(source, SLEEPS):
            yield line, name + "()", "tests step a clock or wait on a condition; sleeping is slow and flaky"


def rule_header_comment(source):
    if source.path.endswith(".h"):
        comment = re.match(r"\s*/\*(.*?)\*/", source.text, re.S)
        if not comment or len(comment.group(1).strip()) < HEADER_COMMENT:
            yield 1, "no module comment", "a header begins with what it is for, who owns the memory, which thread"


def rule_lengths(source):
    if not source.is_code:
        return
    count = len(source.lines) - (source.lines[-1] == "")
    if count > FILE_LINES:
        yield count, f"{count} lines", f"a file has at most {FILE_LINES}: find its two ideas"
    for number, line in enumerate(source.lines, 1):
        if len(line) > LINE_COLUMNS:
            yield number, f"{len(line)} columns", f"a line has at most {LINE_COLUMNS}"
    found = c_functions(source) if source.is_c else py_functions(source) if source.path.endswith(".py") else []
    for number, name, length in found:
        if length > FUNCTION_LINES:
            yield number, f"{name} has {length} lines", f"a function has at most {FUNCTION_LINES}"


def c_functions(source):
    """(first line, name, lines) of every function: at depth 0, a brace that follows a parameter list."""
    code = C_DIRECTIVE.sub(blank, source.code)
    depth, start, begin, name = 0, 0, 0, ""
    for match in re.finditer(r"[{};]", code):
        mark, at = match.group(0), match.start()
        if mark == "{":
            if depth == 0:
                head = code[start:at]
                begin = start + len(head) - len(head.lstrip()) if ")" in head and "=" not in head else None
                name = (re.search(r"(\w+)\s*\(", head) or [0, "?"])[1]
            depth += 1
        elif mark == "}":
            depth = max(0, depth - 1)
            if depth == 0 and begin is not None:
                first, last = source.line_of(begin), source.line_of(at)
                yield first, name, last - first + 1
        if depth == 0:
            start = match.end()


def py_functions(source):
    try:
        tree = ast.parse(source.text)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def rule_python(source):
    if source.path.endswith(".py"):
        try:
            ast.parse(source.text)
        except SyntaxError as error:
            yield error.lineno or 1, error.msg, "does not parse"


def rule_leftovers(source):
    for number, line in enumerate(source.lines, 1):
        found = LEFTOVERS.search(line)
        if found:
            yield number, found.group(0).strip(), "finish it, or open an issue"
        found = MACHINE_PATHS.search(line)
        if found:
            yield number, found.group(0) + "…", "a path of one machine: take it from the root or the environment"


def rule_text(source):
    if source.text and not source.text.endswith("\n"):
        yield len(source.lines), "no newline at the end", "every line ends"
    for number, line in enumerate(source.lines, 1):
        if source.is_code and (line.endswith((" ", "\t", "\r"))):
            yield number, "blanks at the end of the line", "they show up in every later change"


RULES = [rule_layers, rule_world, rule_calls, rule_header_comment, rule_lengths, rule_python, rule_leftovers, rule_text]


def findings_of(source):
    for rule in RULES:
        for line, what, why in rule(source):
            yield f"{source.path}:{line}: [{rule.__name__[5:]}] {what}: {why}"


def header_findings(root, path):
    """A header compiles by itself, twice over."""
    include = f'#include "{path}"\n'
    ran = subprocess.run([os.environ.get("CC", "cc"), "-I", str(root), *HEADER_FLAGS], input=include * 2, cwd=root,
                         capture_output=True, text=True)
    if ran.returncode == 0:
        return []
    errors = [line for line in ran.stderr.splitlines() if "error:" in line] or [ran.stderr.strip()]
    return [f"{path}:1: [header_alone] does not compile alone, or not twice: {errors[0]}"]


# ---- Running ----


def our_files():
    git = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*")]
        listed = [p for p in listed if not p.startswith((".git/", "build", "node_modules/")) and "__pycache__" not in p]
    return sorted(p for p in listed if p and (ROOT / p).is_file())


def check(paths):
    findings, headers = [], []
    for path in paths:
        if any(fnmatch.fnmatch(path, pattern) for pattern in SKIPPED):
            continue
        try:
            source = Source(path, (ROOT / path).read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue  # not text
        findings.extend(findings_of(source))
        if path.endswith(".h"):
            headers.append(path)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda path: header_findings(ROOT, path), headers):
            findings.extend(found)
    return findings


# (path, text, rule that must fire once, or None for a file that is in order)
SAMPLES = [
    ("proto/base/a.c", '#include "proto/event/id.h"\n', "layers"),
    ("proto/event/a.c", '#include "proto/base/err.h"\n', None),
    ("proto/log/a.c", '#include "proto/wire/peer.h"\n', "layers"),
    ("proto/wire/a.c", '#include "proto/log/log.h"\n', None),
    ("proto/wire/a.c", '#include "proto/log/log_lmdb.h"\n', "layers"),
    ("proto/model/a.c", '#include "proto/wire/peer.h"\n', "layers"),
    ("proto/site/a.c", '#include "proto/command/table.h"\n', "layers"),
    ("proto/command/a.c", '#include "proto/site/site.h"\n', None),
    ("proto/command/a.c", '#include "node/uplink.h"\n', "layers"),
    ("proto/api/a.c", '#include "proto/command/command.h"\n', None),
    ("proto/command/a.c", '#include "proto/api/guard.h"\n', "layers"),
    ("node/a.c", '#include "hub/ingest.h"\n', "layers"),
    ("node/a.c", '/* #include "hub/ingest.h" */\n', None),
    ("hub/a.c", '#include "tests/support/x.h"\n', "layers"),
    ("hub/a.c", '#include "ingest.h"\n', "layers"),
    ("tests/unit/a_test.c", '#include "hub/ingest.h"\n#include "node/uplink.h"\n', None),
    ("tools/a.c", "int a;\n", "layers"),
    ("hub/a.c", "#include <lmdb.h>\n", "world"),
    ("proto/log/log_lmdb.c", "#include <lmdb.h>\n#include <unistd.h>\n#include <sys/file.h>\n", None),
    ("hub/a.c", "#include <nng/nng.h>\n", "world"),
    ("hub/a.c", "#include <sys/socket.h>\n", "world"),
    ("hub/a.h", "/* What this is for, and who owns the memory: nobody. */\n#include <unistd.h>\n", "world"),
    ("hub/daemon_loop.c", "#include <pthread.h>\n", None),
    ("proto/command/daemon.c", "#include <pthread.h>\n", "world"),
    ("proto/base/threads.h", "/* Locks and threads under shorter names. Owns none. */\n#include <pthread.h>\n", None),
    ("proto/wire/wire_mbedtls.c", "#include <mbedtls/ssl.h>\n", None),
    ("node/a.c", "#include <criterion/criterion.h>\n", "world"),
    ("node/a.c", "void f(char *a) { strcpy(a, a); }\n", "calls"),
    ("node/a.c", "/* strcpy(a) */ const char *f = \"strcpy(a)\";\n", None),
    ("node/a.c", "int f(struct x *x) { return x->time(1) + x->ops.rand(2) + my_time(3); }\n", None),
    ("node/a.c", "long f(void) { return time(NULL); }\n", "calls"),
    ("proto/base/env_os.c", "long f(void) { return time(NULL); }\n", None),
    ("proto/event/a.c", "void f(char *a) { randombytes_buf(a, 1); }\n", "calls"),
    ("proto/event/a.c", "void f(char *a) { randombytes_buf_deterministic(a, 1, a); }\n", None),
    ("proto/event/a.c", "void f(void) { fopen(0, 0); }\n", "calls"),
    ("proto/command/a.c", "void f(void) { printf(0); }\n", "calls"),
    ("proto/command/a.c", "void f(void) { exit(0); }\n", "calls"),
    ("tests/unit/a_test.c", "void f(void) { usleep(1); }\n", "calls"),
    ("tests/bench/bench_a.c", "int main(void) { clock_gettime(1, 0); printf(0); }\n", None),
    ("proto/base/a.h", "#pragma once\n", "header_comment"),
    ("proto/base/a.h", "/* What this is for, and who owns the memory: nobody. */\n", None),
    ("node/a.c", "int a;\n" * (FILE_LINES + 1), "lengths"),
    ("node/a.c", "int a;" + " " * LINE_COLUMNS + "int b;\n", "lengths"),
    ("node/a.c", "int f(void)\n{\n" + "    a();\n" * FUNCTION_LINES + "}\n", "lengths"),
    ("node/a.c", "int f(int a) {\n" + "    a();\n" * (FUNCTION_LINES - 2) + "}\n", None),
    ("node/a.c", "int f[] = {\n" + "    1,\n" * FUNCTION_LINES + "};\n", None),
    ("tests/e2e/test_a.py", "def f():\n" + "    a()\n" * FUNCTION_LINES, "lengths"),
    ("tests/e2e/test_a.py", "def f(:\n", "python"),
    ("node/a.c", "/* TO" "DO: later */\n", "leftovers"),
    ("node/a.c", "#if 0" "\n#endif\n", "leftovers"),
    ("README.md", "see /ho" "me/someone/x\n", "leftovers"),
    ("README.md", "see https://example.org/home/x and mktemp a.XXXXXX\n", None),
    ("node/a.c", "int a; \n", "text"),
    ("node/a.c", "int a;", "text"),
]
HEADER_SAMPLES = [
    ("alone.h", "#ifndef A\n#define A\n#include <stddef.h>\nstruct a { size_t b; };\n#endif\n", True),
    ("needs.h", "#ifndef A\n#define A\nstruct a { size_t b; };\n#endif\n", False),
    ("twice.h", "struct a { int b; };\n", False),
]


def self_test():
    wrong = []
    for path, text, expected in SAMPLES:
        found = [line.split("[")[1].split("]")[0] for line in findings_of(Source(path, text))]
        if found != ([expected] if expected else []):
            wrong.append(f"{path}: {text[:60]!r}: expected {expected}, found {found}")
    with tempfile.TemporaryDirectory() as folder:
        for path, text, good in HEADER_SAMPLES:
            pathlib.Path(folder, path).write_text(text)
            if (header_findings(folder, path) == []) != good:
                wrong.append(f"{path}: expected {'no finding' if good else 'a finding'}")
    unfired = {rule.__name__[5:] for rule in RULES} - {expected for _, _, expected in SAMPLES}
    wrong.extend(f"no sample for rule {name}" for name in sorted(unfired))
    return wrong


def main():
    if sys.argv[1:] in (["--help"], ["-h"]):
        print(__doc__.strip())
        return 0
    if sys.argv[1:] == ["--self-test"]:
        findings, done = self_test(), f"house rules: self-test of {len(SAMPLES) + len(HEADER_SAMPLES)} samples"
    else:
        paths = [str(pathlib.Path(p).resolve().relative_to(ROOT)) for p in sys.argv[1:]] or our_files()
        findings, done = check(paths), f"house rules: {len(paths)} files"
    for finding in findings:
        print(finding, file=sys.stderr)
    print(f"{done}, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
