#!/usr/bin/env python3
"""Runs the tests that `report --format pytest` makes of JSON reports: each has to fail on the report's target, and to
pass on the reference. The tests of moto have to fail under its `mock_aws`, too.

usage: check-pytest-form.py PROGRAM PYTHON REPORT...

PYTHON is an interpreter that has boto3, moto and pytest. A REPORT is one of `run --target NAME --report json=REPORT`.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

# Why a test may be skipped: there is no assertion, or its bytes need a service that listens.
UNASSERTED = "no assertion in Python"
NO_SERVICE = "these bytes need a service"


@contextlib.contextmanager
def served(*command):
    """The URL that a command prints while it serves."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def outcomes(python, file, endpoint):
    """What became of each test: passed, failed, or why it was skipped."""
    result = file.with_suffix(".xml")
    environment = {name: value for name, value in os.environ.items() if "ENDPOINT_URL" not in name}
    if endpoint:
        environment["ENDPOINT_URL"] = endpoint
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={result}", file.name]
    shown = subprocess.run(command, cwd=file.parent, env=environment, capture_output=True, text=True, check=False)
    if not result.exists():
        sys.exit(f"pytest wrote no result:\n{shown.stdout}{shown.stderr}")
    told = {}
    for case in xml.etree.ElementTree.parse(result).iter("testcase"):
        skipped = case.find("skipped")
        if skipped is not None:
            told[case.get("name")] = skipped.get("message", "skipped")
        else:
            bad = case.find("failure") is not None or case.find("error") is not None
            told[case.get("name")] = "failed" if bad else "passed"
    result.unlink()
    return told, shown.stdout


def check(what, python, file, endpoint, wanted, excuses):
    """Whether each test ends as it has to."""
    told, shown = outcomes(python, file, endpoint)
    wrong = {name: outcome for name, outcome in told.items() if outcome != wanted and not outcome.startswith(excuses)}
    skipped = sum(outcome not in ("passed", "failed") for outcome in told.values())
    print(f"{what}: {len(told)} tests, {len(told) - skipped - len(wrong)} {wanted} as they have to, {skipped} skipped")
    for name, outcome in wrong.items():
        print(f"  {name}: {outcome}")
    if wrong and wanted == "passed":
        print(shown)
    return bool(told) and skipped < len(told) and not wrong


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    program, python, *reports = sys.argv[1:]
    # A virtual environment is found by the path of its interpreter, so links in it stay.
    program, python = os.path.abspath(program), os.path.abspath(python)
    right = True
    with tempfile.TemporaryDirectory() as folder:
        for number, report in enumerate(reports):
            target = json.loads(pathlib.Path(report).read_text(encoding="utf-8"))["target"]["name"]
            file = pathlib.Path(folder) / f"test_{number}.py"
            subprocess.run([program, "report", report, "--format", "pytest", "--output", file], check=True)
            with served(program, "targets", "start", target) as url:
                right &= check(target, python, file, url, "failed", (UNASSERTED,))
            if target == "moto":
                right &= check("moto under mock_aws", python, file, None, "failed", (UNASSERTED, NO_SERVICE))
            with served(program, "serve", "--port", "0") as url:
                right &= check(f"the reference, by the tests of {target}", python, file, url, "passed", (UNASSERTED,))
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
