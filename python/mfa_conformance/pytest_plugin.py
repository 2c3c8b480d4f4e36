"""The pytest plugin: `pytest --mfa-conformance URL` adds one test for each clause.

The run takes place once, after the tests are collected and before the first one starts. With pytest-xdist the
controller runs it and sends the report to the workers.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .errors import ConformanceError
from .runner import clause_ids, run
from .report import Finding, KnownGap, Report

_GROUP = "mfa-conformance"
_VERDICT = "verdict"
_SENT = "mfa_conformance_report"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup(_GROUP, "conformance of an IAM emulator's MFA")
    group.addoption("--mfa-conformance", metavar="URL", help="test the IAM endpoint at this URL, a test for each clause")
    group.addoption(
        "--mfa-conformance-full",
        action="store_true",
        help="run everything, which takes minutes, instead of testing each clause once",
    )
    group.addoption(
        "--mfa-conformance-known-gaps",
        metavar="FILE",
        help="expect the findings of this list, which `mfa-conformance known-gaps update` writes",
    )
    group.addoption(
        "--mfa-conformance-arguments",
        metavar="ARGUMENTS",
        default="",
        help="further arguments of `mfa-conformance run`, as '--strict --report html=report.html'",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start the plugin if there is a URL."""
    config.addinivalue_line("markers", "mfa_conformance: the tests that --mfa-conformance adds, one for each clause")
    if config.getoption("mfa_conformance"):
        config.pluginmanager.register(_Plugin(config), "mfa-conformance-run")


class _Plugin:
    """Adds the tests, and runs the program once for all of them."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._url: str = config.getoption("mfa_conformance")
        self._report: Report | None = None

    @property
    def report(self) -> Report:
        """The report. The first use in a process makes it, or receives it from the controller of pytest-xdist."""
        if self._report is None:
            sent = getattr(self._config, "workerinput", {}).get(_SENT)
            self._report = self._run() if sent is None else Report.from_json(json.loads(sent))
        return self._report

    def _run(self) -> Report:
        terminal: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            terminal.write_line(f"mfa-conformance: testing {self._url}")
        try:
            return run(
                self._url,
                quick=not self._config.getoption("mfa_conformance_full"),
                known_gaps=self._config.getoption("mfa_conformance_known_gaps"),
                arguments=shlex.split(self._config.getoption("mfa_conformance_arguments")),
            )
        except ConformanceError as error:
            raise pytest.UsageError(f"mfa-conformance: {error}") from error

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Add the tests before `-k` and `-m` select some."""
        group = _Group.from_parent(session, name=_GROUP, nodeid=_GROUP)
        group.plugin = self
        # As pytest collects a file: the tests are counted, and an error is shown.
        report = group.ihook.pytest_make_collect_report(collector=group)
        group.ihook.pytest_collectreport(report=report)
        items.extend(report.result)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Run, unless no test needs it."""
        if not self._config.option.collectonly and any(isinstance(item, _Test) for item in session.items):
            self.report  # noqa: B018

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Send the report to a worker of pytest-xdist."""
        node.workerinput[_SENT] = json.dumps(self.report.json)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the verdict, and the command that repeats the run."""
        if self._report is not None:
            terminalreporter.section("mfa-conformance")
            verdict = self._report.verdict.upper()
            terminalreporter.write_line(f"{verdict}: {self._report.verdict_reason}")
            terminalreporter.write_line(f"again: {self._report.command}")


class _Group(pytest.Collector):
    """The tests of one endpoint."""

    plugin: _Plugin

    def collect(self) -> Iterator[pytest.Item]:
        """Make the test of the verdict, and one for each clause."""
        yield _VerdictTest.from_parent(self, name=_VERDICT)
        for clause in clause_ids():
            yield _ClauseTest.from_parent(self, name=clause)


class _Failed(Exception):
    """Why a test fails: a line for the summary, and the whole text."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__(text)
        self.title = title


class _Test(pytest.Item):
    """A test on the report."""

    parent: _Group

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.add_marker("mfa_conformance")

    @property
    def report(self) -> Report:
        return self.parent.plugin.report

    def reportinfo(self) -> tuple[Path | str, int | None, str]:
        """Name the test without a file, since it has none. The last part is the headline of a failure."""
        return _GROUP, None, f"{_GROUP}: {self.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the text without a traceback, and the title in the summary."""
        if not isinstance(excinfo.value, _Failed):
            return super().repr_failure(excinfo, style)
        shown: Any = excinfo.getrepr(style="value")
        if shown.reprcrash is not None:
            shown.reprcrash.message = excinfo.value.title
        return shown


class _VerdictTest(_Test):
    """Fails if too little was tested: all clauses are skipped then, which alone would look like a success."""

    def runtest(self) -> None:
        if self.report.verdict == "inconclusive":
            raise _Failed("the run is inconclusive", f"INCONCLUSIVE: {self.report.verdict_reason}")


class _ClauseTest(_Test):
    """Fails if the endpoint breaks the clause."""

    def runtest(self) -> None:
        clause = self.report.clause(self.name)
        findings = [finding for finding in self.report.findings if finding.clause == clause.id]
        gaps = [gap for gap in self.report.known_gaps if gap.clause == clause.id]
        accepted = [gap for gap in gaps if gap.state == "known"]
        known = {gap.finding for gap in accepted}
        failing = [finding for finding in findings if not finding.flaky and finding.id not in known]
        if failing:
            raise _broken(failing, [gap for gap in gaps if gap.state == "expired"])
        for gap in gaps:
            if gap.state == "stale":
                title = f"[XPASS(strict)] this known gap no longer shows: {gap.operation}, {gap.shows}"
                raise _Failed(title, f"{title}\nRemove it from the list.\nIts reason: {gap.reason}")
        if accepted:
            pytest.xfail("; ".join(gap.reason for gap in accepted))
        for gap in gaps:
            if gap.state == "not-looked-for":
                pytest.skip(f"this run does not look for a known gap: {gap.reason}")
        text = "; ".join(clause.remarks)
        if clause.state in ("flaky", "not-tested", "untestable"):
            pytest.skip(f"{clause.state.replace('-', ' ')}: {text}")
        if text:
            self.add_report_section("call", "mfa-conformance", f"{clause.state}: {text}")


def _broken(findings: list[Finding], expired: list[KnownGap]) -> _Failed:
    gaps = [f"Its known gap expired on {gap.expires}: {gap.reason}" for gap in expired]
    title = "; ".join(finding.title for finding in findings)
    return _Failed(title, "\n\n".join([*map(str, findings), *gaps]))
