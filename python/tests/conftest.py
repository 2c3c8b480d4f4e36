"""Endpoints to test: the built-in reference, seeded faults, and moto.

`MFA_FAULTS` is the path of the program `mfa-faults`.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import mfa_conformance

pytest_plugins = ["pytester"]

# A seeded fault that breaks one clause.
FAULT = "enable-same-code-twice-taken"
CLAUSE = "enable.code2.subsequent"

# A whole run without sequences, which takes seconds.
WHOLE = "--scenarios 0 --max-wait 0s"


@contextmanager
def serving(*command: str) -> Iterator[str]:
    """Start a server that prints its URL, and stop it in the end."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            assert url.startswith("http://"), f"{command} printed {url!r}"
            yield url
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def reference() -> Iterator[str]:
    """The URL of a service that breaks nothing."""
    with serving(mfa_conformance.program(), "serve", "--port", "0") as url:
        yield url


@pytest.fixture(scope="session")
def fault() -> Iterator[Callable[[str], str]]:
    """From the name of a seeded fault to the URL of a service that has it."""
    with ExitStack() as servers:
        yield lambda name: servers.enter_context(serving(os.environ["MFA_FAULTS"], "serve", "--port", "0", name))


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The URL of moto."""
    subprocess.run([mfa_conformance.program(), "targets", "install", "moto"], check=True)
    with serving(mfa_conformance.program(), "targets", "start", "moto") as url:
        yield url


@pytest.fixture(scope="session")
def moto_gaps(moto: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The list of moto's known gaps, as a quick run writes it."""
    file = tmp_path_factory.mktemp("moto") / "gaps.toml"
    command = [mfa_conformance.program(), "known-gaps", "update", str(file), "--quick", "--endpoint-url", moto]
    subprocess.run(command, check=True)
    return file


@pytest.fixture
def gap(tmp_path: Path) -> Callable[..., Path]:
    """Write a list with one known gap: EnableMFADevice accepts the same code twice, as FAULT does."""

    def write(**more: str) -> Path:
        entry = {
            "clause": CLAUSE,
            "operation": "EnableMFADevice",
            "shows": "success",
            "reason": "codes are not checked yet",
            "since": "2026-01-01",
            **more,
        }
        file = tmp_path / "gaps.toml"
        file.write_text("[[gap]]\n" + "".join(f'{key} = "{value}"\n' for key, value in entry.items()))
        return file

    return write
