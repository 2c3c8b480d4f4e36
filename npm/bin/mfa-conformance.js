#!/usr/bin/env node
// Runs the program of this platform, and ends as it ends.
"use strict";

const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { program } = require("../index.js");

let path;
try {
  path = program();
} catch (error) {
  console.error(`mfa-conformance: ${error.message}`);
  process.exit(2);
}
const child = spawn(path, process.argv.slice(2), { stdio: "inherit" });
// The program deletes what it created before it ends, so this process waits. A terminal sends Ctrl-C to both of them.
process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("error", (error) => {
  console.error(`mfa-conformance: ${path} can't be started: ${error.message}`);
  process.exit(2);
});
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
