#!/usr/bin/env python3
"""Checks that each relative link of a Markdown file leads to a file, and each anchor to a heading.

    python3 scripts/check-links.py
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^(```|~~~).*?^\1", re.M | re.S)
LINK = re.compile(r"\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.M)


def anchors(text):
    """The anchors of the headings, as code hosts and mdBook form them."""
    seen, found = {}, set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        number = seen.get(anchor, 0)
        seen[anchor] = number + 1
        found.add(f"{anchor}-{number}" if number else anchor)
    return found


def problems(file):
    text = file.read_text(encoding="utf-8")
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        leads_to = (file.parent / path).resolve() if path else file
        if not leads_to.exists():
            yield f"{target} leads nowhere"
        elif anchor and leads_to.suffix == ".md" and anchor not in anchors(leads_to.read_text(encoding="utf-8")):
            yield f"{target}: no heading has this anchor"


def main():
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = [f"{name}: {problem}" for name in listed.split() for problem in problems(ROOT / name)]
    print("\n".join([*found, f"{len(listed.split())} files, {len(found)} broken links"]))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
