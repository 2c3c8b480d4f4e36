#!/usr/bin/env python3
"""Lists words that this project doesn't use, with the word to use instead.

usage: check-words.py [FILE ...]

Without arguments it reads every file that git tracks and that people read: code, docs, help, data. It leaves out what
others wrote (quotations of AWS's documents, recordings) and what is generated from targets. Exit code 1: a word stands
there.
"""

import pathlib
import re
import subprocess
import sys

# Each row: a regular expression, and what to write instead.
WORDS = [
    (r"\bplanted fault", "seeded fault"),
    (r"\bexercis(?:e|ed|es|ing)\b", "test"),
    (r"\bput(?:s|ting)? to the test\b", "test"),
    (r"\bnamed wrongly\b", "wrongly attributed"),
    (r"(?<![Tt]here )(?<!here )\bis no (?!longer\b|more\b|other\b|one\b)", "is not a"),
    (r"\banew\b", "again"),
    (r"\bbesides\b", "also"),
    (r"\bheld against\b", "compared with"),
    (r"\bas well as it can\b", "(leave it out)"),
    (r"\b[Ii]t is told(?= once|:|,)", "name who reports it"),
    (r"\bby itself\b", "alone"),
    (r"\bgoes on with\b", "continues with"),
    (r"\bshow again\b", "reproduce"),
    (r"\ball the same\b", "anyway"),
    (r"\bleft open by the documents\b", "undocumented"),
    (r"\b(?:CONFORMS|DIVERGES)\b", "PASS, FAIL"),
]
SUFFIXES = {".rs", ".md", ".toml", ".py", ".yml", ".sh", ".html", ".css", ".js"}
LEFT_OUT = (
    "fixtures/corpora/",
    "fixtures/golden/",
    "fixtures/recordings/",
    "fixtures/sentences.txt",
    "docs/matrix.md",
    "docs/site/",
    "scripts/check-words.py",
)


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        path = pathlib.Path(name)
        scripted = not path.suffix and name.startswith(("scripts/", ".ci/"))
        if (path.suffix in SUFFIXES or scripted) and not name.startswith(LEFT_OUT) and path.is_file():
            yield path


def main():
    paths = [pathlib.Path(name) for name in sys.argv[1:]] or list(tracked())
    rows = [(re.compile(pattern), instead) for pattern, instead in WORDS]
    found = 0
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            # Quotations are AWS's words.
            own = re.sub(r"“[^”]*”", "", line)
            for pattern, instead in rows:
                for match in pattern.finditer(own):
                    print(f"{path}:{number}: {match.group()!r}: {instead}")
                    found += 1
    print(f"{found} words to replace")
    sys.exit(1 if found else 0)


main()
