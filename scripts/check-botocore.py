#!/usr/bin/env python3
"""Holds what the suite takes IAM's API for against botocore's own model of it, and against botocore's codec.

The suite's tables, its encoder and its parser could be wrong together with the reference service; botocore's are not
ours. Run it with a Python that has `botocore`, and give it what the program prints:

    mfa-conformance protocol | python3 scripts/check-botocore.py

Compared are, for each operation that the suite knows: its parameters with their limits, the codes and statuses of its
errors, the members of its result, a request as either of the two writes it, and replies as either reads them. Every
difference fails but those in DIFFERENCES, and so does an entry there that is none any more.
"""

import base64
import datetime
import json
import re
import sys
import urllib.parse

import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize

DIFFERENCES = {
    "CreateVirtualMFADevice.VirtualMFADeviceName: the greatest length": (
        "the model gives none; the service takes what fits into an ARN of 256 characters"
    ),
    "AccessKey.Status": "the service sends it, since SDKs require it; the suite asks for no status",
    "AccessKeyMetadata.Status": "as with AccessKey.Status",
}
"""What is known to differ, and why."""

COMMON = {"Marker", "MaxItems", "AssignmentStatus", "AccessKeyId"}
"""Parameters that the suite sends and whose values it doesn't constrain."""


class Comparison:
    """Counts what agrees, and gathers what doesn't."""

    def __init__(self):
        self.agreed = 0
        self.differing = {}

    def equal(self, what, ours, theirs):
        if ours == theirs:
            self.agreed += 1
        else:
            self.differing.setdefault(what, f"ours {ours!r}, botocore's {theirs!r}")

    def report(self):
        wrong = [f"{what}: {how}" for what, how in self.differing.items() if what not in DIFFERENCES]
        gone = [what for what in DIFFERENCES if what not in self.differing]
        wrong += [f"{what}: listed as a difference, and there is none" for what in gone]
        for line in wrong:
            print(line, file=sys.stderr)
        print(f"{self.agreed} comparisons agree, {len(self.differing)} differ, {len(wrong)} of them unexpectedly")
        return 1 if wrong or not self.agreed else 0


def limits(compare, name, parameters, operation):
    """The parameters: names, types, which are required, lengths, characters."""
    members = operation.input_shape.members if operation.input_shape else {}
    required = operation.input_shape.required_members if operation.input_shape else []
    for parameter, ours in parameters.items():
        what = f"{name}.{parameter}"
        shape = members.get(parameter)
        compare.equal(f"{what}: whether there is one", True, shape is not None)
        if shape is None:
            continue
        model = shape.metadata
        compare.equal(f"{what}: the type", "string", shape.type_name)
        compare.equal(f"{what}: whether it is required", ours["required"], parameter in required)
        compare.equal(f"{what}: the least length", ours["min"], model.get("min", 0))
        compare.equal(f"{what}: the greatest length", ours["max"], model.get("max"))
        pattern = re.compile(model["pattern"], re.ASCII) if "pattern" in model else None
        matching = [chr(code) for code in range(128) if pattern is None or pattern.fullmatch(chr(code))]
        compare.equal(f"{what}: the characters of ASCII", ours["characters"], "".join(matching))


def errors(compare, name, codes, ours, operation):
    """The errors that the operation declares, by code and status, and whose fault they are."""
    declared = {shape.error_code: shape.metadata["error"] for shape in operation.error_shapes}
    for code, error in declared.items():
        compare.equal(f"{name}: the status of {code}", codes.get(code), error["httpStatusCode"])
        at_fault = error.get("senderFault", False)
        compare.equal(f"{name}: whether the sender is at fault for {code}", codes.get(code, 500) < 500, at_fault)
    if ours is not None:
        compare.equal(f"{name}: the codes of its page", sorted(ours), sorted(declared))


def members(shape):
    """The members of a shape, as the program prints them."""
    if shape.type_name == "structure":
        return {name: members(member) for name, member in shape.members.items()}
    if shape.type_name == "list":
        return [members(shape.member)]
    return None


def result(compare, name, ours, operation):
    shape = operation.output_shape
    compare.equal(f"{name}: the members of the result", ours, members(shape) if shape else None)
    wrapper = shape.serialization.get("resultWrapper") if shape else None
    compare.equal(f"{name}: the result's element", f"{name}Result" if ours is not None else None, wrapper)


def request(compare, name, sample, operation):
    """Both write the same parameters, whatever the style."""
    shape = operation.input_shape
    as_typed = lambda key, value: int(value) if shape.members[key].type_name == "integer" else value
    unknown = [key for key, _ in sample["parameters"] if shape is None or key not in shape.members]
    compare.equal(f"{name}: parameters that botocore doesn't know", [], unknown)
    if unknown:
        return
    arguments = {key: as_typed(key, value) for key, value in sample["parameters"]}
    # The values are odd on purpose: only names and types are checked here.
    serializer = botocore.serialize.create_serializer("query", include_validation=False)
    written = serializer.serialize_to_request(arguments, operation)
    expected = sorted((key, str(value)) for key, value in written["body"].items())
    path, _, query = sample["get"].partition("?")
    compare.equal(f"{name}: the path", path, written["url_path"])
    for style, text in (("post", sample["post"]), ("post_plus", sample["post_plus"]), ("get", query)):
        decoded = urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict")
        compare.equal(f"{name}: the request, {style}", sorted(decoded), expected)


def plain(value):
    """A parsed value as the program prints it."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(member) for member in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def without_status(compare, value):
    """Takes an access key's `Status` out of what botocore has parsed, and notes that it was there."""
    keys = value.get("AccessKeyMetadata", []) + ([value["AccessKey"]] if "AccessKey" in value else [])
    for key in keys:
        shape = "AccessKey" if "AccessKey" in value else "AccessKeyMetadata"
        compare.equal(f"{shape}.Status", None, key.pop("Status", None))
    return value


def parse(sample, operation):
    reply = {
        "status_code": sample["status"],
        "headers": {"content-type": sample["content_type"], "x-amzn-requestid": sample["request_id"]},
        "body": sample["body"].encode(),
    }
    return botocore.parsers.create_parser("query").parse(reply, operation.output_shape)


def replies(compare, name, described, operation):
    """Both read the same in a reply."""
    for number, sample in enumerate(described["successes"], 1):
        what = f"{name}: success {number}"
        parsed = parse(sample, operation)
        metadata = parsed.pop("ResponseMetadata", {})
        compare.equal(f"{what}: RequestId", sample["request_id"], metadata.get("RequestId"))
        compare.equal(f"{what}: the status", sample["status"], metadata.get("HTTPStatusCode"))
        compare.equal(what, sample["read"], without_status(compare, plain(parsed)))
    for sample in described["refusals"]:
        what = f"{name}: {sample['read']['Code']}"
        parsed = parse(sample, operation)
        compare.equal(f"{what}: RequestId", sample["request_id"], parsed["ResponseMetadata"].get("RequestId"))
        compare.equal(f"{what}: the status", sample["status"], parsed["ResponseMetadata"].get("HTTPStatusCode"))
        told = {key: parsed["Error"].get(key) for key in ("Code", "Message", "Type")}
        compare.equal(what, sample["read"], told)


def main():
    if sys.stdin.isatty():
        print(__doc__, file=sys.stderr)
        return 2
    ours = json.load(sys.stdin)
    raw = botocore.loaders.Loader().load_service_model("iam", "service-2", api_version=ours["version"])
    model = botocore.model.ServiceModel(raw, "iam")
    compare = Comparison()
    compare.equal("the version", ours["version"], model.api_version)
    compare.equal("the namespace", ours["namespace"], model.metadata["xmlNamespace"])
    compare.equal("the protocol", "query", model.metadata["protocol"])
    unknown = sorted(set(ours["operations"]) - set(model.operation_names))
    compare.equal("operations that botocore doesn't know", [], unknown)
    for name, described in ours["operations"].items():
        if name in unknown:
            continue
        operation = model.operation_model(name)
        limits(compare, name, described["parameters"], operation)
        sent = {key for key, _ in described["request"]["parameters"]}
        compare.equal(f"{name}: parameters without limits", sent - COMMON, set(described["parameters"]))
        required = set(operation.input_shape.required_members) if operation.input_shape else set()
        compare.equal(f"{name}: required parameters that are never sent", set(), required - sent)
        errors(compare, name, ours["codes"], described["errors"], operation)
        result(compare, name, described["result"], operation)
        request(compare, name, described["request"], operation)
        replies(compare, name, described, operation)
    return compare.report()


if __name__ == "__main__":
    sys.exit(main())
