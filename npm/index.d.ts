/** The report of a run. `mfa-conformance schema report` describes all of it. */
export interface Report {
  schema_version: number;
  verdict: "pass" | "fail" | "inconclusive";
  verdict_reason: string;
  clauses: Clause[];
  findings: Finding[];
  [more: string]: unknown;
}

/** One requirement of the AWS documentation, and what became of it. */
export interface Clause {
  id: string;
  requires: string;
  state: "fail" | "known-gap" | "flaky" | "departs" | "undocumented" | "pass" | "not-tested" | "untestable";
  [more: string]: unknown;
}

/** A documented sentence that the endpoint breaks. */
export interface Finding {
  id: string;
  clause: string;
  title: string;
  operation: string;
  [more: string]: unknown;
}

/** How an endpoint is tested. */
export interface Options {
  /** Whether to test each clause once, in seconds (the default). Otherwise the run takes minutes. */
  quick?: boolean;
  /** A list of findings to accept, in the format of `mfa-conformance known-gaps update`. */
  knownGaps?: string;
  /** Further arguments of `mfa-conformance run`. */
  arguments?: string[];
}

/** Returns the path of the program. Throws an `Error` if there is none for this platform. */
export function program(): string;

/**
 * Tests an endpoint and returns the report. A verdict of "fail" or "inconclusive" rejects nothing. An `Error` with the
 * exit code in `code` says that an argument or a file is wrong, or that the run could not begin.
 */
export function run(endpointUrl: string, options?: Options): Promise<Report>;
