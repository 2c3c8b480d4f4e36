"""Why a run has no report."""

from __future__ import annotations


class ConformanceError(Exception):
    """A run has no report. The text is what the program printed."""

    def __init__(self, message: str, exit_code: int) -> None:
        """Keep the program's exit code. It is negative if a signal ended the program, as in `subprocess`."""
        super().__init__(message)
        self.exit_code = exit_code


class UsageError(ConformanceError):
    """An argument or a file is wrong: exit code 2."""


class NotJudgedError(ConformanceError):
    """The run could not begin: exit code 3 without a report.

    An endpoint that is down gives a report with the verdict "inconclusive", and not this error.
    """


class InternalError(ConformanceError):
    """The program has a bug (exit code 70), or a signal ended it."""
