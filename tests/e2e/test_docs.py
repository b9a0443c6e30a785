"""PROTOCOL.md says what the code says: its generated tables are those of events.def, messages.def and policies.def.

To write them anew after a change: python3 tests/e2e/test_docs.py --write (with DANGOL_BIN set to a build).
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

PAGE = pathlib.Path(__file__).resolve().parents[2] / "proto" / "PROTOCOL.md"
TABLES = ("catalogue", "messages", "policies")


def generated(table):
    tool = os.path.join(os.environ["DANGOL_BIN"], "tools", "protocol_tables")
    return subprocess.run([tool, table], check=True, capture_output=True, text=True).stdout.strip()


def section(text, table):
    return re.search(rf"<!-- begin {table} -->\n(.*?)\n?<!-- end {table} -->", text, re.S)


class Protocol(unittest.TestCase):
    def test_tables_are_those_of_the_code(self):
        text = PAGE.read_text(encoding="utf-8")
        for table in TABLES:
            with self.subTest(table=table):
                self.assertEqual(section(text, table).group(1).strip(), generated(table), "see the head of this file")


def write():
    text = PAGE.read_text(encoding="utf-8")
    for table in TABLES:
        found = section(text, table)
        fresh = f"<!-- begin {table} -->\n{generated(table)}\n<!-- end {table} -->"
        text = text[: found.start()] + fresh + text[found.end():]
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write() if "--write" in sys.argv else unittest.main()
