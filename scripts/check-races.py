#!/usr/bin/env python3
"""Tests overlapping calls behind real sockets.

Each seeded fault of the theme `overlap` has to be found in time, with its own clause first. No permitted variant of the
theme may be flagged, nor the reference. With --busy, every processor is kept busy meanwhile.

    python3 scripts/check-races.py target/release/mfa-conformance target/release/mfa-faults --runs 20
"""

import argparse
import concurrent.futures
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time

# Found in at least this part of the runs, within this many seconds.
FOUND, SECONDS = 0.95, 20


def spin():
    while True:
        pass


def names(faults):
    """The faults with their clauses, and the variants, of the theme `overlap`."""
    lines = subprocess.run([faults, "list"], capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [line.split() for line in lines if line and not line[0].isspace()]
    wrong = {row[0]: row[3] for row in rows if len(row) == 4 and row[2] == "overlap"}
    right = [row[0] for row in rows if row[1:3] == ["variant", "overlap"]]
    return wrong, right


def judged(program, arguments, seed):
    """The findings of a run that are not flaky, and how long it took."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        begun = time.monotonic()
        subprocess.run(
            [program, "run", "--phase", "overlap", "--seed", str(seed), "--report", f"json={report.name}", *arguments],
            capture_output=True, timeout=600)
        took = time.monotonic() - begun
        findings = json.load(open(report.name))["findings"]
    return [finding for finding in findings if not finding["flaky"]], took


def served(program, faults, name, arguments, seed):
    """A run against a new service with a fault or a variant."""
    service = subprocess.Popen([faults, "serve", name, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               text=True)
    try:
        return judged(program, ["--endpoint-url", service.stdout.readline().strip(), *arguments], seed)
    finally:
        service.terminate()
        service.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("faults")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--busy", action="store_true")
    parser.add_argument("--jobs", type=int, default=1, help="how many runs go side by side")
    options = parser.parse_args()
    pool = concurrent.futures.ThreadPoolExecutor(options.jobs)
    seeds = range(1, options.runs + 1)

    def on(name, *arguments):
        one = lambda seed: served(options.program, options.faults, name, arguments, seed)
        return list(pool.map(one, seeds))

    busy = [multiprocessing.Process(target=spin, daemon=True) for _ in range(multiprocessing.cpu_count() * options.busy)]
    for process in busy:
        process.start()
    wrong, right = names(options.faults)
    if not wrong or not right:
        sys.exit(f"no faults or no variants of overlapping calls are listed: {wrong}, {right}")
    failed = []
    # A call without an answer is a finding only after the time-out, so it must be short.
    limits = ["--max-time", f"{SECONDS}s", "--request-timeout", "5s"]
    for name, clause in wrong.items():
        runs = on(name, *limits)
        found = sum(1 for findings, _ in runs if findings)
        # Each of the three operations has such a clause.
        own = clause.split(".")[-1]
        first = sum(1 for findings, _ in runs if findings and findings[0]["clause"].split(".")[-1] == own)
        print(f"{name:45} found {found}/{len(runs)}, {clause} first {first}, at most {max(took for _, took in runs):.1f} s",
              flush=True)
        if found < FOUND * len(runs) or first < found:
            failed.append(name)
    for name in right:
        flagged = [findings[0]["title"] for findings, _ in on(name) if findings]
        print(f"{name:45} flagged {len(flagged)}/{options.runs} {flagged[:1]}", flush=True)
        failed += [name] * bool(flagged)
    flagged = [findings[0]["title"] for findings, _ in pool.map(lambda seed: judged(options.program, [], seed), seeds) if findings]
    print(f"{'the reference':45} flagged {len(flagged)}/{options.runs} {flagged[:1]}")
    failed += ["the reference"] * bool(flagged)
    for process in busy:
        process.terminate()
    sys.exit(f"not as required: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
