#!/usr/bin/env python3
"""Walks one MFA device's whole life with real clients, boto3 first and the AWS CLI after it.

The suite's own codec could be wrong on both of its sides; these two clients are not ours. Run it against an endpoint
that conforms (`mfa-conformance serve`) with a Python that has `boto3` and `awscli`:

    python3 scripts/sdk-lifecycle.py --endpoint-url http://127.0.0.1:PORT

It stops at the first mismatch with exit code 1, and otherwise prints how many checks passed. Where the service takes no
code twice, the walk waits for codes that are not used yet: up to five minutes in all.
"""

import argparse
import base64
import contextlib
import datetime
import hashlib
import hmac
import json
import os
import pathlib
import secrets
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import boto3
import botocore.config
import botocore.exceptions

STEP = 30
"""Seconds for which one code stands (RFC 6238)."""

DUMMY = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "dummy"}

DEACTIVATE_EXCEPTIONS = (
    "EntityTemporarilyUnmodifiable",
    "NoSuchEntity",
    "LimitExceeded",
    "ServiceFailure",
    "ConcurrentModification",
)
"""What boto3's page on deactivate_mfa_device lists, each with `Exception` behind it."""


class Mismatch(Exception):
    """The endpoint, or a client's reading of it, isn't what the documents say."""


class Checks:
    """Counts what held."""

    def __init__(self):
        self.passed = 0

    def that(self, holds, what):
        if not holds:
            raise Mismatch(what)
        self.passed += 1

    def equal(self, actual, expected, what):
        self.that(actual == expected, f"{what}: expected {expected!r}, got {actual!r}")


class Device:
    """A TOTP device: from its seed to pairs of codes."""

    def __init__(self, serial_number, base32_seed):
        self.serial_number = serial_number
        self.key = base64.b32decode(base32_seed)
        self.newest_used = -1

    def code(self, step):
        """RFC 4226 §5.3, over the number of the step."""
        digest = hmac.new(self.key, struct.pack(">Q", step), hashlib.sha1).digest()
        offset = digest[-1] & 0x0F
        return f"{(struct.unpack_from('>I', digest, offset)[0] & 0x7FFFFFFF) % 1_000_000:06}"

    def pair(self, margin):
        """The codes of the last step and of this one, which has at least `margin` seconds left."""
        left = STEP - time.time() % STEP
        if left < margin:
            time.sleep(left + 0.1)
        step = int(time.time()) // STEP
        self.newest_used = step
        return self.code(step - 1), self.code(step)

    def wait_for_unused_pair(self):
        """Until neither the last step nor this one has been part of a pair."""
        time.sleep(max(0, (self.newest_used + 2) * STEP - time.time() + 0.1))

    def wrong_pair(self):
        """Two codes that the device emits within no five minutes of now."""
        step = int(time.time()) // STEP
        emitted = {self.code(step + offset) for offset in range(-10, 11)}
        first, second = [code for code in (f"{number:06}" for number in range(100)) if code not in emitted][:2]
        return first, second


def with_codes(device, margin, refused, call):
    """Makes a call with a fresh pair. One that overlaps a used pair may be refused: then with an unused pair."""
    overlaps = device.newest_used >= 0
    try:
        return call(*device.pair(margin))
    except refused:
        if not overlaps:
            raise
    device.wait_for_unused_pair()
    return call(*device.pair(margin))


class Boto3Life:
    """The life of a device, called through boto3."""

    margin = 2

    def __init__(self, checks, endpoint, undo):
        self.checks, self.endpoint, self.undo = checks, endpoint, undo
        self.iam = self.client(DUMMY)

    def client(self, credentials):
        config = botocore.config.Config(retries={"total_max_attempts": 1}, proxies={})
        return boto3.client(
            "iam", endpoint_url=self.endpoint, region_name="us-east-1", config=config, **credentials
        )

    def refused(self, code, status, call, what):
        """`call` raises the modelled class of `code`, with all that the error's envelope carries."""
        expected = getattr(self.iam.exceptions, f"{code}Exception")
        try:
            call()
        except botocore.exceptions.ClientError as error:
            self.checks.equal(type(error).__name__, expected.__name__, f"{what}: the class of the exception")
            self.checks.that(isinstance(error, expected), f"{what}: {error!r} is not {expected!r}")
            response = error.response
            self.checks.equal(response["Error"]["Code"], code, f"{what}: Code")
            self.checks.equal(response["Error"].get("Type"), "Sender", f"{what}: Type")
            self.checks.that(response["Error"].get("Message", "").strip(), f"{what}: the message is blank")
            self.metadata(response, status, what)
        else:
            raise Mismatch(f"{what}: expected {code}, but the call succeeded")

    def metadata(self, response, status, what):
        metadata = response["ResponseMetadata"]
        self.checks.equal(metadata["HTTPStatusCode"], status, f"{what}: the HTTP status")
        self.checks.that(metadata.get("RequestId", "").strip(), f"{what}: no RequestId in the body")
        header = metadata["HTTPHeaders"].get("x-amzn-requestid")
        self.checks.equal(header, metadata["RequestId"], f"{what}: the header x-amzn-RequestId")

    def nothing(self, response, what):
        """What boto3's pages call `None`: no member but the metadata."""
        self.checks.equal(sorted(response), ["ResponseMetadata"], f"{what}: the members of the response")
        self.metadata(response, 200, what)

    def user(self, name):
        user = self.iam.create_user(UserName=name)["User"]
        self.undo.callback(attempt, self.iam.delete_user, UserName=name)
        self.checks.equal(user["UserName"], name, "create_user: UserName")
        self.checks.that(user["Arn"].endswith(f":user/{name}"), f"create_user: the ARN {user['Arn']!r}")
        self.checks.that(isinstance(user["CreateDate"], datetime.datetime), "create_user: CreateDate is not a time")
        self.checks.equal(self.iam.get_user(UserName=name)["User"], user, "get_user after create_user")
        listed = [one for page in self.iam.get_paginator("list_users").paginate() for one in page["Users"]]
        self.checks.that(user in listed, f"list_users doesn't show {name}")

    def device(self, name):
        made = self.iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
        serial_number = made["SerialNumber"]
        self.undo.callback(attempt, self.iam.delete_virtual_mfa_device, SerialNumber=serial_number)
        self.checks.that(serial_number.endswith(f":mfa/{name}"), f"the serial number {serial_number!r} is not an ARN")
        seed = made["Base32StringSeed"]
        self.checks.that(isinstance(seed, bytes), f"Base32StringSeed is {type(seed).__name__} and not bytes")
        try:
            device = Device(serial_number, seed)
        except ValueError as error:
            raise Mismatch(f"Base32StringSeed {seed!r} is not base32 text: {error}") from error
        self.checks.that(len(device.key) >= 20, f"the seed has {len(device.key)} bytes: RFC 4226 asks for 20")
        return device

    def enable(self, user, device):
        self.undo.callback(
            attempt, self.iam.deactivate_mfa_device, UserName=user, SerialNumber=device.serial_number
        )
        refused = self.iam.exceptions.InvalidAuthenticationCodeException
        what = "enable_mfa_device with a fresh pair"
        self.nothing(with_codes(device, self.margin, refused, self.call_with_codes("enable", user, device)), what)

    def call_with_codes(self, verb, user, device):
        operation = getattr(self.iam, f"{verb}_mfa_device")
        return lambda first, second: operation(
            UserName=user,
            SerialNumber=device.serial_number,
            AuthenticationCode1=first,
            AuthenticationCode2=second,
        )

    def listed(self, user, device, enabled, what):
        """Every listing agrees on whether the device is the user's."""
        listing = self.iam.list_mfa_devices(UserName=user)
        self.checks.equal(listing["IsTruncated"], False, f"{what}: list_mfa_devices: IsTruncated")
        shown = [(one["UserName"], one["SerialNumber"]) for one in listing["MFADevices"]]
        self.checks.equal(shown, [(user, device.serial_number)] if enabled else [], f"{what}: list_mfa_devices")
        for one in listing["MFADevices"]:
            self.checks.that(isinstance(one["EnableDate"], datetime.datetime), f"{what}: EnableDate is not a time")
        for status, expected in (("Assigned", enabled), ("Unassigned", not enabled), ("Any", True)):
            pages = self.iam.get_paginator("list_virtual_mfa_devices").paginate(AssignmentStatus=status)
            found = [
                one
                for page in pages
                for one in page["VirtualMFADevices"]
                if one["SerialNumber"] == device.serial_number
            ]
            self.checks.equal(len(found), int(expected), f"{what}: list_virtual_mfa_devices, {status}")
            for one in found:
                owner = one.get("User", {}).get("UserName")
                self.checks.equal(owner, user if enabled else None, f"{what}: the device's user, {status}")

    def walk(self, user):
        iam, checks = self.iam, self.checks
        self.exceptions()
        self.user(user)
        self.refused("EntityAlreadyExists", 409, lambda: iam.create_user(UserName=user), "create_user again")
        device = self.device(f"{user}-phone")
        self.listed(user, device, False, "before enabling")

        wrong = lambda: self.call_with_codes("enable", user, device)(*device.wrong_pair())
        self.refused("InvalidAuthenticationCode", 403, wrong, "enable_mfa_device with wrong codes")
        self.listed(user, device, False, "after wrong codes")
        self.enable(user, device)
        self.listed(user, device, True, "after enabling")

        refused = iam.exceptions.InvalidAuthenticationCodeException
        again = lambda: with_codes(device, self.margin, refused, self.call_with_codes("enable", user, device))
        self.refused("EntityAlreadyExists", 409, again, "enable_mfa_device again")
        resynced = with_codes(device, self.margin, refused, self.call_with_codes("resync", user, device))
        self.nothing(resynced, "resync_mfa_device with a fresh pair")
        wrong = lambda: self.call_with_codes("resync", user, device)(*device.wrong_pair())
        self.refused("InvalidAuthenticationCode", 403, wrong, "resync_mfa_device with wrong codes")
        self.listed(user, device, True, "after resynchronizing")

        delete = lambda: iam.delete_user(UserName=user)
        self.refused("DeleteConflict", 409, delete, "delete_user of a user with a device")
        self.deactivate(user, device)
        self.as_the_user(user, device)
        self.nothing(iam.delete_virtual_mfa_device(SerialNumber=device.serial_number), "delete_virtual_mfa_device")
        self.nothing(delete(), "delete_user")
        self.refused("NoSuchEntity", 404, lambda: iam.get_user(UserName=user), "get_user of a deleted user")

    def exceptions(self):
        """Each exception of boto3's page is a class of the client, found by its code."""
        for code in DEACTIVATE_EXCEPTIONS:
            known = getattr(self.iam.exceptions, f"{code}Exception", None)
            self.checks.that(known is not None, f"boto3 has no exception {code}Exception")
            self.checks.that(issubclass(known, botocore.exceptions.ClientError), f"{known!r} is not a ClientError")
            self.checks.that(self.iam.exceptions.from_code(code) is known, f"{code} doesn't lead to {known!r}")

    def deactivate(self, user, device):
        call = lambda **over: self.iam.deactivate_mfa_device(
            **{"UserName": user, "SerialNumber": device.serial_number, **over}
        )
        absent = lambda: call(UserName=f"{user}-absent")
        self.refused("NoSuchEntity", 404, absent, "deactivate_mfa_device for an absent user")
        absent = lambda: call(SerialNumber=f"{device.serial_number}-absent")
        self.refused("NoSuchEntity", 404, absent, "deactivate_mfa_device of an absent device")
        self.listed(user, device, True, "after refused deactivations")
        self.nothing(call(), "deactivate_mfa_device")
        self.listed(user, device, False, "after deactivating")
        self.refused("NoSuchEntity", 404, call, "deactivate_mfa_device again")

    def as_the_user(self, user, device):
        """Without a user name it is the caller whose device is deactivated."""
        what = "deactivate_mfa_device without a user name"
        key = self.iam.create_access_key(UserName=user)["AccessKey"]
        identity = {"UserName": user, "AccessKeyId": key["AccessKeyId"]}
        self.undo.callback(attempt, self.iam.delete_access_key, **identity)
        self.checks.equal((key["UserName"], key["Status"]), (user, "Active"), "create_access_key")
        listed = self.iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        self.checks.equal([one["AccessKeyId"] for one in listed], [key["AccessKeyId"]], "list_access_keys")

        credentials = {
            "aws_access_key_id": key["AccessKeyId"],
            "aws_secret_access_key": key["SecretAccessKey"],
        }
        caller = self.client(credentials)
        call = lambda: caller.deactivate_mfa_device(SerialNumber=device.serial_number)
        self.refused("NoSuchEntity", 404, call, f"{what}, nothing being enabled")
        self.enable(user, device)
        # AWS was recorded refusing this to a user with a device who signs with a long-term key.
        try:
            call()
        except botocore.exceptions.ClientError as error:
            self.checks.equal(error.response["Error"]["Code"], "AccessDenied", f"{what}, a device being enabled")
        else:
            raise Mismatch(f"{what}, a device being enabled: it succeeded")
        self.listed(user, device, True, f"after {what}")
        self.nothing(self.iam.deactivate_mfa_device(UserName=user, SerialNumber=device.serial_number), "deactivate")
        self.nothing(self.iam.delete_access_key(**identity), "delete_access_key")


class CliRefusal(Exception):
    """The AWS CLI ended with an error."""


class CliInvalidCode(CliRefusal):
    """With the one that an overlapping pair of codes may meet."""


class CliLife:
    """The life of a device, typed as AWS CLI commands."""

    margin = 6
    """A CLI call takes a second or two to start."""

    def __init__(self, checks, endpoint, undo):
        self.checks, self.endpoint, self.undo = checks, endpoint, undo
        beside = pathlib.Path(sys.executable).parent / "aws"
        self.aws = str(beside) if beside.exists() else shutil.which("aws")
        if self.aws is None:
            raise Mismatch("no AWS CLI: install awscli into the environment that runs this script")

    def run(self, *arguments):
        """One `aws iam` command: what it prints as JSON, or None if it prints nothing."""
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "AWS_ACCESS_KEY_ID": DUMMY["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": DUMMY["aws_secret_access_key"],
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
            "NO_PROXY": "*",
        }
        command = [self.aws, "--endpoint-url", self.endpoint, "--output", "json", "iam", *arguments]
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
        except subprocess.TimeoutExpired as error:
            raise CliRefusal(str(error)) from error
        if done.returncode != 0:
            invalid = "(InvalidAuthenticationCode)" in done.stderr
            raise (CliInvalidCode if invalid else CliRefusal)(done.stderr.strip())
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refused(self, code, operation, *arguments):
        self.call_refused(code, operation, lambda: self.run(*arguments), f"aws iam {arguments[0]}")

    def call_refused(self, code, operation, call, what):
        try:
            call()
        except CliRefusal as refusal:
            expected = f"({code}) when calling the {operation} operation"
            self.checks.that(expected in str(refusal), f"{what}: expected {code}, got {refusal}")
        else:
            raise Mismatch(f"{what}: expected {code}, but the command succeeded")

    def silent(self, *arguments):
        """The three operations answer nothing, so the CLI prints nothing."""
        self.checks.equal(self.run(*arguments), None, f"aws iam {arguments[0]}: the output")

    def device(self, name, directory):
        outfile = pathlib.Path(directory) / "seed"
        made = self.run(
            "create-virtual-mfa-device",
            *("--virtual-mfa-device-name", name),
            *("--outfile", str(outfile)),
            *("--bootstrap-method", "Base32StringSeed"),
        )
        serial_number = made["VirtualMFADevice"]["SerialNumber"]
        self.undo.callback(attempt, self.run, "delete-virtual-mfa-device", "--serial-number", serial_number)
        seed = outfile.read_bytes()
        try:
            return Device(serial_number, seed)
        except ValueError as error:
            raise Mismatch(f"the CLI's outfile holds {seed!r}, which is not base32 text: {error}") from error

    def listed(self, user, expected, what):
        shown = self.run("list-mfa-devices", "--user-name", user)["MFADevices"]
        self.checks.equal([one["SerialNumber"] for one in shown], expected, f"{what}: aws iam list-mfa-devices")

    def walk(self, user, directory):
        name = ("--user-name", user)
        made = self.run("create-user", *name)
        self.undo.callback(attempt, self.run, "delete-user", *name)
        self.checks.equal(made["User"]["UserName"], user, "aws iam create-user")
        device = self.device(f"{user}-phone", directory)
        serial = ("--serial-number", device.serial_number)
        codes = lambda pair: ("--authentication-code1", pair[0], "--authentication-code2", pair[1])
        call = lambda command: lambda *pair: self.silent(command, *name, *serial, *codes(pair))

        enable = ("enable-mfa-device", *name, *serial)
        self.refused("InvalidAuthenticationCode", "EnableMFADevice", *enable, *codes(device.wrong_pair()))
        self.listed(user, [], "after wrong codes")
        self.undo.callback(attempt, self.run, "deactivate-mfa-device", *name, *serial)
        with_codes(device, self.margin, CliInvalidCode, call("enable-mfa-device"))
        self.listed(user, [device.serial_number], "after enabling")
        again = lambda: with_codes(device, self.margin, CliInvalidCode, call("enable-mfa-device"))
        self.call_refused("EntityAlreadyExists", "EnableMFADevice", again, "aws iam enable-mfa-device again")
        with_codes(device, self.margin, CliInvalidCode, call("resync-mfa-device"))
        self.refused("DeleteConflict", "DeleteUser", "delete-user", *name)

        self.silent("deactivate-mfa-device", *name, *serial)
        self.listed(user, [], "after deactivating")
        self.refused("NoSuchEntity", "DeactivateMFADevice", "deactivate-mfa-device", *name, *serial)
        self.silent("delete-virtual-mfa-device", *serial)
        self.silent("delete-user", *name)
        self.refused("NoSuchEntity", "GetUser", "get-user", *name)


def attempt(call, *arguments, **named):
    """Cleaning up: what is gone already, or never came to be, is not a concern."""
    with contextlib.suppress(botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, CliRefusal):
        call(*arguments, **named)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoint-url", required=True, help="where the service listens, as a URL")
    endpoint = parser.parse_args().endpoint_url

    # boto3 reads these when it makes a client: nothing of the machine's own configuration takes part.
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[variable]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull

    checks = Checks()
    run = f"sdk-{secrets.token_hex(4)}"
    try:
        with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as undo:
            Boto3Life(checks, endpoint, undo).walk(f"{run}-boto3")
            CliLife(checks, endpoint, undo).walk(f"{run}-cli", directory)
            undo.pop_all()
    except (Mismatch, CliRefusal, KeyError, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        print(f"mismatch after {checks.passed} checks: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(f"{checks.passed} checks passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
