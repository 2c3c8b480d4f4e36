// Finds and runs the program that the package of this platform contains.
"use strict";

const { spawn } = require("node:child_process");
const { mkdtemp, readFile, rm } = require("node:fs/promises");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

/** The path of the program. */
function program() {
  const platform = `${process.platform}-${process.arch}`;
  const name = process.platform === "win32" ? "mfa-conformance.exe" : "mfa-conformance";
  try {
    return require.resolve(`@mfa-conformance/${platform}/bin/${name}`);
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    throw new Error(
      `the package @mfa-conformance/${platform} is not installed. Install mfa-conformance again without ` +
        "--omit=optional. If there is no package for this platform, install Rust and run: cargo install mfa-conformance",
    );
  }
}

/** Tests an endpoint and returns the report. */
async function run(endpointUrl, { quick = true, knownGaps, arguments: more = [] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "mfa-conformance-"));
  try {
    const file = join(folder, "report.json");
    const words = ["run", "--endpoint-url", endpointUrl, "--report", `json=${file}`];
    if (quick) words.push("--quick");
    if (knownGaps !== undefined) words.push("--known-gaps", knownGaps);
    const { code, stderr } = await finish([...words, ...more]);
    const text = [0, 1, 3].includes(code) ? await readFile(file, "utf8").catch(() => undefined) : undefined;
    if (text === undefined) throw Object.assign(new Error(stderr.trim()), { code });
    return JSON.parse(text);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the program to its end. */
function finish(words) {
  return new Promise((resolve, reject) => {
    const child = spawn(program(), words, { stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stderr }));
  });
}

module.exports = { program, run };
