"""The demo plays through, in any year."""
import os
import subprocess
import unittest
from pathlib import Path

from region import PATIENCE, seeded

DEMO = Path(__file__).resolve().parents[2] / "scripts" / "demo"


class Demo(unittest.TestCase):
    def play(self, seed):
        played = subprocess.run([DEMO, "--no-serve", "--bin", os.environ["DANGOL_BIN"], "--seed", str(seed)],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                timeout=240 * PATIENCE)
        self.assertEqual(played.returncode, 0, played.stdout)
        self.assertRegex(played.stdout.splitlines()[-1], rf"^demo: all \d+ checks hold, to the won \(seed {seed},")

    def test_the_year_everybody_sees(self):
        self.play(1)

    def test_another_year(self):
        self.play(seeded(self.id()).randrange(2, 10**6))
