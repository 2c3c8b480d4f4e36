// Makes calls of IAM with @aws-sdk/client-iam, and says what it reads: one call in a line of JSON on standard input, one
// reading in a line of JSON on standard output. scripts/check-sdks.py writes the calls and compares the readings.
//
//     node scripts/sdk-js/client.mjs ENDPOINT-URL FOLDER
//
// FOLDER holds the `node_modules` in which the SDK is installed.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join, resolve } from "node:path";

const [endpoint, folder] = process.argv.slice(2);
const iam = createRequire(join(resolve(folder), "package.json"))("@aws-sdk/client-iam");

/** What JSON can hold of a member: dates and bytes as text. Members that are absent go. */
function plain(value) {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const members = Object.entries(value).filter(([name, member]) => name !== "$metadata" && member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
}

/** Makes a call, and says what came back. */
async function read({ call, input, credentials }) {
  const Command = iam[`${call}Command`];
  if (Command === undefined) return { unreadable: `this client has no call ${call}` };
  const client = new iam.IAMClient({
    endpoint,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: credentials.id, secretAccessKey: credentials.secret },
  });
  try {
    return { members: plain(await client.send(new Command(input))) };
  } catch (error) {
    if (!(error instanceof iam.IAMServiceException)) {
      const lost = ["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT"].includes(error.code) || error.name === "TimeoutError";
      return { [lost ? "lost" : "unreadable"]: String(error.stack ?? error) };
    }
    const code = error.Error?.Code ?? error.Code;
    if (code === undefined) return { unreadable: `an error without a code: ${error.name}: ${error.message}` };
    return { error: code, message: error.message, modelled: error.constructor !== iam.IAMServiceException };
  } finally {
    client.destroy();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await read(JSON.parse(line)))}\n`);
}
