"""`mfa_conformance.run` and the values that it returns."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

import mfa_conformance
from conftest import CLAUSE, FAULT
from mfa_conformance import InternalError, Report, UsageError


def test_the_reference_passes_and_each_untested_clause_says_why(reference: str) -> None:
    report = mfa_conformance.run(reference)
    assert (report.verdict, report.findings) == ("pass", ())
    assert report.target.endpoint.rstrip("/") == reference
    assert [clause.id for clause in report.clauses] == mfa_conformance.clause_ids()
    tested = [clause for clause in report.clauses if clause.tested]
    assert len(tested) == report.json["totals"]["clauses"]["tested"] > 150
    untested = [clause for clause in report.clauses if clause.state == "not-tested"]
    assert untested
    assert all(clause.remarks for clause in untested)
    excluded = report.clause("enable.login-required")
    assert (excluded.state, excluded.tested) == ("untestable", False)
    assert excluded.not_tested is not None and "Signing in" in excluded.not_tested
    with pytest.raises(KeyError):
        report.clause("enable.nothing")


def test_a_finding_cites_the_sentence_and_reproduces(fault: Callable[[str], str], tmp_path: Path) -> None:
    report = mfa_conformance.run(fault(FAULT))
    assert report.verdict == "fail"
    assert [clause.id for clause in report.clauses if clause.broken] == [CLAUSE]
    (finding,) = report.findings
    text = str(finding)
    for part in [finding.title, finding.sources[0].quote, *finding.steps, finding.reproduce.replay.rstrip()]:
        assert part and part in text
    path = f"{Path(mfa_conformance.program()).parent}{os.pathsep}{os.environ['PATH']}"
    replayed = subprocess.run(
        ["bash", "-c", finding.reproduce.replay],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (replayed.returncode, finding.title in replayed.stdout) == (1, True), replayed


def test_known_gaps_let_moto_pass(moto: str, moto_gaps: Path) -> None:
    report = mfa_conformance.run(moto, known_gaps=moto_gaps)
    assert report.verdict == "pass"
    assert len(report.findings) == len(report.known_gaps) > 20
    assert {gap.finding for gap in report.known_gaps} == {finding.id for finding in report.findings}
    assert {gap.state for gap in report.known_gaps} == {"known"}
    assert report.clause("enable.codes-recognised").state == "known-gap"
    assert report.clause("resync.limit").not_tested == "The target has no ResyncMFADevice."


def test_an_endpoint_that_is_down_is_inconclusive() -> None:
    report = mfa_conformance.run("http://127.0.0.1:1")
    assert report.verdict == "inconclusive"
    assert "nothing answers there" in report.verdict_reason


@pytest.mark.parametrize(
    ("url", "arguments", "message"),
    [
        ("ftp://127.0.0.1", [], "ftp"),
        ("http://192.0.2.1", [], "--allow-host"),
        ("http://127.0.0.1:1", ["--scenarios", "many"], "--scenarios"),
        ("http://127.0.0.1:1", ["--known-gaps", "no-such-list"], "no-such-list"),
    ],
)
def test_a_wrong_argument_raises_with_the_programs_message(url: str, arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        mfa_conformance.run(url, arguments=arguments)
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(("script", "code"), [("echo oops >&2; exit 70", 70), ("kill -9 $$", -signal.SIGKILL)])
def test_a_program_that_breaks_raises(
    script: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "mfa-conformance"
    broken.write_text(f"#!/bin/sh\n{script}\n")
    broken.chmod(0o755)
    monkeypatch.setattr("mfa_conformance.runner.program", lambda: str(broken))
    with pytest.raises(InternalError, match="oops" if code == 70 else "exit code -9") as raised:
        mfa_conformance.run("http://127.0.0.1:1")
    assert raised.value.exit_code == code


def test_an_interrupt_deletes_what_the_run_created(reference: str) -> None:
    def users() -> int:
        listing = urllib.request.Request(reference, data=b"Action=ListUsers&Version=2010-05-08")
        with urllib.request.urlopen(listing) as reply:
            text: bytes = reply.read()
        return text.count(b"<UserName>")

    code = f"import mfa_conformance; mfa_conformance.run({reference!r}, quick=False)"
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) as running:
        until = time.monotonic() + 60
        while users() == 0 and time.monotonic() < until:
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        _, printed = running.communicate(timeout=60)
    assert "KeyboardInterrupt" in printed
    assert users() == 0


def test_the_module_runs_the_program() -> None:
    command = [sys.executable, "-m", "mfa_conformance", "--version"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.startswith("mfa-conformance ")


def test_a_report_of_another_schema_version_is_refused() -> None:
    with pytest.raises(ValueError, match="schema version"):
        Report.from_json({"schema_version": 1})
