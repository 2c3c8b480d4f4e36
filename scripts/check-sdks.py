#!/usr/bin/env python3
"""Makes the same calls with three official SDKs, and requires the same reading from each.

A reply that an official SDK cannot read does not conform. This script starts `serve` for the reference and for each
permitted variant, makes one sequence of calls with boto3, with @aws-sdk/client-iam (JavaScript) and with aws-sdk-iam
(Rust), and compares what they say of each call: the members of the output, or the code and the message of the error.

    python3 scripts/check-sdks.py PROGRAM --js FOLDER --rust CLIENT   # every variant
    python3 scripts/check-sdks.py PROGRAM --quick                     # a few variants, by the clients that are given

PROGRAM is mfa-faults. Python needs `boto3`. FOLDER is where `npm install` was run in a copy of scripts/sdk-js, and
CLIENT is what `cargo build` makes in scripts/sdk-rust; a client that is not given is left out. A variant whose readings
differ is tried up to three times, because a call may fall on the edge of a time step. Exit code 1: readings differ, or a client
cannot read a reply.
"""

import argparse
import base64
import concurrent.futures
import contextlib
import datetime
import json
import os
import pathlib
import subprocess
import sys
import time

from sdk_calls import Walk

QUICK = ("pretty-printed", "with-a-declaration", "with-comments", "empty-results", "with-more-elements")
"""The variants of the quick form: those that write replies otherwise."""

TIMED = (
    "enabled-devices-unmodifiable-for-half-a-second",
    "listings-300-ms-old",
    "listings-300-ms-old-and-paged-by-two",
    "listings-a-second-old",
    "unavailable-at-first",
)
"""Variants whose answers depend on the moment of a call: of these it is only checked that each client can read all."""

DRAWN = ("UserId", "AccessKeyId", "SecretAccessKey", "Base32StringSeed", "Marker")
"""Members that each service draws: only their lengths are compared."""


class Boto3:
    """Calls through boto3, in this process."""

    name = "boto3"

    def __init__(self, endpoint):
        import boto3
        import botocore.config

        self.endpoint, self.boto3, self.clients = endpoint, boto3, {}
        self.config = botocore.config.Config(
            retries={"total_max_attempts": 1}, proxies={}, read_timeout=20, parameter_validation=False
        )

    def client(self, credentials):
        # Clients are made in several threads, and the default session is not made for that.
        return self.boto3.session.Session().client(
            "iam",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            config=self.config,
            aws_access_key_id=credentials["id"],
            aws_secret_access_key=credentials["secret"],
        )

    def make(self, call, given, credentials):
        import botocore.exceptions as failures

        key = credentials["id"]
        if key not in self.clients:
            self.clients[key] = self.client(credentials)
        client = self.clients[key]
        method = next(
            python for python, operation in client.meta.method_to_api_mapping.items() if operation == call
        )
        try:
            output = getattr(client, method)(**given)
        except failures.ClientError as error:
            said = error.response["Error"]
            if not said.get("Code") or not said["Code"].isalpha():
                return {"unreadable": f"an error without a code: {error}"}
            return {
                "error": said["Code"],
                "message": said.get("Message"),
                "modelled": type(error) is not failures.ClientError,
            }
        except failures.HTTPClientError as error:
            return {"lost": str(error)}
        except Exception as error:  # Whatever boto3 raises, it could not read the reply.
            return {"unreadable": f"{type(error).__name__}: {error}"}
        return {"members": plain({name: value for name, value in output.items() if name != "ResponseMetadata"})}

    def close(self):
        self.clients = {}


class Piped:
    """Calls through another process, which reads a line of JSON for each and answers with one."""

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def make(self, call, given, credentials):
        request = json.dumps({"call": call, "input": given, "credentials": credentials})
        print(request, file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"check-sdks: the client {self.name} ended, with {self.process.wait()}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()


def plain(value):
    """What JSON can hold of a member: dates and bytes as text."""
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def comparable(value, name=None):
    """A reading without the members that each service draws for itself."""
    if isinstance(value, dict):
        members = sorted(item for item in value.items() if name or item[0] != "modelled")
        return {member: comparable(inner, member) for member, inner in members}
    if isinstance(value, list):
        return [comparable(item, name) for item in value]
    if name in ("CreateDate", "EnableDate"):
        return "a time" if isinstance(value, str) and value[:2] == "20" else f"no time: {value!r}"
    if name == "QRCodePNG":
        return "a PNG" if str(value).startswith("iVBORw0KGgo") else f"no PNG: {value!r:.60}"
    if name in DRAWN and isinstance(value, str):
        return f"{len(value)} characters"
    return value


@contextlib.contextmanager
def served(program, options):
    """The URL of a service that runs until the block ends."""
    command = [program, "serve", "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        url = process.stdout.readline().strip()
        if not url.startswith("http://"):
            raise SystemExit(f"check-sdks: {' '.join(map(str, command))} serves nothing")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def clients(arguments):
    """How to start each client, given an endpoint."""
    makers = [Boto3]
    script = pathlib.Path(__file__).with_name("sdk-js") / "client.mjs"
    if arguments.js:
        makers.append(lambda url: Piped("JavaScript", ["node", "--no-warnings", str(script), url, arguments.js]))
    if arguments.rust:
        makers.append(lambda url: Piped("Rust", [arguments.rust, url]))
    return makers


def walked(program, options, makers):
    """What each client reads, each from a service of its own."""
    all_readings = {}
    for make in makers:
        with served(program, options) as url:
            client = make(url)
            try:
                all_readings[client.name] = Walk(client).run()
            finally:
                client.close()
    return all_readings


def differences(all_readings, timed):
    """Where the clients differ, or one cannot read a reply, in words. Differences in time are none."""
    found = []
    for name, readings in all_readings.items():
        for operation, _, seen in readings:
            unreadable = [reading["unreadable"] for reading in seen if "unreadable" in reading]
            found += [f"{name} cannot read a reply to {operation}: {unreadable[0]:.300}"] if unreadable else []
    if timed:
        return found
    for steps in zip(*all_readings.values(), strict=False):
        # What comes before the last attempt passes, and may come at another moment to another client.
        last = {
            name: json.dumps(comparable(seen[-1]), sort_keys=True, ensure_ascii=False)
            for name, (_, _, seen) in zip(all_readings, steps, strict=True)
        }
        if len(set(last.values())) > 1 and not any("unreadable" in text for text in last.values()):
            told = "\n".join(f"      {name}: {text:.600}" for name, text in last.items())
            (operation, given, _), *_ = steps
            found.append(f"{operation} {json.dumps(given, ensure_ascii=False):.200} is read differently:\n{told}")
    if len({len(readings) for readings in all_readings.values()}) > 1:
        found.append("the clients made different numbers of calls, because they read a reply differently")
    return found


def variants(program):
    listed = subprocess.run([program, "list", "--variants"], capture_output=True, text=True, check=True).stdout
    # Sentences are indented, and the last line counts.
    return [line.split()[0] for line in listed.splitlines() if line[:1].isalpha()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="mfa-faults")
    parser.add_argument("--quick", action="store_true", help="only the reference and a few variants")
    parser.add_argument("--js", metavar="FOLDER", help="where @aws-sdk/client-iam is installed")
    parser.add_argument("--rust", metavar="CLIENT", help="the program of scripts/sdk-rust")
    parser.add_argument("--variants", metavar="NAMES", help="only these variants, with commas between them")
    parser.add_argument("--faults", metavar="NAMES", help="these faults instead, which must be read differently")
    parser.add_argument("--jobs", type=int, default=4, help="how many services are tried at once (default: 4)")
    arguments = parser.parse_args()
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[variable]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

    makers = clients(arguments)
    if arguments.faults:
        services = [(name, [name]) for name in arguments.faults.split(",")]
    else:
        known = variants(arguments.program)
        wanted = arguments.variants.split(",") if arguments.variants else QUICK if arguments.quick else known
        unknown = [name for name in wanted if name not in known]
        if unknown:
            parser.error(f"there is no variant {', '.join(unknown)}")
        services = [("the reference", []), *((name, [name]) for name in wanted)]

    def tried(service):
        for _ in range(1 if arguments.faults else 3):
            readings = walked(arguments.program, service[1], makers)
            found = differences(readings, service[0] in TIMED)
            if not found:
                break
        return readings, found

    began, broken, calls, kinds = time.monotonic(), [], 0, set()
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for (name, _), (readings, found) in zip(services, pool.map(tried, services), strict=True):
            for steps in readings.values():
                calls += sum(len(seen) for _, _, seen in steps)
                for operation, _, seen in steps:
                    kinds.update((operation, reading.get("error", "success")) for reading in seen)
            if bool(found) != bool(arguments.faults):
                broken.append(name)
                print(f"{name}: {'read alike by all' if arguments.faults else 'not read alike'}")
            for line in found[:4]:
                print(f"    {name}: {line}", flush=True)
    read_by = ", ".join(readings)
    print(
        f"{len(services) - len(broken)} of {len(services)} services as they should be, by {read_by}: {calls} calls, "
        f"{len(kinds)} kinds of answers, {time.monotonic() - began:.0f} s"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
