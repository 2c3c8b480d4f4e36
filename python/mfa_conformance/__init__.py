"""Tests whether an emulator of AWS IAM enforces MFA as the AWS documentation says.

`run` calls an endpoint with the program `mfa-conformance`, which this package contains, and returns a `Report`:

    report = mfa_conformance.run("http://127.0.0.1:5000")
    assert report.verdict == "pass", report.verdict_reason

The pytest plugin (`pytest --mfa-conformance URL`) adds one test for each clause.
"""

from .errors import ConformanceError, InternalError, NotJudgedError, UsageError
from .runner import clause_ids, program, run
from .report import Clause, ClauseState, Finding, GapState, KnownGap, Report, Reproduction, Source, Target, Verdict

__all__ = [
    "Clause",
    "ClauseState",
    "ConformanceError",
    "Finding",
    "GapState",
    "InternalError",
    "KnownGap",
    "NotJudgedError",
    "Report",
    "Reproduction",
    "Source",
    "Target",
    "UsageError",
    "Verdict",
    "clause_ids",
    "program",
    "run",
]
