"""`pytest --mfa-conformance URL`, in a pytest of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import mfa_conformance
from conftest import CLAUSE, FAULT, WHOLE

ALL = len(mfa_conformance.clause_ids()) + 1


def outcomes(result: pytest.RunResult) -> dict[str, int]:
    """Count the tests by outcome; all of them have one."""
    counts = result.parseoutcomes()
    assert sum(counts.values()) == ALL, counts
    return counts


def test_the_reference_passes_and_what_is_not_tested_is_skipped(pytester: pytest.Pytester, reference: str) -> None:
    result = pytester.runpytest_subprocess("--mfa-conformance", reference, "-v", "-rs")
    counts = outcomes(result)
    assert result.ret == 0
    assert counts.keys() == {"passed", "skipped"}
    assert counts["passed"] > 150
    result.stdout.fnmatch_lines(
        [
            f"*collected {ALL} items",
            f"mfa-conformance: testing {reference}",
            "mfa-conformance::verdict PASSED*",
            "mfa-conformance::wire.enable.success-status PASSED*",
            "mfa-conformance::enable.login-required SKIPPED (untestable: *",
            "PASS: *",
            "again: mfa-conformance run --endpoint-url * --quick *",
            "*: untestable: Signing in happens in the console and in STS. *",
        ]
    )


def test_a_broken_clause_fails_with_the_finding(pytester: pytest.Pytester, fault: Callable[[str], str]) -> None:
    result = pytester.runpytest_subprocess("--mfa-conformance", fault(FAULT))
    assert (result.ret, outcomes(result)["failed"]) == (1, 1)
    result.stdout.fnmatch_lines(
        [
            "EnableMFADevice accepts a second code *",
            f"{CLAUSE} · * · finding *",
            "requires: *",
            "“*”",
            "expected: 403 InvalidAuthenticationCode*",
            "observed: 200*",
            "1. create user 1*",
            "To reproduce it:",
            "mfa-conformance replay finding-*.json --endpoint-url *",
            f"FAILED mfa-conformance::{CLAUSE} - EnableMFADevice *",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_known_gap_is_an_expected_failure(
    pytester: pytest.Pytester, fault: Callable[[str], str], gap: Callable[..., Path]
) -> None:
    url = fault(FAULT)
    result = pytester.runpytest_subprocess(
        "--mfa-conformance", url, f"--mfa-conformance-known-gaps={gap()}", "-rx"
    )
    assert (result.ret, outcomes(result)["xfailed"]) == (0, 1)
    result.stdout.fnmatch_lines([f"XFAIL mfa-conformance::{CLAUSE} - codes are not checked yet"])


def test_an_expired_gap_fails_with_the_finding(
    pytester: pytest.Pytester, fault: Callable[[str], str], gap: Callable[..., Path]
) -> None:
    url = fault(FAULT)
    expired = gap(expires="2026-01-02")
    result = pytester.runpytest_subprocess("--mfa-conformance", url, f"--mfa-conformance-known-gaps={expired}")
    assert (result.ret, outcomes(result)["failed"]) == (1, 1)
    result.stdout.fnmatch_lines(["Its known gap expired on 2026-01-02: codes are not checked yet"])


def test_a_gap_that_no_longer_shows_fails_a_full_run(
    pytester: pytest.Pytester, reference: str, gap: Callable[..., Path]
) -> None:
    result = pytester.runpytest_subprocess(
        "--mfa-conformance",
        reference,
        "--mfa-conformance-full",
        f"--mfa-conformance-known-gaps={gap()}",
        "--mfa-conformance-arguments",
        WHOLE,
    )
    assert (result.ret, outcomes(result)["failed"]) == (1, 1)
    result.stdout.fnmatch_lines(
        ["*XPASS(strict)* no longer shows: EnableMFADevice, success", "Its reason: codes are not checked yet"]
    )


def test_a_quick_run_does_not_decide_that_a_gap_is_closed(
    pytester: pytest.Pytester, reference: str, gap: Callable[..., Path]
) -> None:
    result = pytester.runpytest_subprocess(
        "--mfa-conformance", reference, f"--mfa-conformance-known-gaps={gap()}", "-v"
    )
    assert result.ret == 0 and outcomes(result).keys() == {"passed", "skipped"}
    result.stdout.fnmatch_lines([f"mfa-conformance::{CLAUSE} SKIPPED (this run does*"])


def test_an_endpoint_that_is_down_fails(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--mfa-conformance", "http://127.0.0.1:1")
    assert (result.ret, outcomes(result)) == (1, {"failed": 1, "skipped": ALL - 1})
    result.stdout.fnmatch_lines(["INCONCLUSIVE: *nothing answers there*", "FAILED mfa-conformance::verdict - *"])


def test_a_wrong_argument_is_a_usage_error(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--mfa-conformance", "http://192.0.2.1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mfa-conformance: *--allow-host*"])


def test_nothing_runs_where_only_tests_are_listed(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--mfa-conformance", "http://192.0.2.1", "--collect-only", "-q")
    assert result.ret == 0
    assert len([line for line in result.outlines if line.startswith("mfa-conformance::")]) == ALL


def test_without_its_option_the_plugin_adds_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_own(): pass")
    result = pytester.runpytest_subprocess("--strict-markers")
    result.assert_outcomes(passed=1)


def test_own_tests_and_selections_work_as_usual(pytester: pytest.Pytester, reference: str) -> None:
    pytester.makepyfile("def test_own(): pass")
    run = ["--mfa-conformance", reference]
    for selection, passed in [
        (["-k", "test_own or enable.associates"], 2),
        (["-m", "not mfa_conformance"], 1),
        (["-m", "mfa_conformance", "-k", "verdict"], 1),
    ]:
        pytester.runpytest_subprocess(*run, *selection).assert_outcomes(passed=passed, deselected=ALL + 1 - passed)


def test_a_conftest_can_start_the_endpoint(pytester: pytest.Pytester, reference: str) -> None:
    pytester.makeconftest(f"def pytest_configure(config): config.option.mfa_conformance = {reference!r}")
    result = pytester.runpytest_subprocess()
    assert result.ret == 0 and outcomes(result).keys() == {"passed", "skipped"}


def test_with_xdist_the_controller_runs_once_for_all_workers(
    pytester: pytest.Pytester, moto: str, moto_gaps: Path
) -> None:
    runs = pytester.path / "runs"
    pytester.makeconftest(
        f"""
        from mfa_conformance import pytest_plugin

        original = pytest_plugin.run

        def run(*arguments, **options):
            with open({str(runs)!r}, "a") as file:
                file.write("run\\n")
            return original(*arguments, **options)

        pytest_plugin.run = run
        """
    )
    result = pytester.runpytest_subprocess(
        "-n", "2", "--mfa-conformance", moto, f"--mfa-conformance-known-gaps={moto_gaps}"
    )
    counts = outcomes(result)
    assert (result.ret, runs.read_text()) == (0, "run\n")
    assert counts["xfailed"] > 20 and "failed" not in counts
