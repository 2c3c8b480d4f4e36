"""Runs the program that this package contains."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .errors import ConformanceError, InternalError, NotJudgedError, UsageError
from .report import Report

_NAME = "mfa-conformance"
_ERRORS: dict[int, type[ConformanceError]] = {2: UsageError, 3: NotJudgedError}


def program() -> str:
    """Return the path of the program `mfa-conformance`.

    It is in the folder for scripts where pip installed this package. `FileNotFoundError` says where it was looked for.
    """
    # pip install, pip install --user, and pip install --target.
    folders = [
        sysconfig.get_path("scripts"),
        sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")),
        str(Path(__file__).resolve().parent.parent / "bin"),
    ]
    found = shutil.which(_NAME, path=os.pathsep.join(folders)) or shutil.which(_NAME)
    if found is None:
        raise FileNotFoundError(f"{_NAME} is neither in {', '.join(folders)} nor on the PATH; install this package again")
    return found


def clause_ids() -> list[str]:
    """Return the ids of all clauses, in the order of the report."""
    command = [program(), "clauses", "list", "--ids"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise _error(done.returncode, done.stderr)
    return done.stdout.split()


def run(
    endpoint_url: str,
    *,
    quick: bool = True,
    strict: bool = False,
    known_gaps: str | os.PathLike[str] | None = None,
    arguments: Sequence[str] = (),
) -> Report:
    """Test an endpoint and return the report.

    `quick` tests each clause once, in seconds. Otherwise the run takes minutes. `strict` also fails where AWS was
    recorded to behave differently. `known_gaps` is a list of findings to accept, in the format of
    `mfa-conformance known-gaps update`. `arguments` are further arguments of `mfa-conformance run`.

    A verdict of "fail" or "inconclusive" raises nothing. `UsageError` says that an argument or a file is wrong,
    `NotJudgedError` that the run could not begin, and `InternalError` that the program has a bug.
    """
    with tempfile.TemporaryDirectory(prefix="mfa-conformance-") as folder:
        file = Path(folder) / "report.json"
        command = [program(), "run", "--endpoint-url", endpoint_url, "--report", f"json={file}"]
        if quick:
            command.append("--quick")
        if strict:
            command.append("--strict")
        if known_gaps is not None:
            command += ["--known-gaps", os.fspath(known_gaps)]
        code, printed = _finish([*command, *arguments])
        if code not in (0, 1, 3) or not file.exists():
            raise _error(code, printed)
        return Report.from_json(json.loads(file.read_text(encoding="utf-8")))


def _finish(command: list[str]) -> tuple[int, str]:
    """Run a command to its end. Return its exit code and its standard error.

    It has a session of its own, so that Ctrl-C reaches it once: it then deletes what it created.
    """
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            _, printed = process.communicate()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.communicate()
            raise
    return process.returncode, printed


def _error(code: int, printed: str) -> ConformanceError:
    message = printed.strip() or f"mfa-conformance ended with exit code {code} and printed nothing"
    return _ERRORS.get(code, InternalError)(message, code)
