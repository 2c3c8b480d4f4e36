#!/usr/bin/env python3
"""A small IAM server for multi-factor devices, with seeded faults and permitted variants.

The author wrote it from the public documents and from recorded answers of AWS alone, and did not read the conformance
tool. It therefore shares no blind spot with the tool's own seeded faults.

`Service` is the correct server. Its methods are the hooks. A fault or a variant is one row of a table: a name, a
sentence, for faults the sentence of the documents that it breaks, and a subclass that overrides one or two hooks.

    independent-server.py --port 0
    independent-server.py --port 0 --fault third-device-evicts-first
    independent-server.py --port 0 --variant chunked-replies
    independent-server.py --list faults
"""

import argparse
import base64
import binascii
import functools
import hmac
import http.server
import random
import re
import secrets
import string
import struct
import threading
import time
import unicodedata
import urllib.parse
import uuid
import zlib
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import escape

NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
VERSION = "2010-05-08"
DEVICE_QUOTA = 8
KEY_QUOTA = 2
ENABLE, RESYNC, DEACTIVATE = "EnableMFADevice", "ResyncMFADevice", "DeactivateMFADevice"
MFA_ACTIONS = (ENABLE, RESYNC, DEACTIVATE)


# --- What the service stores ----------------------------------------------------------------------------------------


@dataclass(eq=False)
class User:
    """An IAM user. Devices and keys point at this object, so a rename changes nothing for them."""

    name: str
    path: str
    user_id: str
    tags: list
    created: float = field(default_factory=time.time)


@dataclass(eq=False)
class Device:
    """A virtual device. `drift` and `newest` describe its own clock; a new device under an old name starts afresh."""

    serial: str
    seed: bytes
    user: User | None = None
    enabled: float = 0.0
    drift: int = 0
    newest: int = -1


@dataclass(eq=False)
class AccessKey:
    """A long-term key. It names its user, whatever the user is called later."""

    key_id: str
    user: User
    created: float = field(default_factory=time.time)


@dataclass
class Call:
    """One request: its parameters (the first of equal names wins) and the caller, None for an administrator's role."""

    action: str
    params: dict
    method: str
    key_id: str | None
    caller: User | None = None

    def __getitem__(self, name):
        return self.params[name]


@dataclass
class Reply:
    """What goes back to the client."""

    status: int
    body: bytes
    request_id: str


class Refusal(Exception):
    """An error answer. The service raises it at the check that fails, so that nothing after the check happens."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def invalid(message):
    """A broken constraint of a parameter."""
    return Refusal(400, "ValidationError", message)


def unknown_user(name):
    """AWS's answer when no user has this name."""
    return Refusal(404, "NoSuchEntity", f"The user with name {name} cannot be found.")


def device_in_use():
    """AWS's answer when another user has the device."""
    return Refusal(409, "EntityAlreadyExists", "MFA Device is already in use.")


def too_many_devices(quota):
    """The answer when a user has as many devices as he may have."""
    return Refusal(409, "LimitExceeded", f"Cannot exceed quota for MFADevicesPerUser: {quota}")


# --- Parameters -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Member:
    """A parameter with its documented limits. Lengths count code points."""

    name: str
    shortest: int
    longest: int | None
    pattern: str
    words: str = ""
    required: bool = False

    def violations(self, value):
        """What is wrong with the value, in AWS's words."""
        start = f"Value at '{self.name[0].lower()}{self.name[1:]}' failed to satisfy constraint: "
        if value is None:
            return [start + "Member must not be null"] if self.required else []
        found = []
        if len(value) < self.shortest:
            found.append(start + f"Member must have length greater than or equal to {self.shortest}")
        if self.longest is not None and len(value) > self.longest:
            found.append(start + f"Member must have length less than or equal to {self.longest}")
        if value and not re.fullmatch(self.pattern, value, re.ASCII):
            words = self.words or f"Member must satisfy regular expression pattern: {self.pattern}"
            found.append(start + words if words.startswith("Member") else words)
        return found


NAME = r"[\w+=,.@-]+"
PATH = r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)"
NAME_WORDS = "The specified value for {} is invalid. It must contain only alphanumeric characters and/or +=,.@_-"
PATH_WORDS = (
    "The specified value for {} is invalid. "
    "It must begin and end with / and contain only alphanumeric characters and/or / characters."
)
USER = Member("UserName", 1, 128, NAME, NAME_WORDS.format("userName"))
NEEDED_USER = replace(USER, required=True)
NEW_USER = replace(NEEDED_USER, longest=64)
SERIAL = Member("SerialNumber", 9, 256, r"[\w+=/:,.@-]+", "", True)
CODES = [Member(f"AuthenticationCode{number}", 6, 6, r"[\d]+", "", True) for number in (1, 2)]
NEW_PATH = Member("Path", 1, 512, PATH, PATH_WORDS.format("path"))
MARKER = Member("Marker", 1, 320, r"[\u0020-\u00FF]+")
LATER_USER = (
    Member("NewUserName", 1, 64, NAME, NAME_WORDS.format("newUserName")),
    Member("NewPath", 1, 512, PATH, PATH_WORDS.format("newPath")),
)
DEVICE_NAME = Member("VirtualMFADeviceName", 1, None, NAME, NAME_WORDS.format("virtualMFADeviceName"), True)
STATUS = Member("AssignmentStatus", 0, None, "Assigned|Unassigned|Any", "Member must satisfy enum value set")
KEY_ID = Member("AccessKeyId", 16, 128, r"[\w]+", "", True)
PATH_PREFIX = Member("PathPrefix", 1, 512, r"\u002F[\u0021-\u007F]*")

# Action: (the method that serves it, its parameters).
OPERATIONS = {
    "CreateUser": ("create_user", (NEW_PATH, NEW_USER)),
    "GetUser": ("get_user", (USER,)),
    "UpdateUser": ("update_user", (NEEDED_USER, *LATER_USER)),
    "DeleteUser": ("delete_user", (NEEDED_USER,)),
    "ListUsers": ("list_users", (PATH_PREFIX, MARKER)),
    "CreateVirtualMFADevice": ("create_device", (NEW_PATH, DEVICE_NAME)),
    "DeleteVirtualMFADevice": ("delete_device", (SERIAL,)),
    "ListVirtualMFADevices": ("list_virtual_devices", (STATUS, MARKER)),
    "ListMFADevices": ("list_devices", (USER, MARKER)),
    "CreateAccessKey": ("create_access_key", (USER,)),
    "DeleteAccessKey": ("delete_access_key", (USER, KEY_ID)),
    "ListAccessKeys": ("list_access_keys", (USER, MARKER)),
    ENABLE: ("enable", (NEEDED_USER, SERIAL, *CODES)),
    RESYNC: ("resync", (NEEDED_USER, SERIAL, *CODES)),
    DEACTIVATE: ("deactivate", (USER, SERIAL)),
}


# --- Small tools ----------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=1 << 17)
def totp(seed, step):
    """The six digits of RFC 6238 (SHA-1) for one step of 30 seconds. The cache keeps a search of 2,000 steps cheap."""
    digest = hmac.digest(seed, struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 15
    return f"{(struct.unpack_from('>I', digest, offset)[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def current_step():
    """The step of the wall clock."""
    return int(time.time()) // 30


def timestamp(seconds):
    """A date as AWS writes it, with whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def picture(text):
    """A real PNG of 32 by 32 black and white points that depend on the text. No client reads it as a QR code."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = hmac.digest(b"picture", text.encode(), "sha256")
    points = b"".join(b"\0" + row[i : i + 4] for i in range(0, 29)) + (b"\0" + row[:4]) * 3
    header = struct.pack(">IIBBBBB", 32, 32, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(points)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def random_id(prefix):
    """An id in the form of AWS: four letters and sixteen letters or digits."""
    return prefix + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16))


def element(name, value):
    """XML of a value: a dictionary nests, a list has members, None is left out."""
    if value is None:
        return ""
    if isinstance(value, dict):
        inner = "".join(element(key, part) for key, part in value.items())
    elif isinstance(value, list):
        inner = "".join(element("member", part) for part in value)
    else:
        inner = escape(re.sub(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]", "?", value))
    return f"<{name}>{inner}</{name}>"


# --- The correct server ---------------------------------------------------------------------------------------------


class Service:
    """The documented service. One lock makes every call atomic. Each method is a hook for faults and variants."""

    account = "123456789012"
    window = sorted(range(-998, 1001), key=abs)
    idle_seconds = None
    device_quota = DEVICE_QUOTA
    seed_bytes = 40

    def __init__(self):
        self.lock = threading.Lock()
        self.users = {}
        self.devices = {}
        self.keys = {}
        self.deleted_keys = set()
        self.deleted_names = set()

    # Admission, dispatch and form of the replies.

    def read_parameters(self, texts):
        """The parameters of the query string and of the body. The first of equal names wins."""
        params = {}
        for text in texts:
            for name, value in urllib.parse.parse_qsl(text, keep_blank_values=True):
                params.setdefault(name, value)
        return params

    def handle(self, call):
        """Serve one call and render its answer."""
        with self.lock:
            try:
                self.admit(call)
                method, members = OPERATIONS[call.action]
                self.check_constraints(call, members)
                result = getattr(self, method)(call)
            except Refusal as refusal:
                return self.render_error(call, refusal)
            return self.render_success(call, result)

    def admit(self, call):
        """Find the operation and the caller."""
        if not call.action:
            raise Refusal(400, "MissingAction", "The request must contain the parameter Action.")
        version = call.params.get("Version", "NO_VERSION_SPECIFIED")
        if call.action not in OPERATIONS or version != VERSION:
            raise Refusal(400, "InvalidAction", f"Could not find operation {call.action} for version {version}")
        if call.key_id is None:
            raise Refusal(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        if call.key_id in self.deleted_keys:
            raise Refusal(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
        if call.key_id in self.keys:
            call.caller = self.keys[call.key_id].user

    def check_constraints(self, call, members):
        """Refuse broken constraints, all of them in one message."""
        found = [words for member in members for words in member.violations(call.params.get(member.name))]
        constraints = [words for words in found if words.startswith("Value at")]
        if constraints:
            plural = "s" if len(constraints) > 1 else ""
            raise invalid(f"{len(constraints)} validation error{plural} detected: {'; '.join(constraints)}")
        if found:
            raise invalid(found[0])

    def new_request_id(self):
        """A fresh id for each answer."""
        return str(uuid.uuid4())

    def serialize(self, root, content):
        """The whole XML document."""
        return f'<{root} xmlns="{NAMESPACE}">{content}</{root}>'.encode()

    def render_success(self, call, result):
        """The result element first, if the operation has one, then the metadata."""
        request_id = self.new_request_id()
        content = element(f"{call.action}Result", result)
        content += element("ResponseMetadata", {"RequestId": request_id})
        return Reply(200, self.serialize(f"{call.action}Response", content), request_id)

    def render_error(self, call, refusal):
        """An error answer. `call` serves overriding hooks that change only some operations."""
        request_id = self.new_request_id()
        kind = "Receiver" if refusal.status >= 500 else "Sender"
        content = element("Error", {"Type": kind, "Code": refusal.code, "Message": refusal.message})
        content += element("RequestId", request_id)
        return Reply(refusal.status, self.serialize("ErrorResponse", content), request_id)

    def transmit(self, connection, reply):
        """Write the reply to the client."""
        connection.begin(reply)
        connection.send_header("Content-Length", str(len(reply.body)))
        connection.end_headers()
        connection.wfile.write(reply.body)

    # Who and what a request names.

    def find_user(self, call):
        """The user that UserName names."""
        user = self.users.get(call["UserName"].lower())
        if user is None or user.name != call["UserName"]:
            raise unknown_user(call["UserName"])
        return user

    def default_user(self, call):
        """The user who signs the request, for a request without UserName."""
        if call.caller is None:
            raise invalid("Must specify userName when calling with non-User credentials")
        return call.caller

    def target_user(self, call):
        """The named user or the caller."""
        return self.find_user(call) if "UserName" in call.params else self.default_user(call)

    def find_device(self, call):
        """The device that SerialNumber names."""
        serial = call["SerialNumber"]
        if serial not in self.devices:
            raise Refusal(404, "NoSuchEntity", f"MFA Device with serial number {serial} does not exist.")
        return self.devices[serial]

    def devices_of(self, user):
        """The user's devices, the one that was enabled first at the front."""
        return sorted((d for d in self.devices.values() if d.user is user), key=lambda d: d.enabled)

    def owns(self, call, user, device):
        """Whether the device is this user's. `call` serves overriding hooks that change only some operations."""
        return device.user is user

    # Codes.

    def seed(self, device):
        """The seed that decides about codes."""
        return device.seed

    def code(self, device, step):
        """The device's code of a step."""
        return totp(self.seed(device), step)

    def pair_matches(self, call, device, step):
        """Whether the request's codes are the codes of the step before `step` and of `step`."""
        if call["AuthenticationCode2"] != self.code(device, step):
            return False
        return call["AuthenticationCode1"] == self.code(device, step - 1)

    def is_unused(self, device, step):
        """Whether the step is newer than every step of the pairs that the device spent."""
        return step > device.newest

    def drift(self, device):
        """Steps between the wall clock and the device's own clock."""
        return device.drift

    def accepted_step(self, call, device):
        """The second step of the pair, or a refusal. AWS searches 999 steps on both sides of the device's clock."""
        centre = current_step() + self.drift(device)
        for offset in self.window:
            if self.is_unused(device, centre + offset - 1) and self.pair_matches(call, device, centre + offset):
                return centre + offset
        return self.refuse_codes(call, device)

    def refuse_codes(self, call, device):
        """Refuse wrong codes. The arguments serve overriding hooks."""
        raise Refusal(403, "InvalidAuthenticationCode", "Authentication code for device is not valid.")

    # Effects on devices.

    def attach(self, call, device, user):
        """Associate the device. `call` serves overriding hooks."""
        device.user, device.enabled = user, time.time()

    def detach(self, device):
        """End the association."""
        device.user = None

    def synchronize(self, device, step):
        """Follow the device's clock, and spend the pair."""
        device.drift, device.newest = step - current_step(), step

    # The three operations of this project. Their order of checks is the one recorded of AWS.

    def check_free(self, device, user):
        """Refuse a device that somebody uses."""
        if device.user is user:
            raise Refusal(409, "EntityAlreadyExists", f"MFA Device for user {user.name} already exists.")
        if device.user is not None:
            raise device_in_use()

    def check_owner(self, call, user, device):
        """Refuse a device of nobody or of another user."""
        if not self.owns(call, user, device):
            raise Refusal(404, "NoSuchEntity", "MFA Device invalid for user.")

    def enable(self, call):
        user = self.find_user(call)
        device = self.find_device(call)
        self.check_free(device, user)
        if len(self.devices_of(user)) >= self.device_quota:
            raise too_many_devices(self.device_quota)
        self.synchronize(device, self.accepted_step(call, device))
        self.attach(call, device, user)

    def resync(self, call):
        user = self.find_user(call)
        device = self.find_device(call)
        self.check_owner(call, user, device)
        self.synchronize(device, self.accepted_step(call, device))

    def deactivate(self, call):
        user = self.target_user(call)
        device = self.find_device(call)
        self.check_owner(call, user, device)
        self.detach(device)

    # Virtual devices.

    def create_device(self, call):
        """CreateVirtualMFADevice. The seed is shown here and nowhere else."""
        path, name = call.params.get("Path", "/"), call["VirtualMFADeviceName"]
        serial = f"arn:aws:iam::{self.account}:mfa{path}{name}"
        if serial in self.devices:
            raise Refusal(409, "EntityAlreadyExists", "MFA device already exists.")
        device = self.devices[serial] = Device(serial, secrets.token_bytes(self.seed_bytes))
        text = base64.b32encode(device.seed)
        link = f"otpauth://totp/{urllib.parse.quote(name)}?secret={text.decode()}"
        blobs = {"Base32StringSeed": text, "QRCodePNG": picture(link)}
        row = {name: base64.b64encode(blob).decode() for name, blob in blobs.items()}
        return {"VirtualMFADevice": {"SerialNumber": serial, **row, "Tags": self.tags(call) or None}}

    def delete_device(self, call):
        device = self.find_device(call)
        if device.user is not None:
            raise Refusal(409, "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.")
        del self.devices[device.serial]

    # Users and keys.

    def tags(self, call):
        """Tags.member.N.Key and .Value, in the order of N."""
        numbers = sorted({int(m[1]) for name in call.params if (m := re.fullmatch(r"Tags\.member\.(\d+)\.Key", name))})
        pairs = ((call[f"Tags.member.{n}.Key"], call.params.get(f"Tags.member.{n}.Value", "")) for n in numbers)
        return [{"Key": key, "Value": value} for key, value in pairs]

    def user_row(self, user):
        """A user as the lists show it, without tags."""
        return {
            "Path": user.path,
            "UserName": user.name,
            "UserId": user.user_id,
            "Arn": f"arn:aws:iam::{self.account}:user{user.path}{user.name}",
            "CreateDate": timestamp(user.created),
        }

    def check_name_free(self, name, holder=None):
        """Refuse a name that another user has, in whatever case."""
        if self.users.get(name.lower(), holder) is not holder:
            raise Refusal(409, "EntityAlreadyExists", f"User with name {name} already exists.")

    def create_user(self, call):
        self.check_name_free(call["UserName"])
        user = User(call["UserName"], call.params.get("Path", "/"), random_id("AIDA"), self.tags(call))
        self.users[user.name.lower()] = user
        return self.get_user(call)

    def get_user(self, call):
        user = self.target_user(call)
        return {"User": {**self.user_row(user), "Tags": user.tags or None}}

    def update_user(self, call):
        """UpdateUser: a rename or a new path."""
        user = self.find_user(call)
        name = call.params.get("NewUserName", user.name)
        self.check_name_free(name, user)
        del self.users[user.name.lower()]
        user.name, user.path = name, call.params.get("NewPath", user.path)
        self.users[name.lower()] = user

    def check_no_devices(self, user):
        """Refuse to delete a user who still has a device."""
        if self.devices_of(user):
            raise Refusal(409, "DeleteConflict", "Cannot delete entity, must remove tokens from principal first.")

    def delete_user(self, call):
        user = self.find_user(call)
        self.check_no_devices(user)
        if any(key.user is user for key in self.keys.values()):
            raise Refusal(409, "DeleteConflict", "Cannot delete entity, must delete access keys first.")
        del self.users[user.name.lower()]
        self.deleted_names.add(user.name)

    def key_row(self, key):
        """A key as the list shows it, without its secret."""
        row = {"UserName": key.user.name, "AccessKeyId": key.key_id, "Status": "Active"}
        return {**row, "CreateDate": timestamp(key.created)}

    def create_access_key(self, call):
        user = self.target_user(call)
        if sum(key.user is user for key in self.keys.values()) >= KEY_QUOTA:
            raise Refusal(409, "LimitExceeded", f"Cannot exceed quota for AccessKeysPerUser: {KEY_QUOTA}")
        key = AccessKey(random_id("AKIA"), user)
        self.keys[key.key_id] = key
        return {"AccessKey": {**self.key_row(key), "SecretAccessKey": secrets.token_urlsafe(30)}}

    def delete_access_key(self, call):
        user = self.target_user(call)
        key = self.keys.get(call["AccessKeyId"])
        if key is None or key.user is not user:
            raise Refusal(404, "NoSuchEntity", f"The Access Key with id {call['AccessKeyId']} cannot be found.")
        del self.keys[key.key_id]
        self.deleted_keys.add(key.key_id)

    # Lists.

    def association(self, device):
        """The user and the time of enabling that the lists show."""
        return device.user, device.enabled

    def device_row(self, user, device):
        """A device as ListMFADevices shows it."""
        enabled = timestamp(self.association(device)[1])
        return {"UserName": user.name, "SerialNumber": device.serial, "EnableDate": enabled}

    def listed_for(self, user):
        """The devices that ListMFADevices shows for a user."""
        return [device for device in self.devices.values() if self.association(device)[0] is user]

    def page_size(self, call):
        """How many items this page may have."""
        text = call.params.get("MaxItems", "100")
        if not re.fullmatch(r"[+-]?[0-9]{1,20}", text) or abs(int(text)) >= 2**31:
            raise Refusal(400, "MalformedInput", "MaxItems is not a number.")
        if not 1 <= int(text) <= 1000:
            rule = "greater than or equal to 1" if int(text) < 1 else "less than or equal to 1000"
            words = f"Value at 'maxItems' failed to satisfy constraint: Member must have value {rule}"
            raise invalid(f"1 validation error detected: {words}")
        return int(text)

    def page(self, call, name, rows, key):
        """One page of rows in the order of `key`. The marker holds the key of the last row."""
        size = self.page_size(call)
        rows = sorted(rows, key=lambda row: row[key])
        if "Marker" in call.params:
            try:
                last = base64.urlsafe_b64decode(call["Marker"].encode()).decode()
            except (binascii.Error, ValueError):
                raise invalid("Invalid Marker.") from None
            if not last.startswith("after "):
                raise invalid("Invalid Marker.")
            rows = [row for row in rows if row[key] > last.removeprefix("after ")]
        more = len(rows) > size
        marker = base64.urlsafe_b64encode(f"after {rows[size - 1][key]}".encode()).decode() if more else None
        return {"IsTruncated": "true" if more else "false", name: rows[:size], "Marker": marker}

    def list_users(self, call):
        prefix = call.params.get("PathPrefix", "/")
        rows = [self.user_row(user) for user in self.users.values() if user.path.startswith(prefix)]
        return self.page(call, "Users", rows, "UserName")

    def list_devices(self, call):
        user = self.target_user(call)
        rows = [self.device_row(user, device) for device in self.listed_for(user)]
        return self.page(call, "MFADevices", rows, "SerialNumber")

    def list_virtual_devices(self, call):
        """ListVirtualMFADevices. It never repeats a seed."""
        status = call.params.get("AssignmentStatus", "Any")
        rows = []
        for device in self.devices.values():
            user, enabled = self.association(device)
            if user is not None and status != "Unassigned":
                row = {"EnableDate": timestamp(enabled), "User": self.user_row(user)}
                rows.append({"SerialNumber": device.serial, **row})
            elif user is None and status != "Assigned":
                rows.append({"SerialNumber": device.serial})
        return self.page(call, "VirtualMFADevices", rows, "SerialNumber")

    def list_access_keys(self, call):
        user = self.target_user(call)
        rows = [self.key_row(key) for key in self.keys.values() if key.user is user]
        return self.page(call, "AccessKeyMetadata", rows, "AccessKeyId")


# --- HTTP -----------------------------------------------------------------------------------------------------------


def credential(headers, params):
    """The access key id that signs the request, from the header or from a presigned request."""
    found = re.search(r"Credential=([^/,\s]+)", headers.get("Authorization", ""))
    if found:
        return found[1]
    return params.get("X-Amz-Credential", "").partition("/")[0] or params.get("AWSAccessKeyId")


class Connection(http.server.BaseHTTPRequestHandler):
    """One connection of a client, HTTP/1.1 with keep-alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    service: Service

    def setup(self):
        """Apply the service's limit for idle connections."""
        self.timeout = self.service.idle_seconds
        super().setup()

    def serve(self):
        """Read one request and answer it. The parameters come from the query string and from the body."""
        query = urllib.parse.urlsplit(self.path).query
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        params = self.service.read_parameters((query, body))
        key_id = credential(self.headers, params)
        call = Call(params.get("Action", ""), params, self.command, key_id)
        self.service.transmit(self, self.service.handle(call))

    do_GET = do_POST = serve

    def begin(self, reply):
        """The head of the reply, without its end."""
        self.send_response(reply.status)
        self.send_header("x-amzn-RequestId", reply.request_id)
        self.send_header("Content-Type", "text/xml")

    def log_message(self, *_):
        """Keep standard error quiet."""


class Listener(http.server.ThreadingHTTPServer):
    """A listener with room for many clients at once."""

    request_queue_size = 128
    daemon_threads = True


# --- Tables ---------------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """A row of the tables. `quote` and `document` say which sentence a fault breaks; variants break none."""

    name: str
    sentence: str
    service: type
    quote: str = ""
    document: str = ""


FAULTS: dict[str, Row] = {}
VARIANTS: dict[str, Row] = {}
GUIDE, SDK = "UserGuide_id_credentials_mfa_disable", "boto3_deactivate_mfa_device"
PROTOCOL = "the service model that boto3 reads"


def enter(table, service, *source):
    """Make a row of a class: its name with hyphens is the name, its documentation is the sentence."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", "-", service.__name__).lower()
    table[name] = Row(name, service.__doc__, service, *source)
    return service


def fault(document, quote):
    """Enter the class below into the table of faults. It breaks the quoted sentence of the document."""
    return lambda service: enter(FAULTS, service, quote, document)


def variant(service):
    """Enter the class below into the table of variants."""
    return enter(VARIANTS, service)


# --- Faults: codes --------------------------------------------------------------------------------------------------


@fault(RESYNC, "A subsequent authentication code emitted by the device.")
class ResyncReversedCodes(Service):
    """ResyncMFADevice also accepts the two codes in the wrong order."""

    def pair_matches(self, call, device, step):
        codes = {call["AuthenticationCode1"], call["AuthenticationCode2"]}
        swapped = call.action == RESYNC and codes == {self.code(device, step), self.code(device, step - 1)}
        return swapped or super().pair_matches(call, device, step)


@fault(ENABLE, "The format for this parameter is a string of six digits.")
class CodesLoseLeadingZeros(Service):
    """The service computes codes as numbers, so it refuses every right code that begins with a zero."""

    def code(self, device, step):
        return str(int(super().code(device, step)))


@fault(ENABLE, "The request was rejected because the authentication code was not recognized.")
class EnableIgnoresFirstDigit(Service):
    """EnableMFADevice compares only the last five digits of the second code."""

    def pair_matches(self, call, device, step):
        if call.action != ENABLE:
            return super().pair_matches(call, device, step)
        second = call["AuthenticationCode2"][1:] == self.code(device, step)[1:]
        return second and call["AuthenticationCode1"] == self.code(device, step - 1)


@fault(RESYNC, "An authentication code emitted by the device.")
class ResyncAcceptsSiblingCodes(Service):
    """ResyncMFADevice accepts the codes of any device of the user."""

    def pair_matches(self, call, device, step):
        devices = self.devices_of(device.user) if call.action == RESYNC else [device]
        return any(Service.pair_matches(self, call, one, step) for one in devices)


@fault(ENABLE, "The request was rejected because the authentication code was not recognized.")
class ReEnableSkipsCodes(Service):
    """EnableMFADevice accepts any six digits for a device that somebody enabled before."""

    def accepted_step(self, call, device):
        if call.action == ENABLE and device.enabled:
            return current_step()
        return super().accepted_step(call, device)


@fault(ENABLE, "The request was rejected because the authentication code was not recognized.")
class ThirdWrongTryPasses(Service):
    """The service accepts the third pair of wrong codes in a row for one device."""

    def synchronize(self, device, step):
        super().synchronize(device, step)
        device.tries = 0

    def refuse_codes(self, call, device):
        device.tries = getattr(device, "tries", 0) + 1
        return current_step() if device.tries == 3 else super().refuse_codes(call, device)


@fault(ENABLE, "An authentication code emitted by the device.")
class RecreatedDeviceKeepsOldSeed(Service):
    """After a deletion and a creation under one name, the service still checks codes with the first seed."""

    def __init__(self):
        super().__init__()
        self.first_seeds = {}

    def seed(self, device):
        return self.first_seeds[device.serial]

    def create_device(self, call):
        result = super().create_device(call)
        serial = result["VirtualMFADevice"]["SerialNumber"]
        self.first_seeds.setdefault(serial, self.devices[serial].seed)
        return result


# --- Faults: association --------------------------------------------------------------------------------------------


@fault(DEACTIVATE, "Deactivates the specified MFA device")
class DeactivateRemovesNewestDevice(Service):
    """DeactivateMFADevice removes the device that the user enabled last, not the named device."""

    def detach(self, device):
        super().detach(self.devices_of(device.user)[-1])


@fault(DEACTIVATE, "The serial number that uniquely identifies the MFA device.")
class SameNameOtherPath(Service):
    """DeactivateMFADevice ignores the path in a serial number and finds the oldest device of that name."""

    def find_device(self, call):
        if call.action == DEACTIVATE and call["SerialNumber"] in self.devices:
            name = call["SerialNumber"].rpartition("/")[2]
            return next(d for d in self.devices.values() if d.serial.rpartition("/")[2] == name)
        return super().find_device(call)


@fault(ENABLE, "Enables the specified MFA device and associates it with the specified IAM user.")
class ThirdDeviceEvictsFirst(Service):
    """When a user enables a third device, the first device silently loses its user."""

    def attach(self, call, device, user):
        super().attach(call, device, user)
        if len(self.devices_of(user)) == 3:
            self.detach(self.devices_of(user)[0])


@fault(ENABLE, "associates it with the specified IAM user")
class PunctuationAlikeUserNames(Service):
    """EnableMFADevice reads dots, hyphens and underscores in user names alike and uses the oldest such user."""

    def find_user(self, call):
        if call.action == ENABLE:
            fold = str.maketrans(".-_", "___")
            for user in self.users.values():
                if user.name.translate(fold) == call["UserName"].translate(fold):
                    return user
        return super().find_user(call)


@fault(RESYNC, "The name of the user whose MFA device you want to resynchronize.")
class OldNameResyncs(Service):
    """After a rename, a new user with the old name can resynchronize the device of the renamed user."""

    def attach(self, call, device, user):
        super().attach(call, device, user)
        device.name_then = user.name

    def owns(self, call, user, device):
        by_name = call.action == RESYNC and device.user is not None and device.name_then == user.name
        return by_name or super().owns(call, user, device)


@fault(ENABLE, "The request was rejected because it attempted to create a resource that already exists.")
class RefusedEnableAddsOwner(Service):
    """EnableMFADevice refuses a device in use, but ListMFADevices then shows the device for both users."""

    def check_free(self, device, user):
        if device.user not in (None, user):
            device.second_user = user
        super().check_free(device, user)

    def detach(self, device):
        super().detach(device)
        device.second_user = None

    def listed_for(self, user):
        extra = [d for d in self.devices.values() if getattr(d, "second_user", None) is user]
        return super().listed_for(user) + extra


# --- Faults: the caller and the default user ------------------------------------------------------------------------


@fault(DEACTIVATE, "If no user name is included, it defaults to the principal making the request.")
class DefaultUserIsOwner(Service):
    """DeactivateMFADevice without UserName deactivates the device for whoever owns it."""

    def default_user(self, call):
        device = self.devices.get(call["SerialNumber"]) if call.action == DEACTIVATE else None
        return device.user if device and device.user else super().default_user(call)


@fault(SDK, "If no user name is included, it defaults to the principal making the request.")
class DefaultUserByOldName(Service):
    """An access key keeps the user name of its creation, so a new user of that name becomes the default user."""

    def create_access_key(self, call):
        result = super().create_access_key(call)
        key = self.keys[result["AccessKey"]["AccessKeyId"]]
        key.name_then = key.user.name
        return result

    def default_user(self, call):
        user = super().default_user(call)
        return self.users.get(self.keys[call.key_id].name_then.lower(), user)


@fault(DEACTIVATE, "If no user name is included, it defaults to the principal making the request.")
class DefaultUserOfNewestKey(Service):
    """A request without UserName acts for the user with the newest access key, not for the user who signs."""

    def default_user(self, call):
        super().default_user(call)
        return next(reversed(self.keys.values())).user


@fault(DEACTIVATE, "The name of the user whose MFA device you want to deactivate.")
class GetIgnoresUserName(Service):
    """DeactivateMFADevice ignores UserName when the request is a GET, and uses the caller."""

    def admit(self, call):
        super().admit(call)
        if call.method == "GET" and call.action == DEACTIVATE:
            call.params.pop("UserName", None)


# --- Faults: lifecycle ----------------------------------------------------------------------------------------------


@fault(GUIDE, "you must deactivate or delete the user's MFA device")
class DeleteUserAfterAnyDeactivate(Service):
    """DeleteUser deletes a user who has a device, if the user's last change was another device's deactivation."""

    def attach(self, call, device, user):
        super().attach(call, device, user)
        user.cleared = False

    def detach(self, device):
        device.user.cleared = True
        super().detach(device)

    def check_no_devices(self, user):
        if not getattr(user, "cleared", False):
            super().check_no_devices(user)
        for device in self.devices_of(user):
            self.detach(device)


@fault(DEACTIVATE, "removes it from association with the user name for which it was originally enabled")
class MovedDeviceInUse(Service):
    """After DeactivateMFADevice, only the former user can enable the device; for others it stays in use."""

    def detach(self, device):
        device.former = device.user
        super().detach(device)

    def check_free(self, device, user):
        super().check_free(device, user)
        if getattr(device, "former", user) is not user:
            raise device_in_use()


@fault(ENABLE, "The request was rejected because it referenced a resource entity that does not exist.")
class RecreatedUserNotFound(Service):
    """EnableMFADevice does not find a user whose name belonged to a deleted user before."""

    def find_user(self, call):
        if call.action == ENABLE and call["UserName"] in self.deleted_names:
            raise unknown_user(call["UserName"])
        return super().find_user(call)


# --- Faults: errors and form ----------------------------------------------------------------------------------------


@fault(RESYNC, "The request was rejected because it referenced a resource entity that does not exist.")
class ResyncAbsentUserFails(Service):
    """ResyncMFADevice answers 500 ServiceFailure to every request that names an absent user."""

    def find_user(self, call):
        if call.action == RESYNC and call["UserName"].lower() not in self.users:
            raise Refusal(500, "ServiceFailure", "An unknown failure happened.")
        return super().find_user(call)


@fault(RESYNC, "HTTP Status Code: 403")
class RefusedResyncStatus200(Service):
    """ResyncMFADevice sends the error body for wrong codes with status 200, so that clients read a success."""

    def render_error(self, call, refusal):
        if call.action == RESYNC and refusal.code == "InvalidAuthenticationCode":
            refusal.status = 200
        return super().render_error(call, refusal)


@fault(PROTOCOL, "EnableDate is a required member of each item of MFADevices.")
class ReEnabledDeviceWithoutDate(Service):
    """ListMFADevices leaves EnableDate out after the second Enable of a device."""

    def attach(self, call, device, user):
        device.again = bool(device.enabled)
        super().attach(call, device, user)

    def device_row(self, user, device):
        row = super().device_row(user, device)
        return {**row, "EnableDate": None} if device.again else row


# --- Faults: constraints --------------------------------------------------------------------------------------------


@fault(ENABLE, "Length Constraints: Fixed length of 6.")
class EnableCutsCodesAtSix(Service):
    """EnableMFADevice ignores whatever follows the sixth digit of a code."""

    def admit(self, call):
        super().admit(call)
        for member in CODES:
            if call.action == ENABLE and member.name in call.params:
                call.params[member.name] = call[member.name][:6]


@fault(ENABLE, "Length Constraints: Minimum length of 9. Maximum length of 256.")
class EnableRefusesLongSerial(Service):
    """EnableMFADevice refuses serial numbers of more than 128 characters."""

    def find_device(self, call):
        words = replace(SERIAL, longest=128).violations(call["SerialNumber"])
        if call.action == ENABLE and words:
            raise invalid(f"1 validation error detected: {words[0]}")
        return super().find_device(call)


@fault(DEACTIVATE, "The name of the user whose MFA device you want to deactivate.")
class DeactivateCutsNamesAt64(Service):
    """DeactivateMFADevice ignores whatever follows the 64th character of a user name."""

    def admit(self, call):
        super().admit(call)
        if call.action == DEACTIVATE and "UserName" in call.params:
            call.params["UserName"] = call["UserName"][:64]


# --- Faults: effects of refused and failed calls --------------------------------------------------------------------


@fault(ENABLE, "The request was rejected because the authentication code was not recognized.")
class HalfRightCodesAttach(Service):
    """EnableMFADevice refuses a right first code with a wrong second one, yet it associates the device."""

    def refuse_codes(self, call, device):
        recent = [self.code(device, current_step() + offset) for offset in range(-2, 3)]
        if call.action == ENABLE and call["AuthenticationCode1"] in recent:
            self.attach(call, device, self.find_user(call))
        super().refuse_codes(call, device)


@fault(DEACTIVATE, "removes it from association with the user name for which it was originally enabled")
class RefusedDeactivateDetaches(Service):
    """DeactivateMFADevice with another user's name answers NoSuchEntity, yet it detaches the device."""

    def check_owner(self, call, user, device):
        if call.action == DEACTIVATE and device.user is not user:
            self.detach(device)
        super().check_owner(call, user, device)


@fault(ENABLE, "associates it with the specified IAM user")
class FailedEnableAttachesElsewhere(Service):
    """Every third successful EnableMFADevice turns into 500 ServiceFailure and gives the device to another user."""

    enabled_count = 0

    def attach(self, call, device, user):
        self.enabled_count += 1
        others = [other for other in self.users.values() if other is not user]
        if self.enabled_count % 3 or not others:
            return super().attach(call, device, user)
        super().attach(call, device, others[-1])
        raise Refusal(500, "ServiceFailure", "An unknown failure happened.")


@fault(ENABLE, "The request was rejected because the authentication code was not recognized.")
class UnavailableEnableAttaches(Service):
    """EnableMFADevice answers every second pair of wrong codes with 503 and associates the device."""

    refused_count = 0

    def refuse_codes(self, call, device):
        self.refused_count += call.action == ENABLE
        if call.action == ENABLE and self.refused_count % 2 == 0:
            self.attach(call, device, self.find_user(call))
            raise Refusal(503, "ServiceUnavailable", "The service is not available.")
        super().refuse_codes(call, device)


# --- Faults, second batch: codes ------------------------------------------------------------------------------------


@fault(ENABLE, "The request was rejected because the authentication code was not recognized.")
class SampleCodesPass(Service):
    """EnableMFADevice accepts the codes of the documents' sample request, 234567 and 987654, for every device."""

    def pair_matches(self, call, device, step):
        codes = (call["AuthenticationCode1"], call["AuthenticationCode2"])
        sample = call.action == ENABLE and codes == ("234567", "987654")
        return sample or super().pair_matches(call, device, step)


@fault(ENABLE, "A subsequent authentication code emitted by the device.")
class SecondDeviceTakesOneCodeTwice(Service):
    """EnableMFADevice accepts one code twice for a user who already has a device."""

    def pair_matches(self, call, device, step):
        codes = {call["AuthenticationCode1"], call["AuthenticationCode2"]}
        same = call.action == ENABLE and codes == {self.code(device, step)}
        return same and bool(self.devices_of(self.find_user(call))) or super().pair_matches(call, device, step)


@fault(ENABLE, "An authentication code emitted by the device.")
class RecreatedDeviceTakesOldCodes(Service):
    """After a deletion and a creation under one name, the codes of the old seed work beside those of the new one."""

    def __init__(self):
        super().__init__()
        self.seeds = {}

    def create_device(self, call):
        result = super().create_device(call)
        serial = result["VirtualMFADevice"]["SerialNumber"]
        self.seeds.setdefault(serial, []).append(self.devices[serial].seed)
        return result

    def pair_matches(self, call, device, step):
        alike = (replace(device, seed=seed) for seed in self.seeds[device.serial])
        return any(Service.pair_matches(self, call, one, step) for one in alike)


@fault(ENABLE, "Enables the specified MFA device and associates it with the specified IAM user.")
class SpentStepsShared(Service):
    """The steps that one device of a user spent are refused for the user's other devices, with their right codes."""

    def accepted_step(self, call, device):
        step, user = super().accepted_step(call, device), self.find_user(call)
        spent = getattr(user, "spent", {})
        if any(spent.get(one, device) is not device for one in (step - 1, step)):
            self.refuse_codes(call, device)
        user.spent = {**spent, step - 1: device, step: device}
        return step


# --- Faults, second batch: association ------------------------------------------------------------------------------


@fault(ENABLE, "associates it with the specified IAM user")
class MovedDeviceReturnsToFirstUser(Service):
    """EnableMFADevice of a device that another user had before gives the device back to the first user."""

    def attach(self, call, device, user):
        first = device.first = getattr(device, "first", user)
        super().attach(call, device, first if self.users.get(first.name.lower()) is first else user)


@fault(ENABLE, "The request was rejected because it attempted to create a resource that already exists.")
class RenamedOwnersDeviceIsFree(Service):
    """After a rename of its owner, EnableMFADevice gives an enabled device to any other user."""

    def attach(self, call, device, user):
        super().attach(call, device, user)
        device.name_then = user.name

    def check_free(self, device, user):
        if device.user is None or device.user.name == device.name_then:
            super().check_free(device, user)


@fault(DEACTIVATE, "removes it from association with the user name for which it was originally enabled")
class RecreatedUserInheritsDevice(Service):
    """A new user gets the deactivated devices that a former user of that name had."""

    def detach(self, device):
        device.last_name = device.user.name
        super().detach(device)

    def create_user(self, call):
        result = super().create_user(call)
        for device in self.devices.values():
            if device.user is None and getattr(device, "last_name", None) == call["UserName"]:
                self.attach(call, device, self.find_user(call))
        return result


@fault(ENABLE, "it attempted to create resources beyond the current AWS account limits")
class LimitCountsPastDevices(Service):
    """The limit of eight devices counts each device that a user ever enabled, not those that he has now."""

    def attach(self, call, device, user):
        super().attach(call, device, user)
        user.enabled_count = getattr(user, "enabled_count", 0) + 1

    def check_free(self, device, user):
        super().check_free(device, user)
        if getattr(user, "enabled_count", 0) >= self.device_quota:
            raise too_many_devices(self.device_quota)


@fault(ENABLE, "associates it with the specified IAM user")
class DeletedUserShiftsOwners(Service):
    """Devices keep their user's place in the table of users, so DeleteUser gives them to the next user."""

    def delete_user(self, call):
        before = list(self.users.values())
        super().delete_user(call)
        after = [*self.users.values(), None]
        for device in self.devices.values():
            if device.user is not None:
                device.user = after[before.index(device.user)]


# --- Faults, second batch: effects of refused calls -----------------------------------------------------------------


# CreateVirtualMFADevice's error EntityAlreadyExists rejects the request.
@fault(PROTOCOL, "The request was rejected because it attempted to create a resource that already exists.")
class RefusedCreationChangesSeed(Service):
    """CreateVirtualMFADevice refuses a name that is taken, yet it gives the existing device a new seed."""

    def create_device(self, call):
        try:
            return super().create_device(call)
        except Refusal:
            suffix = f":mfa{call.params.get('Path', '/')}{call['VirtualMFADeviceName']}"
            device = next(d for d in self.devices.values() if d.serial.endswith(suffix))
            device.seed = secrets.token_bytes(self.seed_bytes)
            raise


@fault(RESYNC, "The request was rejected because the authentication code was not recognized.")
class ThirdRefusedResyncDetaches(Service):
    """The third ResyncMFADevice with wrong codes in a row answers InvalidAuthenticationCode and detaches the device."""

    def synchronize(self, device, step):
        super().synchronize(device, step)
        device.tries = 0

    def refuse_codes(self, call, device):
        if call.action == RESYNC:
            device.tries = getattr(device, "tries", 0) + 1
            if device.tries == 3:
                self.detach(device)
        super().refuse_codes(call, device)


@fault(ENABLE, "rejected because it attempted to create resources beyond the current AWS account limits")
class RefusedNinthDeviceAttaches(Service):
    """EnableMFADevice answers LimitExceeded for a user's ninth device, yet it associates the device."""

    def enable(self, call):
        try:
            super().enable(call)
        except Refusal as refusal:
            if refusal.code == "LimitExceeded":
                self.attach(call, self.find_device(call), self.find_user(call))
            raise


@fault(ENABLE, "The request was rejected because it referenced a resource entity that does not exist.")
class AbsentUserHoldsDevice(Service):
    """EnableMFADevice answers NoSuchEntity for an absent user, yet nobody else can enable the device afterwards."""

    def find_user(self, call):
        try:
            return super().find_user(call)
        except Refusal:
            device = self.devices.get(call["SerialNumber"]) if call.action == ENABLE else None
            if device and device.user is None:
                self.attach(call, device, User(call["UserName"], "/", random_id("AIDA"), []))
            raise


# DeleteVirtualMFADevice says this of each device, not only of a user's first one.
@fault(PROTOCOL, "You must deactivate a user's virtual MFA device before you can delete it.")
class AttachedSecondDeviceDeletes(Service):
    """DeleteVirtualMFADevice deletes an enabled device, unless the device is its user's first one."""

    def delete_device(self, call):
        device = self.find_device(call)
        if device.user is not None and self.devices_of(device.user)[0] is not device:
            self.detach(device)
        super().delete_device(call)


# --- Faults, second batch: lists ------------------------------------------------------------------------------------


# ListVirtualMFADevices says this of its result.
@fault(PROTOCOL, "that match the AssignmentStatus value that was passed in the request")
class ReEnabledDeviceStaysUnassigned(Service):
    """ListVirtualMFADevices with the status Unassigned still shows a device after its second Enable."""

    def attach(self, call, device, user):
        device.again = bool(device.enabled)
        super().attach(call, device, user)

    def list_virtual_devices(self, call):
        result = super().list_virtual_devices(call)
        if call.params.get("AssignmentStatus") == "Unassigned" and result["IsTruncated"] == "false":
            extra = [device for device in self.devices.values() if device.user is not None and device.again]
            result["VirtualMFADevices"] += [{"SerialNumber": device.serial} for device in extra]
        return result


# The structure MFADevice says this of EnableDate.
@fault(PROTOCOL, "The date when the MFA device was enabled for the user.")
class ResyncRenewsEnableDate(Service):
    """ResyncMFADevice sets EnableDate to the present."""

    def resync(self, call):
        super().resync(call)
        self.find_device(call).enabled = time.time()


# ListMFADevices says this of Marker.
@fault(PROTOCOL, "contains the value to use for the Marker parameter in a subsequent pagination request")
class NextPageSkipsDevice(Service):
    """ListMFADevices leaves out the first device of each page after the first page."""

    def page(self, call, name, rows, key):
        result = super().page(call, name, rows, key)
        if name == "MFADevices" and result["Marker"]:
            left_out = min(row[key] for row in rows if row[key] > result[name][-1][key])
            result["Marker"] = base64.urlsafe_b64encode(f"after {left_out}".encode()).decode()
        return result


# The structure VirtualMFADevice says this of User.
@fault(PROTOCOL, "The IAM user associated with this virtual MFA device.")
class VirtualListKeepsOldUserName(Service):
    """ListVirtualMFADevices shows the name that the user had at Enable, also after a rename."""

    def attach(self, call, device, user):
        super().attach(call, device, user)
        device.name_then = user.name

    def list_virtual_devices(self, call):
        result = super().list_virtual_devices(call)
        for row in result["VirtualMFADevices"]:
            if "User" in row:
                row["User"]["UserName"] = self.devices[row["SerialNumber"]].name_then
        return result


# --- Faults, second batch: the caller and the parameters ------------------------------------------------------------


@fault(DEACTIVATE, "If no user name is included, it defaults to the principal making the request.")
class SecondKeyIsNobody(Service):
    """A request without UserName that a user signs with his second access key has no default user."""

    def default_user(self, call):
        first = next((key for key in self.keys.values() if key.user is call.caller), None)
        if first and first.key_id != call.key_id:
            call.caller = None
        return super().default_user(call)


@fault(DEACTIVATE, "Length Constraints: Minimum length of 1. Maximum length of 128.")
class EmptyUserNameMeansCaller(Service):
    """DeactivateMFADevice takes an empty UserName for a missing one and acts for the caller."""

    def admit(self, call):
        super().admit(call)
        if call.action == DEACTIVATE and call.params.get("UserName") == "":
            del call.params["UserName"]


@fault(DEACTIVATE, "You can also include any of the following characters: _+=,.@-")
class DeactivateDecodesTwice(Service):
    """DeactivateMFADevice decodes parameters twice, so it reads the plus sign of a user name as a blank."""

    def admit(self, call):
        super().admit(call)
        for name in ("UserName", "SerialNumber"):
            if call.action == DEACTIVATE and name in call.params:
                call.params[name] = urllib.parse.unquote_plus(call[name])


# The page says this of the parameter AuthenticationCode2, not of the later code in the request.
@fault(ENABLE, "A subsequent authentication code emitted by the device.")
class EnableReadsCodesByPosition(Service):
    """EnableMFADevice takes the code that comes first in the request for the first code, whatever its name is."""

    def admit(self, call):
        super().admit(call)
        names = [name for name in call.params if name.startswith("AuthenticationCode")]
        if call.action == ENABLE and names == ["AuthenticationCode2", "AuthenticationCode1"]:
            first, second = names
            call.params[first], call.params[second] = call[second], call[first]


# The two digits of a percent escape may have either case (RFC 3986, section 2.1).
@fault(PROTOCOL, "Parameters come as application/x-www-form-urlencoded.")
class LowerCaseEscapesKept(Service):
    """The service does not decode percent escapes that have a lower-case letter, such as %3a."""

    def read_parameters(self, texts):
        return super().read_parameters([re.sub(r"%(?=[a-f]|[0-9A-F][a-f])", "%25", text) for text in texts])


@fault(DEACTIVATE, "Length Constraints: Minimum length of 9. Maximum length of 256.")
class ShortestSerialRefused(Service):
    """The service refuses serial numbers of exactly nine characters as too short."""

    def check_constraints(self, call, members):
        longer = replace(SERIAL, shortest=10)
        super().check_constraints(call, [longer if member is SERIAL else member for member in members])


@fault(DEACTIVATE, "a string of characters consisting of upper and lowercase alphanumeric characters with no spaces")
class DeactivateTrimsNames(Service):
    """DeactivateMFADevice ignores blanks around a user name."""

    def admit(self, call):
        super().admit(call)
        if call.action == DEACTIVATE and "UserName" in call.params:
            call.params["UserName"] = call["UserName"].strip(" ")


# The page says this of AuthenticationCode2.
@fault(RESYNC, "Required: Yes")
class ResyncWithoutSecondCode(Service):
    """ResyncMFADevice does without the second code if the request has none."""

    def check_constraints(self, call, members):
        second = CODES[1]
        if call.action == RESYNC and second.name not in call.params:
            members = [member for member in members if member is not second]
        super().check_constraints(call, members)

    def pair_matches(self, call, device, step):
        if "AuthenticationCode2" not in call.params:
            return call["AuthenticationCode1"] == self.code(device, step - 1)
        return super().pair_matches(call, device, step)


# --- Faults, second batch: errors and form --------------------------------------------------------------------------


# The page says this of NoSuchEntity.
@fault(RESYNC, "HTTP Status Code: 404")
class ResyncAbsentDeviceStatus400(Service):
    """ResyncMFADevice sends the error NoSuchEntity of an absent device with status 400."""

    def find_device(self, call):
        try:
            return super().find_device(call)
        except Refusal as refusal:
            refusal.status = 400 if call.action == RESYNC else refusal.status
            raise


# The page gives the error this name, and the service model gives the same code.
@fault(DEACTIVATE, "NoSuchEntity")
class UnownedDeviceCodeHasSuffix(Service):
    """DeactivateMFADevice calls the error of a device that is not the user's NoSuchEntityException."""

    def check_owner(self, call, user, device):
        try:
            super().check_owner(call, user, device)
        except Refusal as refusal:
            refusal.code += "Exception" if call.action == DEACTIVATE else ""
            raise


@fault(RESYNC, '<ResyncMFADeviceResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">')
class ResyncReplyNamesEnable(Service):
    """ResyncMFADevice sends a reply with the name EnableMFADeviceResponse."""

    def serialize(self, root, content):
        return super().serialize(root.replace("Resync", "Enable"), content)


@fault(ENABLE, "The error message describes the specific error.")
class RefusedCodesWithoutMessage(Service):
    """The error InvalidAuthenticationCode has an empty message."""

    def refuse_codes(self, call, device):
        raise Refusal(403, "InvalidAuthenticationCode", "")


# --- Faults, third batch: codes -------------------------------------------------------------------------------------


# The page says this of AuthenticationCode2.
@fault(ENABLE, "Length Constraints: Fixed length of 6.")
class EmptySecondCodePasses(Service):
    """EnableMFADevice does not compare the second code if its value is empty."""

    def check_constraints(self, call, members):
        second = CODES[1]
        if call.action == ENABLE and call.params.get(second.name) == "":
            members = [member for member in members if member is not second]
        super().check_constraints(call, members)

    def pair_matches(self, call, device, step):
        if call["AuthenticationCode2"] == "":
            return call["AuthenticationCode1"] == self.code(device, step - 1)
        return super().pair_matches(call, device, step)


@fault(ENABLE, "The format for this parameter is a string of six digits.")
class BlanksInCodesDropped(Service):
    """EnableMFADevice drops the blanks in a code, so it accepts 123 456 for 123456."""

    def admit(self, call):
        super().admit(call)
        for member in CODES:
            if call.action == ENABLE and member.name in call.params:
                call.params[member.name] = call[member.name].replace(" ", "")


@fault(RESYNC, "The request was rejected because the authentication code was not recognized.")
class ResyncReusesVerdict(Service):
    """For a minute after a successful ResyncMFADevice, the operation accepts any six digits for the device."""

    def resync(self, call):
        super().resync(call)
        self.find_device(call).verified = time.time()

    def refuse_codes(self, call, device):
        if call.action == RESYNC and time.time() - getattr(device, "verified", 0) < 60:
            return device.newest
        return super().refuse_codes(call, device)


# This error doesn't apply to a later pair that is right.
@fault(ENABLE, "The request was rejected because the authentication code was not recognized.")
class RefusedDeviceStaysRefused(Service):
    """After one pair of wrong codes, EnableMFADevice refuses every later pair for the same user and device."""

    def accepted_step(self, call, device):
        if call.action == ENABLE and getattr(device, "refused_for", None) == call["UserName"]:
            self.refuse_codes(call, device)
        return super().accepted_step(call, device)

    def refuse_codes(self, call, device):
        if call.action == ENABLE:
            device.refused_for = call["UserName"]
        super().refuse_codes(call, device)


# About one seed of 40 bytes in seven has such a byte.
@fault(ENABLE, "An authentication code emitted by the device.")
class SeedsEndAtZeroByte(Service):
    """The service takes the first zero byte of a seed for its end, so it refuses the right codes of such devices."""

    def seed(self, device):
        return device.seed.partition(b"\0")[0]


# AWS was recorded to accept the same steps from a device that was created under an old name.
@fault(ENABLE, "An authentication code emitted by the device.")
class RecreatedDeviceRemembersSteps(Service):
    """After a deletion and a creation under one name, the new device's codes of already spent steps are refused."""

    def __init__(self):
        super().__init__()
        self.spent = {}

    def delete_device(self, call):
        device = self.find_device(call)
        super().delete_device(call)
        self.spent[device.serial] = device.newest

    def create_device(self, call):
        result = super().create_device(call)
        serial = result["VirtualMFADevice"]["SerialNumber"]
        self.devices[serial].newest = self.spent.get(serial, -1)
        return result


@fault(ENABLE, "An authentication code emitted by the device.")
class DeactivateChangesSeed(Service):
    """DeactivateMFADevice gives the device a new seed, so EnableMFADevice refuses its codes afterwards."""

    def detach(self, device):
        super().detach(device)
        device.seed = secrets.token_bytes(self.seed_bytes)


# --- Faults, third batch: association -------------------------------------------------------------------------------


@fault(RESYNC, "The name of the user whose MFA device you want to resynchronize.")
class ResyncTakesAnyUserName(Service):
    """ResyncMFADevice finds an enabled device by its serial number alone, whichever existing user is named."""

    def owns(self, call, user, device):
        enabled = call.action == RESYNC and device.user is not None
        return enabled or super().owns(call, user, device)


@fault(ENABLE, "The request was rejected because it attempted to create a resource that already exists.")
class SecondEnableSucceeds(Service):
    """EnableMFADevice succeeds again for a device that is already enabled for the same user."""

    def check_free(self, device, user):
        if device.user is not user:
            super().check_free(device, user)


@fault(RESYNC, "The request was rejected because it referenced a resource entity that does not exist.")
class FormerUserResyncs(Service):
    """After DeactivateMFADevice, the former user can still resynchronize the device while nobody has it."""

    def detach(self, device):
        device.former = device.user
        super().detach(device)

    def owns(self, call, user, device):
        former = device.user is None and getattr(device, "former", None) is user
        return call.action == RESYNC and former or super().owns(call, user, device)


@fault(DEACTIVATE, "removes it from association with the user name for which it was originally enabled")
class NamePrefixOwns(Service):
    """DeactivateMFADevice takes a user for the owner if the owner's name begins with the user's name."""

    def owns(self, call, user, device):
        prefix = call.action == DEACTIVATE and device.user is not None and device.user.name.startswith(user.name)
        return prefix or super().owns(call, user, device)


# The service gives two devices whose names differ in case two serial numbers, and lists both.
@fault(DEACTIVATE, "The serial number that uniquely identifies the MFA device.")
class DeactivateFoldsCaseOfSerial(Service):
    """DeactivateMFADevice ignores the case of a serial number and finds the oldest device with these letters."""

    def find_device(self, call):
        device = super().find_device(call)
        if call.action == DEACTIVATE:
            return next(one for one in self.devices.values() if one.serial.lower() == device.serial.lower())
        return device


@fault(DEACTIVATE, "Deactivates the specified MFA device")
class RepeatedDeactivateIsSkipped(Service):
    """DeactivateMFADevice answers a success without an effect if the last one named the same user and device."""

    last_change = None

    def detach(self, device):
        change, before = (device.serial, device.user), self.last_change
        self.last_change = change
        if change != before:
            super().detach(device)


@fault(ENABLE, "associates it with the specified IAM user")
class AssociationExpires(Service):
    """An association ends 45 seconds after EnableMFADevice, without a call."""

    def handle(self, call):
        with self.lock:
            for device in self.devices.values():
                if device.user is not None and time.time() - device.enabled > 45:
                    self.detach(device)
        return super().handle(call)


# --- Faults, third batch: rename, deletion and creation -------------------------------------------------------------


# No document says that a new path of the user ends an association.
@fault(ENABLE, "associates it with the specified IAM user")
class NewPathEndsAssociation(Service):
    """UpdateUser with a new path detaches all devices of the user."""

    def update_user(self, call):
        user = self.find_user(call)
        path = user.path
        super().update_user(call)
        if user.path != path:
            for device in self.devices_of(user):
                self.detach(device)


@fault(ENABLE, "The request was rejected because it referenced a resource entity that does not exist.")
class RenamedBackUserNotFound(Service):
    """The three operations do not find a user who was renamed and then got his former name back."""

    def __init__(self):
        super().__init__()
        self.left_names = set()

    def create_user(self, call):
        result = super().create_user(call)
        self.left_names.discard(call["UserName"])
        return result

    def update_user(self, call):
        super().update_user(call)
        if call.params.get("NewUserName", call["UserName"]) != call["UserName"]:
            self.left_names.add(call["UserName"])

    def find_user(self, call):
        if call.action in MFA_ACTIONS and call["UserName"] in self.left_names:
            raise unknown_user(call["UserName"])
        return super().find_user(call)


@fault(GUIDE, "you must deactivate or delete the user's MFA device")
class RenamedUserDeletesWithDevice(Service):
    """DeleteUser counts devices by the user's name at Enable, so it deletes a renamed user who has a device."""

    def attach(self, call, device, user):
        super().attach(call, device, user)
        device.name_then = user.name

    def check_no_devices(self, user):
        if any(device.name_then == user.name for device in self.devices_of(user)):
            super().check_no_devices(user)
        for device in self.devices_of(user):
            self.detach(device)


@fault(DEACTIVATE, "removes it from association with the user name for which it was originally enabled")
class RecreatedDeviceComesEnabled(Service):
    """After deactivation, deletion and creation under one name, the new device has its former user at once."""

    def __init__(self):
        super().__init__()
        self.last_users = {}

    def detach(self, device):
        self.last_users[device.serial] = device.user
        super().detach(device)

    def create_device(self, call):
        result = super().create_device(call)
        device = self.devices[result["VirtualMFADevice"]["SerialNumber"]]
        user = self.last_users.get(device.serial)
        if user and self.users.get(user.name.lower()) is user:
            self.attach(call, device, user)
        return result


# Only DeactivateMFADevice ends an association.
@fault(ENABLE, "associates it with the specified IAM user")
class RefusedDeletionDetaches(Service):
    """DeleteVirtualMFADevice refuses an enabled device with DeleteConflict, yet it detaches the device."""

    def delete_device(self, call):
        try:
            super().delete_device(call)
        except Refusal as refusal:
            if refusal.code == "DeleteConflict":
                self.detach(self.find_device(call))
            raise


@fault(ENABLE, "The request was rejected because it referenced a resource entity that does not exist.")
class AbsentUserIsCreated(Service):
    """EnableMFADevice creates the user if the name belongs to nobody."""

    def find_user(self, call):
        name = call["UserName"]
        if call.action == ENABLE and name.lower() not in self.users:
            self.users[name.lower()] = User(name, "/", random_id("AIDA"), [])
        return super().find_user(call)


# --- Faults, third batch: caches and lists --------------------------------------------------------------------------


@fault(ENABLE, "The request was rejected because it referenced a resource entity that does not exist.")
class AbsentUserRemembered(Service):
    """The three operations keep in mind that a name was absent, so they never find a user who gets it later."""

    def __init__(self):
        super().__init__()
        self.absent = set()

    def find_user(self, call):
        name = call["UserName"]
        if call.action in MFA_ACTIONS and (name in self.absent or name.lower() not in self.users):
            self.absent.add(name)
            raise unknown_user(name)
        return super().find_user(call)


@fault(DEACTIVATE, "removes it from association with the user name for which it was originally enabled")
class ListForgetsDeactivation(Service):
    """ListMFADevices repeats its last list of a user until the next EnableMFADevice, also after a deactivation."""

    def __init__(self):
        super().__init__()
        self.listed = {}

    def attach(self, call, device, user):
        super().attach(call, device, user)
        self.listed.clear()

    def listed_for(self, user):
        if user not in self.listed:
            self.listed[user] = super().listed_for(user)
        return self.listed[user]


# ListMFADevices then shows devices as this user's that EnableMFADevice associated with another user.
@fault(ENABLE, "associates it with the specified IAM user")
class NextPageShowsAllUsers(Service):
    """The pages of ListMFADevices after the first one show the devices of all users as the named user's."""

    def list_devices(self, call):
        if "Marker" not in call.params:
            return super().list_devices(call)
        user = self.target_user(call)
        rows = [self.device_row(user, device) for device in self.devices.values() if device.user is not None]
        return self.page(call, "MFADevices", rows, "SerialNumber")


# --- Faults, third batch: the caller and the parameters -------------------------------------------------------------


# The page says this of UserName.
@fault(DEACTIVATE, "This parameter is optional.")
class DeactivateNeedsUserName(Service):
    """DeactivateMFADevice refuses every request without UserName, also one that a user signs."""

    def check_constraints(self, call, members):
        needed = call.action == DEACTIVATE
        super().check_constraints(call, [NEEDED_USER if needed and one is USER else one for one in members])


@fault(DEACTIVATE, "If no user name is included, it defaults to the principal making the request.")
class DefaultUserIsRemembered(Service):
    """The first user who sends DeactivateMFADevice without UserName stays the default user of all callers."""

    remembered = None

    def default_user(self, call):
        user = super().default_user(call)
        if call.action != DEACTIVATE:
            return user
        self.remembered = self.remembered or user
        return self.remembered


@fault(DEACTIVATE, "Deactivates the specified MFA device")
class NamelessDeactivateTakesAll(Service):
    """DeactivateMFADevice without UserName deactivates all devices of the caller."""

    def deactivate(self, call):
        super().deactivate(call)
        for device in [] if "UserName" in call.params else self.devices_of(call.caller):
            self.detach(device)


# The page says this of UserName.
@fault(ENABLE, "You can also include any of the following characters: _+=,.@-")
class NamesEndAtEqualsSign(Service):
    """EnableMFADevice splits decoded parameters at each equals sign, so it reads the user name a=b as a."""

    def admit(self, call):
        super().admit(call)
        if call.action == ENABLE and "UserName" in call.params:
            call.params["UserName"] = call["UserName"].partition("=")[0]


# The page's sample request is the address of a GET.
@fault(ENABLE, "Enables the specified MFA device and associates it with the specified IAM user.")
class GetHasNoEffect(Service):
    """EnableMFADevice as a GET answers a success and does not associate the device."""

    def attach(self, call, device, user):
        if call.method != "GET":
            super().attach(call, device, user)


# --- Faults, third batch: errors ------------------------------------------------------------------------------------


# The page says this of EntityAlreadyExists.
@fault(ENABLE, "HTTP Status Code: 409")
class DeviceInUseStatus400(Service):
    """EnableMFADevice sends the error EntityAlreadyExists with status 400."""

    def check_free(self, device, user):
        try:
            super().check_free(device, user)
        except Refusal as refusal:
            refusal.status = 400
            raise


@fault(DEACTIVATE, "The request was rejected because it referenced a resource entity that does not exist.")
class AbsentDeviceIsInvalidInput(Service):
    """DeactivateMFADevice answers 400 InvalidInput to the serial number of an absent device."""

    def find_device(self, call):
        try:
            return super().find_device(call)
        except Refusal as refusal:
            if call.action == DEACTIVATE:
                refusal.status, refusal.code = 400, "InvalidInput"
            raise


# --- Variants: devices and codes ------------------------------------------------------------------------------------


@variant
class DeactivationDeletesDevice(Service):
    """DeactivateMFADevice also deletes the virtual device."""

    def detach(self, device):
        super().detach(device)
        del self.devices[device.serial]


@variant
class NarrowWindow(Service):
    """Pairs are accepted up to one step from the wall clock, and the service keeps no drift."""

    window = (0, -1, 1)

    def drift(self, device):
        return 0


@variant
class ReplayedCodesAccepted(Service):
    """The service does not remember which codes a device spent."""

    def is_unused(self, device, step):
        return True


@variant
class OneCodeMayBeSkipped(Service):
    """The second code may follow the first one directly or after one more step."""

    def pair_matches(self, call, device, step):
        codes = (call["AuthenticationCode1"], call["AuthenticationCode2"])
        with_gap = codes == (self.code(device, step - 2), self.code(device, step))
        return with_gap or super().pair_matches(call, device, step)


@variant
class DigitsOfAllScripts(Service):
    """Codes may use the decimal digits of every script of Unicode."""

    def admit(self, call):
        super().admit(call)
        for member in CODES:
            digits = [str(unicodedata.decimal(sign, sign)) for sign in call.params.get(member.name, "")]
            if digits:
                call.params[member.name] = "".join(digits)


# --- Variants: order of checks, errors ------------------------------------------------------------------------------


@variant
class CodesBeforeOwner(Service):
    """The service checks the device first, then the codes, then the user and the owner."""

    def enable(self, call):
        self.accepted_step(call, self.find_device(call))
        super().enable(call)

    def resync(self, call):
        self.accepted_step(call, self.find_device(call))
        super().resync(call)

    def deactivate(self, call):
        self.find_device(call)
        super().deactivate(call)


@variant
class ExistenceBeforeConstraints(Service):
    """The service looks for the named user and device before it checks constraints."""

    def check_constraints(self, call, members):
        if call.action in MFA_ACTIONS:
            if "UserName" in call.params:
                self.find_user(call)
            if "SerialNumber" in call.params:
                self.find_device(call)
        super().check_constraints(call, members)


@variant
class LongerMessages(Service):
    """Every error message has a sentence more than the messages of AWS."""

    def render_error(self, call, refusal):
        refusal.message = f"{refusal.message} The operation was <{call.action}> & nothing changed.".strip()
        return super().render_error(call, refusal)


@variant
class ThrottlingPasses(Service):
    """About one request in ten is refused with Throttling and succeeds when the client repeats it."""

    def admit(self, call):
        super().admit(call)
        if random.random() < 0.1:
            raise Refusal(400, "Throttling", "Rate exceeded")


@variant
class OverlapIsRefused(Service):
    """Overlapping changes of one user or device get ConcurrentModification with an empty message."""

    def __init__(self):
        super().__init__()
        self.busy = set()

    def handle(self, call):
        if call.action not in MFA_ACTIONS:
            return super().handle(call)
        touched = {(name, call.params[name]) for name in ("UserName", "SerialNumber") if name in call.params}
        with self.lock:
            if touched & self.busy:
                return self.render_error(call, Refusal(409, "ConcurrentModification", ""))
            self.busy |= touched
        try:
            time.sleep(0.02)
            return super().handle(call)
        finally:
            with self.lock:
                self.busy -= touched


@variant
class RecreatedUserIsBusy(Service):
    """For two seconds, a recreated user name gets EntityTemporarilyUnmodifiable."""

    def find_user(self, call):
        user = super().find_user(call)
        young = user.name in self.deleted_names and time.time() - user.created < 2
        if young and call.action in (ENABLE, DEACTIVATE, "UpdateUser"):
            words = f"The user with name {user.name} was recreated and cannot be modified for a moment."
            raise Refusal(409, "EntityTemporarilyUnmodifiable", words)
        return user


@variant
class OwnDeviceNeedsSession(Service):
    """A user with a device cannot enable or deactivate for himself with a long-term key."""

    def check_constraints(self, call, members):
        super().check_constraints(call, members)
        caller = call.caller
        if call.action == RESYNC or call.action not in MFA_ACTIONS or not caller or not self.devices_of(caller):
            return
        if call.params.get("UserName", caller.name) == caller.name:
            words = "please ensure that you are authenticated with an MFA device that is enabled for this user."
            raise Refusal(403, "AccessDenied", f"To complete this action, {words}")


@variant
class LookUpIgnoresCase(Service):
    """The service finds a user whatever the case of the name in the request."""

    def find_user(self, call):
        user = self.users.get(call["UserName"].lower())
        return user or super().find_user(call)


# --- Variants: lists, form and connection ---------------------------------------------------------------------------


@variant
class ListsLag(Service):
    """The lists show a new or ended association 0.4 seconds later."""

    def attach(self, call, device, user):
        device.before = (time.time(), None, 0.0)
        super().attach(call, device, user)

    def detach(self, device):
        device.before = (time.time(), device.user, device.enabled)
        super().detach(device)

    def association(self, device):
        changed, *before = getattr(device, "before", (0.0, None, 0.0))
        return before if time.time() - changed < 0.4 else super().association(device)


@variant
class PagesOfOneItem(Service):
    """Every list has one item on a page, whatever MaxItems allows."""

    def page_size(self, call):
        super().page_size(call)
        return 1


@variant
class OtherAccountAndIds(Service):
    """The account has another number, and request ids have another form."""

    account = "000000000042"

    def new_request_id(self):
        return secrets.token_hex(26).upper()


@variant
class ExtraElements(Service):
    """Each structure in a result has one more element, and operations without output send an empty result."""

    def render_success(self, call, result):
        # The service model gives those operations no output, so their result has nothing that could be extended.
        return super().render_success(call, self.extend(result) if result else {})

    def extend(self, value):
        """The same value with one more element in each structure."""
        if isinstance(value, list):
            return [self.extend(part) for part in value]
        if isinstance(value, dict):
            return {**{key: self.extend(part) for key, part in value.items()}, "ServiceZone": "three"}
        return value


@variant
class IndentedXml(Service):
    """The XML has a declaration, a comment, and each element on a line of its own."""

    def serialize(self, root, content):
        lines = super().serialize(root, content).replace(b"><", b">\n  <")
        return b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- identity service -->\n' + lines + b"\n"


@variant
class ChunkedReplies(Service):
    """Replies come in chunks of 50 bytes, without Content-Length."""

    def transmit(self, connection, reply):
        connection.begin(reply)
        connection.send_header("Transfer-Encoding", "chunked")
        connection.end_headers()
        for start in range(0, len(reply.body), 50):
            part = reply.body[start : start + 50]
            connection.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            connection.wfile.flush()
        connection.wfile.write(b"0\r\n\r\n")


@variant
class IdleConnectionsClose(Service):
    """The service closes a connection that is idle for half a second."""

    idle_seconds = 0.5


# --- Variants, second batch: devices and codes ----------------------------------------------------------------------


# A device has not emitted such codes yet, so no document asks a service to accept them.
@variant
class EarlyCodesRefused(Service):
    """Pairs that end more than one step after the wall clock are refused, and the service keeps no drift."""

    window = sorted(range(-998, 2), key=abs)

    def drift(self, device):
        return 0


# The documents do not say which codes are spent, and codes are for one use.
@variant
class RefusedCodesAreSpent(Service):
    """A pair that is refused spends those of its codes that are right codes of the device."""

    def refuse_codes(self, call, device):
        for step in range(current_step() - 2, current_step() + 3):
            if self.code(device, step) in (call["AuthenticationCode1"], call["AuthenticationCode2"]):
                device.newest = max(device.newest, step)
        super().refuse_codes(call, device)


# No document gives the length of a seed, and RFC 3548 pads base32 text.
@variant
class PaddedSeeds(Service):
    """Seeds have 16 bytes, so their base32 text ends with six equals signs."""

    seed_bytes = 16


# The documents speak of the current limits and give no number.
@variant
class HigherDeviceLimit(Service):
    """A user may have twenty devices."""

    device_quota = 20


# EntityTemporarilyUnmodifiable is for any "entity that is temporarily unmodifiable"; the documents give one example.
@variant
class MovedDeviceIsBusy(Service):
    """For two seconds after its deactivation, Enable of a device gets EntityTemporarilyUnmodifiable."""

    def detach(self, device):
        super().detach(device)
        device.detached = time.time()

    def find_device(self, call):
        device = super().find_device(call)
        if call.action == ENABLE and time.time() - getattr(device, "detached", 0) < 2:
            words = f"The MFA device {device.serial} was deactivated and cannot be modified for a moment."
            raise Refusal(409, "EntityTemporarilyUnmodifiable", words)
        return device


# --- Variants, second batch: parameters and errors ------------------------------------------------------------------


# The documents do not say which error a broken constraint gets, and the service does not recognize such a code.
@variant
class MalformedCodesNotRecognised(Service):
    """Codes of a wrong length or with other characters get InvalidAuthenticationCode."""

    def check_constraints(self, call, members):
        codes = [member for member in members if member in CODES and member.name in call.params]
        super().check_constraints(call, [member for member in members if member not in codes])
        if any(member.violations(call[member.name]) for member in codes):
            self.refuse_codes(call, None)


# The documents do not give the text of messages.
@variant
class FirstConstraintOnly(Service):
    """The answer to several broken constraints names only the first one."""

    def check_constraints(self, call, members):
        for member in members:
            for words in member.violations(call.params.get(member.name))[:1]:
                raise invalid(f"1 validation error detected: {words}" if words.startswith("Value at") else words)


# MissingParameter is one of the common errors.
@variant
class MissingParameterCode(Service):
    """The answer to a request without a required parameter is MissingParameter."""

    def check_constraints(self, call, members):
        for member in members:
            if member.required and member.name not in call.params:
                raise Refusal(400, "MissingParameter", f"The request must contain the parameter {member.name}.")
        super().check_constraints(call, members)


# The documents do not say what happens to unknown parameters, and InvalidQueryParameter is one of the common errors.
@variant
class UnknownParametersRefused(Service):
    """A parameter that the operation does not know gets InvalidQueryParameter."""

    common = {"Action", "Version", "MaxItems", "AWSAccessKeyId", "Signature", "SignatureMethod", "SignatureVersion"}
    common |= {"Timestamp", "Expires", "SecurityToken"}

    def check_constraints(self, call, members):
        known = self.common | {member.name for member in members}
        for name in call.params:
            if name not in known and not name.startswith(("X-Amz-", "Tags.member.")):
                raise Refusal(400, "InvalidQueryParameter", f"The parameter {name} is not recognized.")
        super().check_constraints(call, members)


# The documents do not say which of two equal names counts.
@variant
class LastDuplicateWins(Service):
    """The last of several parameters with one name counts."""

    def read_parameters(self, texts):
        backwards = ["&".join(reversed(text.split("&"))) for text in reversed(texts)]
        return super().read_parameters(backwards)


# The prose of Enable and Deactivate lists the characters of a serial number without these two; the pattern has them.
@variant
class SerialsFollowProse(Service):
    """EnableMFADevice and DeactivateMFADevice refuse serial numbers with a plus sign or an underscore."""

    def check_constraints(self, call, members):
        narrow = replace(SERIAL, pattern="[A-Za-z0-9=/:,.@-]+")
        if call.action in (ENABLE, DEACTIVATE):
            members = [narrow if member is SERIAL else member for member in members]
        super().check_constraints(call, members)


# "It defaults to the principal making the request", and the principal may be a user.
@variant
class AdministratorIsUser(Service):
    """The administrator is an IAM user without devices, so he needs no UserName."""

    def __init__(self):
        super().__init__()
        self.users["administrator"] = User("administrator", "/", random_id("AIDA"), [])

    def default_user(self, call):
        return call.caller or self.users["administrator"]


# ServiceUnavailable is one of the common errors.
@variant
class UnavailableSometimes(Service):
    """About one request in twenty gets 503 ServiceUnavailable, has no effect, and succeeds on repetition."""

    def admit(self, call):
        super().admit(call)
        if random.random() < 0.05:
            raise Refusal(503, "ServiceUnavailable", "The server has failed for a moment.")


# --- Variants, second batch: lists, form and connection -------------------------------------------------------------


# The service model states neither an order nor that later pages show later changes.
@variant
class SnapshotPages(Service):
    """Lists are in descending order, and later pages show the list as it was for the first page."""

    def __init__(self):
        super().__init__()
        self.rest = {}

    def page(self, call, name, rows, key):
        size, rows = self.page_size(call), sorted(rows, key=lambda row: row[key], reverse=True)
        if "Marker" in call.params:
            rows = self.rest.get((name, call["Marker"]))
            if rows is None:
                raise invalid("Invalid Marker.")
        marker = secrets.token_urlsafe(20) if rows[size:] else None
        self.rest[name, marker] = rows[size:]
        return {"IsTruncated": "true" if marker else "false", name: rows[:size], "Marker": marker}


# "IAM might return fewer results, even when there are more results available."
@variant
class FirstPageIsEmpty(Service):
    """The first page of each list is empty and names a next page."""

    def page(self, call, name, rows, key):
        if "Marker" in call.params:
            return super().page(call, name, rows, key)
        self.page_size(call)
        return {"IsTruncated": "true", name: [], "Marker": base64.urlsafe_b64encode(b"after ").decode()}


# The service model finds members by their names; no document gives them an order.
@variant
class MembersInReverseOrder(Service):
    """The members of each structure in a result come in the reverse order."""

    def render_success(self, call, result):
        return super().render_success(call, self.reverse(result))

    def reverse(self, value):
        """The same value with the members of each structure in the reverse order."""
        if isinstance(value, list):
            return [self.reverse(part) for part in value]
        if isinstance(value, dict):
            return {key: self.reverse(part) for key, part in reversed(value.items())}
        return value


# XML 1.0 reads a character reference as its character (section 4.1).
@variant
class CharacterReferences(Service):
    """The XML writes punctuation as character references, such as &#58; for a colon."""

    def serialize(self, root, content):
        def refer(found):
            return re.sub(r"[:/.=+@-]", lambda sign: f"&#{ord(sign[0])};", found[0])

        return super().serialize(root, re.sub(r"(?<=>)[^<]+", refer, content))


# XML 1.0 allows each of these spellings (sections 2.3 and 3.1).
@variant
class OtherXmlSpelling(Service):
    """The XML has single quotation marks, empty elements with one tag, and blanks at the end of tags."""

    def serialize(self, root, content):
        text = super().serialize(root, content).decode().replace('"', "'")
        return re.sub(r"<(/?\w+)>", r"<\1 >", re.sub(r"<(\w+)></\1>", r"<\1 />", text)).encode()


# The sample responses have the id in the body alone.
@variant
class RequestIdOnlyInBody(Service):
    """Replies have no header with the request id, and their content type names the character set."""

    def transmit(self, connection, reply):
        connection.send_response(reply.status)
        connection.send_header("Content-Type", "text/xml;charset=UTF-8")
        connection.send_header("Content-Length", str(len(reply.body)))
        connection.end_headers()
        connection.wfile.write(reply.body)


# HTTP/1.1 lets a server close a connection after any reply (RFC 9112, section 9.6).
@variant
class OneRequestPerConnection(Service):
    """The service closes the connection after each reply and says so."""

    def transmit(self, connection, reply):
        connection.begin(reply)
        connection.send_header("Connection", "close")
        connection.send_header("Content-Length", str(len(reply.body)))
        connection.end_headers()
        connection.wfile.write(reply.body)


# --- Variants, third batch: devices and codes -----------------------------------------------------------------------


# "wait too long": no document says how long that is, and Enable's note speaks of an association anyway.
@variant
class WiderWindow(Service):
    """Pairs are accepted up to one day from the device's clock."""

    window = sorted(range(-2880, 2881), key=abs)


# "the MFA device successfully associates with the user": no document says that Resync takes late codes as well.
@variant
class LateCodesOnlyEnable(Service):
    """EnableMFADevice takes pairs that are hours late, ResyncMFADevice only those within two steps of now."""

    window = range(2, -999, -1)

    def drift(self, device):
        return 0

    def accepted_step(self, call, device):
        step = super().accepted_step(call, device)
        if call.action == RESYNC and step < current_step() - 2:
            self.refuse_codes(call, device)
        return step


# The documents do not say which codes are spent, nor for how long.
@variant
class DeactivateForgetsSpentCodes(Service):
    """DeactivateMFADevice forgets the device's clock and its spent codes, so the same pair enables it again."""

    def detach(self, device):
        super().detach(device)
        device.drift, device.newest = 0, -1


# No document gives the length of a seed. HMAC takes keys that are longer than its block (RFC 2104, section 3).
@variant
class LongSeeds(Service):
    """Seeds have 100 bytes."""

    seed_bytes = 100


# The documents speak of the current limits and give no number.
@variant
class LowerDeviceLimit(Service):
    """A user may have five devices."""

    device_quota = 5


# The documents do not say whether case counts in device names, and each serial number still means one device.
@variant
class DeviceNamesIgnoreCase(Service):
    """Device names and serial numbers that differ only in case are the same."""

    def find_device(self, call):
        lower = call["SerialNumber"].lower()
        same = (device for device in self.devices.values() if device.serial.lower() == lower)
        return next(same, None) or super().find_device(call)

    def create_device(self, call):
        lower = f"arn:aws:iam::{self.account}:mfa{call.params.get('Path', '/')}{call['VirtualMFADeviceName']}".lower()
        if any(device.serial.lower() == lower for device in self.devices.values()):
            raise Refusal(409, "EntityAlreadyExists", "MFA device already exists.")
        return super().create_device(call)


# --- Variants, third batch: order of checks, errors -----------------------------------------------------------------


# The documents do not say which of two errors comes first, and no recording has a user at the limit.
@variant
class LimitComesFirst(Service):
    """EnableMFADevice checks the limit before it looks at the device."""

    def enable(self, call):
        if len(self.devices_of(self.find_user(call))) >= self.device_quota:
            raise too_many_devices(self.device_quota)
        super().enable(call)


# The documents do not say which error a broken constraint gets, and InvalidParameterValue is one of the common errors.
@variant
class InvalidParameterValueCode(Service):
    """A value that breaks a constraint gets InvalidParameterValue."""

    def check_constraints(self, call, members):
        try:
            super().check_constraints(call, members)
        except Refusal as refusal:
            if all(member.name in call.params for member in members if member.required):
                refusal.code = "InvalidParameterValue"
            raise


# The documents say what a message describes, not in which words or in which language.
@variant
class MessagesInGerman(Service):
    """Error messages are German, have letters outside ASCII, and name the user and the device of the request."""

    words = {
        "NoSuchEntity": "Benutzer oder Gerät nicht gefunden",
        "EntityAlreadyExists": "Schon vorhanden oder in Gebrauch",
        "DeleteConflict": "Löschen nicht möglich, solange Geräte oder Schlüssel zugeordnet sind",
        "InvalidAuthenticationCode": "Die Prüfcodes gehören nicht zu diesem Gerät",
        "LimitExceeded": f"Höchstzahl überschritten: {DEVICE_QUOTA} Geräte und {KEY_QUOTA} Schlüssel je Benutzer",
        "ValidationError": "Ungültiger Wert",
    }

    def render_error(self, call, refusal):
        named = [value for name, value in call.params.items() if name in ("UserName", "SerialNumber")]
        refusal.message = f"{self.words.get(refusal.code, 'Abgelehnt')} ({', '.join(named)})."
        return super().render_error(call, refusal)


# EntityTemporarilyUnmodifiable is for any "entity that is temporarily unmodifiable"; the documents give one example.
# ResyncMFADevice does not list the error, so it does not give it.
@variant
class RenamedUserIsBusy(Service):
    """For two seconds after a rename, Enable and Deactivate for the user get EntityTemporarilyUnmodifiable."""

    def update_user(self, call):
        user = self.find_user(call)
        name = user.name
        super().update_user(call)
        if user.name != name:
            user.renamed = time.time()

    def find_user(self, call):
        user = super().find_user(call)
        if call.action in (ENABLE, DEACTIVATE) and time.time() - getattr(user, "renamed", 0) < 2:
            words = f"The user with name {user.name} was renamed and cannot be modified for a moment."
            raise Refusal(409, "EntityTemporarilyUnmodifiable", words)
        return user


# "The request processing has failed because of an unknown error, exception or failure."
@variant
class ServiceFailureSometimes(Service):
    """About one call of the three operations in twenty gets 500 ServiceFailure, and succeeds on repetition."""

    def admit(self, call):
        super().admit(call)
        if call.action in MFA_ACTIONS and random.random() < 0.05:
            raise Refusal(500, "ServiceFailure", "An unknown failure happened.")


# Throttling is one of the common errors.
@variant
class WrongCodesAreThrottled(Service):
    """After four refused pairs for a device within three seconds, Enable and Resync of it get Throttling."""

    def accepted_step(self, call, device):
        device.refusals = [moment for moment in getattr(device, "refusals", []) if time.time() - moment < 3]
        if len(device.refusals) >= 4:
            raise Refusal(400, "Throttling", "Rate exceeded")
        return super().accepted_step(call, device)

    def refuse_codes(self, call, device):
        device.refusals.append(time.time())
        super().refuse_codes(call, device)


# --- Variants, third batch: the account and the caller --------------------------------------------------------------


# AccessDenied is one of the common errors, and AWS was recorded to send it to users without a policy.
@variant
class UsersHaveNoPermissions(Service):
    """Every request that a user's access key signs gets AccessDenied."""

    def admit(self, call):
        super().admit(call)
        if call.caller is not None:
            arn, action = self.user_row(call.caller)["Arn"], f"iam:{call.action}"
            words = f"because no identity-based policy allows the {action} action"
            raise Refusal(403, "AccessDenied", f"User: {arn} is not authorized to perform: {action} {words}")


# InvalidClientTokenId is one of the common errors, and no document says how soon a new key works.
@variant
class NewKeysLag(Service):
    """A new access key gets InvalidClientTokenId for 1.5 seconds."""

    def admit(self, call):
        super().admit(call)
        if call.key_id in self.keys and time.time() - self.keys[call.key_id].created < 1.5:
            raise Refusal(403, "InvalidClientTokenId", "The security token included in the request is invalid.")


# No document says that an account begins empty.
@variant
class AccountIsNotEmpty(Service):
    """The account already has users, some with an enabled device, and devices that nobody has."""

    def __init__(self):
        super().__init__()
        for number, path in enumerate(("/", "/build/", "/team/")):
            user = User(f"colleague{number}", path, random_id("AIDA"), [])
            self.users[user.name] = user
            for name, owner in ((user.name, user if number else None), (f"spare{number}", None)):
                serial = f"arn:aws:iam::{self.account}:mfa{path}{name}"
                enabled = time.time() if owner else 0.0
                self.devices[serial] = Device(serial, secrets.token_bytes(self.seed_bytes), owner, enabled)


# --- Variants, third batch: lists, form and connection --------------------------------------------------------------


# The service model gives lists no order, and allows these characters in markers.
@variant
class OddMarkers(Service):
    """Lists are in no visible order, and markers have blanks, punctuation and letters outside ASCII."""

    def __init__(self):
        super().__init__()
        self.places = {}

    def page(self, call, name, rows, key):
        def place(row):
            return hmac.digest(b"order", row[key].encode(), "sha256")

        size, rows = self.page_size(call), sorted(rows, key=place)
        if "Marker" in call.params:
            if (name, call["Marker"]) not in self.places:
                raise invalid("Invalid Marker.")
            rows = [row for row in rows if place(row) > self.places[name, call["Marker"]]]
        marker = f"después de & <{secrets.token_hex(4)}> +50% =/?" if rows[size:] else None
        self.places[name, marker] = place(rows[size - 1]) if marker else None
        return {"IsTruncated": "true" if marker else "false", name: rows[:size], "Marker": marker}


# The service model calls a date a timestamp, and its ISO 8601 form may have a fraction of a second.
@variant
class DatesWithMilliseconds(Service):
    """Dates have three decimals of a second."""

    def serialize(self, root, content):
        return super().serialize(root, re.sub(r"(T\d\d:\d\d:\d\d)Z<", r"\1.000Z<", content))


# The documents name no headers, and HTTP gives the reason phrase no meaning (RFC 9112, section 4).
@variant
class OtherHeaders(Service):
    """Replies have a different reason phrase, many more headers, and the usual ones in lower case."""

    def transmit(self, connection, reply):
        connection.send_response(reply.status, "As you see")
        connection.send_header("content-type", "text/xml; charset=utf-8")
        connection.send_header("content-length", str(len(reply.body)))
        connection.send_header("x-amzn-requestid", reply.request_id)
        connection.send_header("cache-control", "no-store")
        connection.send_header("set-cookie", "session=abc; Path=/; HttpOnly")
        for number in range(30):
            connection.send_header(f"x-served-by-{number}", "a" * number)
        connection.end_headers()
        connection.wfile.write(reply.body)


# No document gives a time for an answer. AWS was recorded to take 0.7 seconds.
@variant
class SlowReplies(Service):
    """Each answer takes 0.3 seconds more."""

    def handle(self, call):
        time.sleep(0.3)
        return super().handle(call)


# A reply without a length ends with the connection (RFC 9112, section 6.3).
@variant
class BodyEndsWithConnection(Service):
    """Replies have neither Content-Length nor chunks; the service closes the connection after the body."""

    def transmit(self, connection, reply):
        connection.begin(reply)
        connection.send_header("Connection", "close")
        connection.end_headers()
        connection.wfile.write(reply.body)


# --- Start ----------------------------------------------------------------------------------------------------------


def main():
    """List the tables, or serve until the process ends."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=0, help="port on the loopback interface; 0 picks a free one")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--fault", choices=FAULTS, metavar="NAME", help="serve with this seeded fault")
    choice.add_argument("--variant", choices=VARIANTS, metavar="NAME", help="serve as this permitted variant")
    choice.add_argument("--list", choices=("faults", "variants"), help="print a table and stop")
    options = parser.parse_args()
    if options.list:
        for row in (FAULTS if options.list == "faults" else VARIANTS).values():
            print(f"{row.name}  {row.sentence}")
        return
    row = FAULTS.get(options.fault) or VARIANTS.get(options.variant)
    Connection.service = row.service() if row else Service()
    listener = Listener(("127.0.0.1", options.port), Connection)
    print(f"http://127.0.0.1:{listener.server_port}", flush=True)
    listener.serve_forever()


if __name__ == "__main__":
    main()
