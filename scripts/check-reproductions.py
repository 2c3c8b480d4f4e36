#!/usr/bin/env python3
"""Pastes the curl form of every finding of a JSON report into a shell and demands that it shows what the run saw.

usage: check-reproductions.py REPORT ENDPOINT

Codes that come from a device's seed expire; a finding that needs them is only shown by its boto3 and replay forms, and
by curl on a target that doesn't look at codes.
"""

import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree


def is_envelope(body):
    try:
        root = xml.etree.ElementTree.fromstring(body)
    except xml.etree.ElementTree.ParseError:
        return False
    return root.tag.endswith("Response")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        findings = json.load(file)["findings"]
    environment = dict(os.environ, ENDPOINT=sys.argv[2])
    wrong = 0
    now = int(time.time())
    for number, finding in enumerate(findings):
        # Names end in the second of now; here several scripts run in the same one.
        script = finding["reproduce"]["curl"].replace("$(date +%s)", str(now - number))
        shown = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, timeout=120, check=False)
        output = shown.stdout.decode(errors="replace")
        statuses = re.findall(r"HTTP/1\.[01] ([0-9]{3})", output)
        last = output[output.rfind("HTTP/1."):]
        code = re.search(r"<Code>([^<]*)</Code>", last)
        observed = finding["observed"]
        wanted = str(observed.get("status"))
        if "not in the protocol" in observed["summary"]:
            same = not is_envelope(last.partition("\r\n\r\n")[2])
        else:
            same = code is None or code[1] in observed["summary"]
        right = bool(statuses) and statuses[-1] == wanted and same
        if not right:
            wrong += 1
            print(f"finding {finding['id']} ({finding['title']}): wanted {observed['summary']}, curl showed:\n{last}")
            print(shown.stderr.decode(errors="replace"))
    print(f"{len(findings) - wrong} passed, {wrong} failed")
    sys.exit(1 if wrong or not findings else 0)


if __name__ == "__main__":
    main()
