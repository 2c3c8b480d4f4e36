"""The report of a run as typed values. `mfa-conformance schema report` describes the JSON behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["pass", "fail", "inconclusive"]
ClauseState = Literal["fail", "known-gap", "flaky", "departs", "undocumented", "pass", "not-tested", "untestable"]
GapState = Literal["known", "expired", "stale", "not-looked-for"]

_SCHEMA_VERSION = 2


@dataclass(frozen=True)
class Target:
    """The endpoint that was tested."""

    name: str
    endpoint: str
    version: str | None


@dataclass(frozen=True)
class Source:
    """A place in the AWS documentation, with the quoted sentence if there is one."""

    document: str
    section: str
    quote: str | None
    url: str | None

    def __str__(self) -> str:
        """Return the place, the quoted sentence and the address, one a line."""
        quote = f"“{self.quote}”" if self.quote else None
        return "\n".join(filter(None, [f"{self.document}, {self.section}", quote, self.url]))


@dataclass(frozen=True)
class Reproduction:
    """How to reproduce a finding: four texts to paste, one for each program."""

    replay: str
    curl: str
    aws_cli: str
    boto3: str


@dataclass(frozen=True)
class Finding:
    """A documented sentence that the endpoint breaks, with the shortest sequence of calls that shows it."""

    id: str
    clause: str
    stance: str
    operation: str
    title: str
    requires: str
    sources: tuple[Source, ...]
    expected: str
    observed: str
    steps: tuple[str, ...]
    flaky: bool
    reproduce: Reproduction

    def __str__(self) -> str:
        """Return the finding as text: the sentence, what came back, the steps, and a command that reproduces it."""
        # An implied clause follows from several sentences.
        cited = self.sources[:3] if self.stance == "Implied" else self.sources[:1]
        return "\n".join(
            [
                self.title,
                f"{self.clause} · {self.stance} · finding {self.id}",
                "",
                f"requires: {self.requires}",
                *map(str, cited),
                "",
                f"expected: {self.expected}",
                f"observed: {self.observed}",
                "",
                *_numbered(self.steps),
                "",
                "To reproduce it:",
                self.reproduce.replay.rstrip(),
            ]
        )


def _numbered(steps: tuple[str, ...]) -> list[str]:
    """Number the steps. Calls that overlap are part of one step and have their own numbers, such as 3a."""
    lines, number = [], 0
    for step in steps:
        own = re.match(r"\d+[a-z]\. ", step)
        number += not own
        lines.append(f"   {step}" if own else f"{number}. {step}")
    return lines


@dataclass(frozen=True)
class Clause:
    """A requirement, and what the run says of it."""

    id: str
    requires: str
    stance: str
    operation: str | None
    state: ClauseState
    remarks: tuple[str, ...]
    """What there is to know about the state: titles of findings, what the endpoint does, why it was not tested."""
    tested: bool
    """Whether a call could have broken it."""
    not_tested: str | None
    """Why it, or one of its two sides, was not tested."""
    broken: bool


@dataclass(frozen=True)
class KnownGap:
    """An entry of the list of known gaps."""

    clause: str
    operation: str
    shows: str
    reason: str
    state: GapState
    finding: str | None
    """The id of the finding that it accepts."""
    link: str | None
    expires: str | None


@dataclass(frozen=True)
class Report:
    """What a run says of an endpoint."""

    verdict: Verdict
    verdict_reason: str
    target: Target
    command: str
    """The command that repeats the run."""
    tool_version: str
    clauses: tuple[Clause, ...]
    findings: tuple[Finding, ...]
    known_gaps: tuple[KnownGap, ...]
    json: Mapping[str, Any] = field(repr=False)
    """The whole report, as `mfa-conformance schema report` describes it."""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Report:
        """Make a report from what `mfa-conformance run --report json=FILE` wrote."""
        if json.get("schema_version") != _SCHEMA_VERSION:
            raise ValueError(f"no report of schema version {_SCHEMA_VERSION}: it has {json.get('schema_version')!r}")
        reasons = {entry["clause"]: entry["reason"] for entry in json["not_tested"]}
        return cls(
            verdict=json["verdict"],
            verdict_reason=json["verdict_reason"],
            target=Target(json["target"]["name"], json["target"]["endpoint"], json["target"].get("version")),
            command=json["command"],
            tool_version=json["tool_version"],
            clauses=tuple(_clause(clause, reasons) for clause in json["clauses"]),
            findings=tuple(map(_finding, json["findings"])),
            known_gaps=tuple(map(_known_gap, json["known_gaps"])),
            json=json,
        )

    def clause(self, id: str) -> Clause:
        """Return the clause with this id. `KeyError` if there is none."""
        for clause in self.clauses:
            if clause.id == id:
                return clause
        raise KeyError(id)


def _clause(json: Mapping[str, Any], reasons: Mapping[str, str]) -> Clause:
    return Clause(
        id=json["id"],
        requires=json["requires"],
        stance=json["stance"],
        operation=json.get("operation"),
        state=json["state"],
        remarks=tuple(json.get("remarks", ())),
        tested=json["broken"] or json["tested"]["accept"] + json["tested"]["reject"] > 0,
        not_tested=reasons.get(json["id"]),
        broken=json["broken"],
    )


def _finding(json: Mapping[str, Any]) -> Finding:
    sources = [json["source"], *json.get("further_sources", ())]
    return Finding(
        id=json["id"],
        clause=json["clause"],
        stance=json["stance"],
        operation=json["operation"],
        title=json["title"],
        requires=json["requires"],
        sources=tuple(
            Source(source["document"], source["section"], source.get("quote"), source.get("url")) for source in sources
        ),
        expected=json["expected"]["summary"],
        observed=json["observed"]["summary"],
        steps=tuple(json["steps"]),
        flaky=json["flaky"],
        reproduce=Reproduction(**{name: json["reproduce"][name] for name in ("replay", "curl", "aws_cli", "boto3")}),
    )


def _known_gap(json: Mapping[str, Any]) -> KnownGap:
    return KnownGap(
        clause=json["clause"],
        operation=json["operation"],
        shows=json["shows"],
        reason=json["reason"],
        state=json["state"],
        finding=json.get("finding"),
        link=json.get("link"),
        expires=json.get("expires"),
    )
