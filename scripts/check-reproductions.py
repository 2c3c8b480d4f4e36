#!/usr/bin/env python3
"""Runs each reproduction of every finding of a JSON report twice at once, and demands that it shows what the run saw.

usage: check-reproductions.py REPORT ENDPOINT [PYTHON]

PYTHON is an interpreter that has boto3. Without it, only the curl form is run. Codes that come from a device's seed
expire: a finding that needs them is shown by its boto3 form, and by curl on a target that doesn't look at codes. Two
runs in the same second must not meet in their names.
"""

import concurrent.futures
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree


def is_envelope(body):
    try:
        root = xml.etree.ElementTree.fromstring(body)
    except xml.etree.ElementTree.ParseError:
        return False
    return root.tag.endswith("Response")


def run(argv, endpoint):
    environment = dict(os.environ, ENDPOINT=endpoint)
    shown = subprocess.run(argv, env=environment, capture_output=True, timeout=300, check=False)
    return shown.stdout.decode(errors="replace"), shown.stderr.decode(errors="replace")


def by_curl(finding, endpoint):
    """Whether the curl form shows what was seen, and what it printed last."""
    output, errors = run(["sh", "-c", finding["reproduce"]["curl"]], endpoint)
    observed = finding["observed"]
    if "the connection broke" in observed["summary"]:
        # 52: no reply; 18 and 56: a reply that breaks off.
        return re.search(r"curl: \((18|52|56)\)", errors) is not None, output + errors
    statuses = re.findall(r"HTTP/1\.[01] ([0-9]{3})", output)
    last = output[output.rfind("HTTP/1."):]
    code = re.search(r"<Code>([^<]*)</Code>", last)
    if "not in the protocol" in observed["summary"]:
        same = not is_envelope(last.partition("\r\n\r\n")[2])
    else:
        same = code is None or code[1] in observed["summary"]
    return bool(statuses) and statuses[-1] == str(observed.get("status")) and same, last + errors


def by_boto3(finding, endpoint, python):
    """Whether the boto3 form shows what was seen, and what it printed last."""
    output, errors = run([python, "-c", finding["reproduce"]["boto3"]], endpoint)
    observed = finding["observed"]
    last = output.partition("the run saw: ")[0].strip().rpartition("\n")[2]
    if "the connection broke" in observed["summary"]:
        return "no reply that boto3 can read" in last, last + "\n" + errors
    status = re.match(r"\w+ ([0-9]{3}) ", last)
    code = re.search(r"'Code': '([^']*)'", last)
    same = code is None or code[1] in observed["summary"]
    return bool(status) and status[1] == str(observed.get("status")) and same, last + "\n" + errors


def twice(show, *arguments):
    """Whether a form shows what was seen each time when it runs twice at once, and what it printed where it doesn't."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = [future.result() for future in [pool.submit(show, *arguments) for _ in range(2)]]
    wrong = [shown for right, shown in results if not right]
    return not wrong, wrong[0] if wrong else results[0][1]


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        findings = json.load(file)["findings"]
    python = sys.argv[3] if len(sys.argv) == 4 else None
    passed = {"curl": 0, "boto3": 0}
    for finding in findings:
        right, shown = twice(by_curl, finding, sys.argv[2])
        form = "curl"
        if not right and python:
            form = "boto3"
            right, more = twice(by_boto3, finding, sys.argv[2], python)
            shown += "\nboto3 showed: " + more
        if right:
            passed[form] += 1
        else:
            print(f"finding {finding['id']} ({finding['title']}): wanted {finding['observed']['summary']}, curl showed:\n{shown}")
    wrong = len(findings) - sum(passed.values())
    print(f"{passed['curl']} shown by curl, {passed['boto3']} by boto3 alone, {wrong} not shown")
    sys.exit(1 if wrong or not findings else 0)


if __name__ == "__main__":
    main()
