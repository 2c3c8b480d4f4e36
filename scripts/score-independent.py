#!/usr/bin/env python3
"""Judges each fault and each variant of scripts/independent-server.py, and says how many are found and flagged.

usage: score-independent.py PROGRAM [--only NAMES] [--jobs N] [--strict] [--max-wait TIME]

That server was written from the documents alone, by somebody who had not seen this tool: its faults share no blind spot
with the oracle. Exit code 1: fewer than 90 % of the faults are found, or a variant is flagged.
"""

import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile
import time

SERVER = pathlib.Path(__file__).with_name("independent-server.py")


def listed(kind):
    lines = subprocess.run([sys.executable, SERVER, "--list", kind], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in lines.splitlines()]


def judged(program, options, arguments):
    """The exit code of a run on the server with these options, and the findings that it reports."""
    command = [sys.executable, SERVER, "--port", "0", *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        url = server.stdout.readline().strip()
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "report.json")
            run = [program, "run", "--endpoint-url", url, "--max-wait", arguments.max_wait, "--report", f"json={file}"]
            run += ["--strict"] if arguments.strict else []
            ended = subprocess.run(run, capture_output=True, text=True, check=False)
            report = json.loads(file.read_text()) if file.exists() else {"findings": [], "verdict_reason": ended.stderr}
        return ended.returncode, report
    finally:
        server.terminate()
        server.wait(timeout=10)
        server.stdout.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="mfa-conformance")
    parser.add_argument("--only", metavar="NAMES", help="only these faults and variants, with commas between them")
    parser.add_argument("--jobs", type=int, default=4, help="how many services are judged at once (default: 4)")
    parser.add_argument("--strict", action="store_true", help="judge the correct server alone, in strict mode")
    parser.add_argument("--max-wait", default="95s", help="as for `run` (default: 95s)")
    arguments = parser.parse_args()
    services = [("the correct server", [], 0)]
    if not arguments.strict:
        services += [(name, ["--fault", name], 1) for name in listed("faults")]
        services += [(name, ["--variant", name], 0) for name in listed("variants")]
    if arguments.only:
        services = [service for service in services if service[0] in arguments.only.split(",")]

    def tried(service):
        return judged(arguments.program, service[1], arguments)

    began, wrong = time.monotonic(), {0: 0, 1: 0}
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        trials = {pool.submit(tried, service): service for service in services}
        for trial in concurrent.futures.as_completed(trials):
            (name, _, wanted), (code, report) = trials[trial], trial.result()
            clauses = ", ".join(dict.fromkeys(finding["clause"] for finding in report["findings"]))
            told = clauses or report["verdict_reason"]
            print(f"{'ok   ' if code == wanted else 'WRONG'} {code} {name}: {told:.160}", flush=True)
            wrong[wanted] += code != wanted
    faults = sum(wanted for _, _, wanted in services)
    print(
        f"{faults - wrong[1]} of {faults} faults found, {wrong[0]} of {len(services) - faults} conforming services "
        f"not passed, {time.monotonic() - began:.0f} s"
    )
    return 1 if wrong[0] or 10 * wrong[1] > faults else 0


if __name__ == "__main__":
    sys.exit(main())
