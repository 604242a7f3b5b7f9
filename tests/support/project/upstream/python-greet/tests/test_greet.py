# SPDX-License-Identifier: MIT
import contextlib
import io
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import greet
from greet import cli


class Greet(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name, "greetings.tsv")
        self.file.write_text("en\tHello, %s!\nfr\tBonjour %s !\nbroken\n", encoding="utf-8")

    def test_reads_languages(self):
        self.assertEqual(set(greet.greetings(self.file)), {"en", "fr"})

    def test_greets(self):
        self.assertEqual(greet.greet("Ada", file=self.file), "Hello, Ada!")
        self.assertEqual(greet.greet("Ada", "fr", self.file), "Bonjour Ada !")

    def test_does_not_know_every_language(self):
        with self.assertRaises(KeyError):
            greet.greet("Ada", "zz", self.file)

    def test_prints(self):
        out = io.StringIO()
        with unittest.mock.patch.dict("os.environ", GREET_FILE=str(self.file)):
            with contextlib.redirect_stdout(out):
                cli.main(["Ada", "--language", "fr"])
        self.assertEqual(out.getvalue(), "Bonjour Ada !\n")
