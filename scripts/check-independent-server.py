#!/usr/bin/env python3
"""Check the independent test server with boto3 and with raw HTTP.

Each seeded fault and each permitted variant has one witness: a few calls with an answer that the documents or AWS's
recorded behaviour give. The correct server must give that answer, and the altered server must give another one. Then
boto3 runs a whole life cycle on the correct server and on each variant. The program ends with 1 if a check fails.
"""

import base64
import hmac
import http.client
import re
import struct
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

SERVER = [sys.executable, str(Path(__file__).with_name("independent-server.py"))]
WRONG_CODES = "403 InvalidAuthenticationCode"
ABSENT = "404 NoSuchEntity"
INVALID = "400 ValidationError"
WITNESSES = {}


class Server:
    """One server process with a state of its own."""

    def __init__(self, *options):
        self.process = subprocess.Popen([*SERVER, "--port", "0", *options], stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self.process.stdout.readline().strip()

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def totp(seed, step):
    """The code of RFC 6238 for one step."""
    digest = hmac.digest(seed, struct.pack(">Q", step), "sha1")
    number = struct.unpack_from(">I", digest, digest[-1] & 15)[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


class Device:
    """The owner's view of a virtual device: its serial number, its seed, and the codes that it spent."""

    def __init__(self, serial, seed):
        self.serial, self.seed, self.newest = serial, seed, 0

    def code(self, offset):
        """The code of a step, counted from now."""
        return totp(self.seed, int(time.time()) // 30 + offset)

    def pair(self, late=1):
        """The next two codes that the device did not show before."""
        first = max(int(time.time()) // 30 - late, self.newest + 1)
        self.newest = first + 1
        return totp(self.seed, first), totp(self.seed, first + 1)

    def wrong(self):
        """Two different codes that the device does not show within hours of now."""
        shown = {self.code(offset) for offset in range(-1100, 1100)}
        return [f"{number:06d}" for number in range(100_000, 110_000) if f"{number:06d}" not in shown][:2]


class Client:
    """Raw calls on one connection. A call returns its status and error code as one text; `body` keeps the rest."""

    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=20)
        self.body, self.headers = "", {}

    def __call__(self, action, key="ADMINISTRATOR", method="POST", **params):
        return self.send(urllib.parse.urlencode({"Action": action, "Version": "2010-05-08", **params}), key, method)

    def send(self, form, key="ADMINISTRATOR", method="POST"):
        """Send an encoded form as it is."""
        headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/iam/aws4_request"}
        if method == "GET":
            self.connection.request("GET", f"/?{form}", headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            self.connection.request("POST", "/", form, headers)
        reply = self.connection.getresponse()
        self.body, self.headers = reply.read().decode(), reply.headers
        code = re.search("<Code>(.*)</Code>", self.body)
        return f"{reply.status} {code[1]}" if code else str(reply.status)

    def users(self, *names):
        """Create users."""
        for name in names:
            self("CreateUser", UserName=name)

    def key(self, user):
        """Create an access key and return its id."""
        self("CreateAccessKey", UserName=user)
        return re.search("<AccessKeyId>(.*)</AccessKeyId>", self.body)[1]

    def device(self, name="d", path="/"):
        """Create a virtual device."""
        self("CreateVirtualMFADevice", VirtualMFADeviceName=name, Path=path)
        serial = re.search("<SerialNumber>(.*)</SerialNumber>", self.body)[1]
        seed = re.search("<Base32StringSeed>(.*)</Base32StringSeed>", self.body)[1]
        return Device(serial, base64.b32decode(base64.b64decode(seed)))

    def enable(self, user, device, codes=None, action="EnableMFADevice"):
        """Enable a device, with the device's next codes unless others are given."""
        first, second = codes or device.pair()
        names = {"UserName": user, "SerialNumber": device.serial}
        return self(action, **names, AuthenticationCode1=first, AuthenticationCode2=second)

    def resync(self, user, device, codes=None):
        """Resynchronize a device, likewise."""
        return self.enable(user, device, codes, "ResyncMFADevice")

    def deactivate(self, user, device, **how):
        """Deactivate a device, for the caller if the user is None."""
        names = {"UserName": user} if user else {}
        return self("DeactivateMFADevice", SerialNumber=device.serial, **names, **how)

    def devices(self, user):
        """The paths and names of the user's devices."""
        self("ListMFADevices", UserName=user)
        return re.findall("<SerialNumber>.*?:mfa/(.*?)</SerialNumber>", self.body)

    def enabled(self, *devices):
        """Create the users a and b, and enable new devices for a."""
        self.users("a", "b")
        made = [self.device(name) for name in devices]
        for device in made:
            self.enable("a", device)
        return made[0] if len(made) == 1 else made


def witness(right):
    """Enter a function below as the witness of the row that has its name. `right` is the correct server's answer."""

    def enter(function):
        WITNESSES[function.__name__.replace("_", "-")] = (function, right)
        return function

    return enter


# --- Witnesses of the faults ----------------------------------------------------------------------------------------


@witness(WRONG_CODES)
def resync_reversed_codes(c):
    d = c.enabled("d")
    return c.resync("a", d, d.pair()[::-1])


@witness("200")
def codes_lose_leading_zeros(c):
    c.users("a")
    while True:
        d = c.device()
        codes = d.pair()
        if "0" in (codes[0][0], codes[1][0]):
            return c.enable("a", d, codes)
        c("DeleteVirtualMFADevice", SerialNumber=d.serial)


@witness(WRONG_CODES)
def enable_ignores_first_digit(c):
    c.users("a")
    d = c.device()
    first, second = d.pair()
    return c.enable("a", d, (first, f"{(int(second) + 100_000) % 1_000_000:06d}"))


@witness(WRONG_CODES)
def resync_accepts_sibling_codes(c):
    d, e = c.enabled("d", "e")
    return c.resync("a", d, e.pair())


@witness(WRONG_CODES)
def re_enable_skips_codes(c):
    d = c.enabled("d")
    c.deactivate("a", d)
    return c.enable("a", d, d.wrong())


@witness([WRONG_CODES] * 3)
def third_wrong_try_passes(c):
    c.users("a")
    d = c.device()
    return [c.enable("a", d, d.wrong()) for _ in range(3)]


@witness("200")
def recreated_device_keeps_old_seed(c):
    c.users("a")
    c("DeleteVirtualMFADevice", SerialNumber=c.device().serial)
    return c.enable("a", c.device())


@witness(["e"])
def deactivate_removes_newest_device(c):
    d, _ = c.enabled("d", "e")
    c.deactivate("a", d)
    return c.devices("a")


@witness(["x/d"])
def same_name_other_path(c):
    c.users("a")
    d, e = c.device("d", "/x/"), c.device("d", "/y/")
    c.enable("a", d)
    c.enable("a", e)
    c.deactivate("a", e)
    return c.devices("a")


@witness(["d", "e", "f"])
def third_device_evicts_first(c):
    c.enabled("d", "e", "f")
    return c.devices("a")


@witness(([], ["d"]))
def punctuation_alike_user_names(c):
    c.users("n-1", "n.1")
    c.enable("n.1", c.device())
    return c.devices("n-1"), c.devices("n.1")


@witness(ABSENT)
def old_name_resyncs(c):
    d = c.enabled("d")
    c("UpdateUser", UserName="a", NewUserName="a2")
    c.users("a")
    return c.resync("a", d)


@witness(("409 EntityAlreadyExists", []))
def refused_enable_adds_owner(c):
    d = c.enabled("d")
    return c.enable("b", d), c.devices("b")


@witness(ABSENT)
def default_user_is_owner(c):
    d = c.enabled("d")
    return c.deactivate(None, d, key=c.key("b"))


@witness("200")
def default_user_by_old_name(c):
    d = c.enabled("d")
    key = c.key("a")
    c("UpdateUser", UserName="a", NewUserName="a2")
    c.users("a")
    return c.deactivate(None, d, key=key)


@witness("200")
def default_user_of_newest_key(c):
    d = c.enabled("d")
    key = c.key("a")
    c.key("b")
    return c.deactivate(None, d, key=key)


@witness("200")
def get_ignores_user_name(c):
    d = c.enabled("d")
    return c.deactivate("a", d, method="GET")


@witness("409 DeleteConflict")
def delete_user_after_any_deactivate(c):
    d, _ = c.enabled("d", "e")
    c.deactivate("a", d)
    return c("DeleteUser", UserName="a")


@witness("200")
def moved_device_in_use(c):
    d = c.enabled("d")
    c.deactivate("a", d)
    return c.enable("b", d)


@witness("200")
def recreated_user_not_found(c):
    c.users("a")
    c("DeleteUser", UserName="a")
    c.users("a")
    return c.enable("a", c.device())


@witness(ABSENT)
def resync_absent_user_fails(c):
    return c.resync("ghost", c.enabled("d"))


@witness(WRONG_CODES)
def refused_resync_status_200(c):
    d = c.enabled("d")
    return c.resync("a", d, d.wrong())


@witness((["d"], True))
def re_enabled_device_without_date(c):
    d = c.enabled("d")
    c.deactivate("a", d)
    c.enable("a", d)
    return c.devices("a"), "<EnableDate>" in c.body


@witness(INVALID)
def enable_cuts_codes_at_six(c):
    c.users("a")
    d = c.device()
    return c.enable("a", d, [code + "7" for code in d.pair()])


@witness("200")
def enable_refuses_long_serial(c):
    c.users("a")
    return c.enable("a", c.device("d", f"/{'p' * 150}/"))


@witness(ABSENT)
def deactivate_cuts_names_at_64(c):
    c.users("u" * 64)
    d = c.device()
    c.enable("u" * 64, d)
    return c.deactivate("u" * 65, d)


@witness((WRONG_CODES, []))
def half_right_codes_attach(c):
    c.users("a")
    d = c.device()
    return c.enable("a", d, (d.pair()[0], d.wrong()[0])), c.devices("a")


@witness((ABSENT, ["d"]))
def refused_deactivate_detaches(c):
    d = c.enabled("d")
    return c.deactivate("b", d), c.devices("a")


@witness([])
def failed_enable_attaches_elsewhere(c):
    c.enabled("d", "e", "f")
    return c.devices("b")


@witness([])
def unavailable_enable_attaches(c):
    c.users("a")
    d = c.device()
    for _ in range(2):
        c.enable("a", d, d.wrong())
    return c.devices("a")


# --- Witnesses of the faults, second batch --------------------------------------------------------------------------


@witness(WRONG_CODES)
def sample_codes_pass(c):
    c.users("a")
    return c.enable("a", c.device(), ("234567", "987654"))


@witness(WRONG_CODES)
def second_device_takes_one_code_twice(c):
    c.enabled("d")
    e = c.device("e")
    return c.enable("a", e, [e.code(0)] * 2)


@witness(WRONG_CODES)
def recreated_device_takes_old_codes(c):
    c.users("a")
    d = c.device()
    c("DeleteVirtualMFADevice", SerialNumber=d.serial)
    c.device()
    return c.enable("a", d)


@witness(["200"] * 2)
def spent_steps_shared(c):
    c.users("a")
    return [c.enable("a", device) for device in (c.device("d"), c.device("e"))]


@witness(([], ["d"]))
def moved_device_returns_to_first_user(c):
    d = c.enabled("d")
    c.deactivate("a", d)
    c.enable("b", d)
    return c.devices("a"), c.devices("b")


@witness("409 EntityAlreadyExists")
def renamed_owners_device_is_free(c):
    d = c.enabled("d")
    c("UpdateUser", UserName="a", NewUserName="a2")
    return c.enable("b", d)


@witness([])
def recreated_user_inherits_device(c):
    d = c.enabled("d")
    c.deactivate("a", d)
    c("DeleteUser", UserName="a")
    c.users("a")
    return c.devices("a")


@witness("200")
def limit_counts_past_devices(c):
    d = c.enabled("d")
    for _ in range(7):
        c.deactivate("a", d)
        c.enable("a", d)
    c.deactivate("a", d)
    return c.enable("a", d)


@witness(["d"])
def deleted_user_shifts_owners(c):
    c.users("first")
    c.enabled("d")
    c("DeleteUser", UserName="first")
    return c.devices("a")


@witness("200")
def refused_creation_changes_seed(c):
    c.users("a")
    d = c.device()
    c("CreateVirtualMFADevice", VirtualMFADeviceName="d")
    return c.enable("a", d)


@witness(["d"])
def third_refused_resync_detaches(c):
    d = c.enabled("d")
    for _ in range(3):
        c.resync("a", d, d.wrong())
    return c.devices("a")


@witness(8)
def refused_ninth_device_attaches(c):
    c.enabled(*"defghijkl")
    return len(c.devices("a"))


@witness((ABSENT, "200"))
def absent_user_holds_device(c):
    c.users("a")
    d = c.device()
    return c.enable("ghost", d), c.enable("a", d)


@witness("409 DeleteConflict")
def attached_second_device_deletes(c):
    _, e = c.enabled("d", "e")
    return c("DeleteVirtualMFADevice", SerialNumber=e.serial)


@witness(False)
def re_enabled_device_stays_unassigned(c):
    d = c.enabled("d")
    c.deactivate("a", d)
    c.enable("a", d)
    c("ListVirtualMFADevices", AssignmentStatus="Unassigned")
    return d.serial in c.body


@witness(1)
def resync_renews_enable_date(c):
    d = c.enabled("d")
    dates = set()
    for _ in range(2):
        c.devices("a")
        dates |= set(re.findall("<EnableDate>(.*?)</EnableDate>", c.body))
        time.sleep(1.1)
        c.resync("a", d)
    return len(dates)


@witness(["d", "e", "f"])
def next_page_skips_device(c):
    c.enabled("d", "e", "f")
    shown, marker = [], {}
    while True:
        c("ListMFADevices", UserName="a", MaxItems="1", **marker)
        shown += re.findall(":mfa/(.*?)</SerialNumber>", c.body)
        found = re.search("<Marker>(.*)</Marker>", c.body)
        if not found:
            return shown
        marker = {"Marker": found[1]}


@witness(["a2"])
def virtual_list_keeps_old_user_name(c):
    c.enabled("d")
    c("UpdateUser", UserName="a", NewUserName="a2")
    c("ListVirtualMFADevices")
    return re.findall("<UserName>(.*?)</UserName>", c.body)


@witness("200")
def second_key_is_nobody(c):
    d = c.enabled("d")
    c.key("a")
    return c.deactivate(None, d, key=c.key("a"))


@witness(INVALID)
def empty_user_name_means_caller(c):
    d = c.enabled("d")
    return c("DeactivateMFADevice", key=c.key("a"), UserName="", SerialNumber=d.serial)


@witness("200")
def deactivate_decodes_twice(c):
    c.users("a+b")
    d = c.device()
    c.enable("a+b", d)
    return c.deactivate("a+b", d)


@witness("200")
def enable_reads_codes_by_position(c):
    c.users("a")
    d = c.device()
    first, second = d.pair()
    codes = {"AuthenticationCode2": second, "AuthenticationCode1": first}
    return c("EnableMFADevice", **codes, UserName="a", SerialNumber=d.serial)


@witness("200")
def lower_case_escapes_kept(c):
    serial = urllib.parse.quote(c.enabled("d").serial, safe="").replace("%3A", "%3a").replace("%2F", "%2f")
    return c.send(f"Action=DeactivateMFADevice&Version=2010-05-08&UserName=a&SerialNumber={serial}")


@witness(ABSENT)
def shortest_serial_refused(c):
    c.users("a")
    return c("DeactivateMFADevice", UserName="a", SerialNumber="GAHT12345")


@witness(INVALID)
def deactivate_trims_names(c):
    return c.deactivate(" a ", c.enabled("d"))


@witness(INVALID)
def resync_without_second_code(c):
    d = c.enabled("d")
    return c("ResyncMFADevice", UserName="a", SerialNumber=d.serial, AuthenticationCode1=d.pair()[0])


@witness(ABSENT)
def resync_absent_device_status_400(c):
    c.users("a")
    d = c.device()
    c("DeleteVirtualMFADevice", SerialNumber=d.serial)
    return c.resync("a", d)


@witness(ABSENT)
def unowned_device_code_has_suffix(c):
    c.users("a")
    return c.deactivate("a", c.device())


@witness("ResyncMFADeviceResponse")
def resync_reply_names_enable(c):
    c.resync("a", c.enabled("d"))
    return re.match(r"<(\w+)", c.body)[1]


@witness((WRONG_CODES, True))
def refused_codes_without_message(c):
    c.users("a")
    d = c.device()
    return c.enable("a", d, d.wrong()), bool(re.search("<Message>.+</Message>", c.body))


# --- Witnesses of the faults, third batch ---------------------------------------------------------------------------


@witness(INVALID)
def empty_second_code_passes(c):
    c.users("a")
    d = c.device()
    return c.enable("a", d, (d.pair()[0], ""))


@witness(INVALID)
def blanks_in_codes_dropped(c):
    c.users("a")
    d = c.device()
    return c.enable("a", d, [f"{code[:3]} {code[3:]}" for code in d.pair()])


@witness(["200", WRONG_CODES])
def resync_reuses_verdict(c):
    d = c.enabled("d")
    return [c.resync("a", d), c.resync("a", d, d.wrong())]


@witness([WRONG_CODES, "200"])
def refused_device_stays_refused(c):
    c.users("a")
    d = c.device()
    return [c.enable("a", d, d.wrong()), c.enable("a", d)]


@witness("200")
def seeds_end_at_zero_byte(c):
    c.users("a")
    while True:
        d = c.device()
        if b"\0" in d.seed.rstrip(b"\0"):
            return c.enable("a", d)
        c("DeleteVirtualMFADevice", SerialNumber=d.serial)


@witness("200")
def recreated_device_remembers_steps(c):
    d = c.enabled("d")
    c.deactivate("a", d)
    c("DeleteVirtualMFADevice", SerialNumber=d.serial)
    return c.enable("a", c.device("d"))


@witness("200")
def deactivate_changes_seed(c):
    d = c.enabled("d")
    c.deactivate("a", d)
    return c.enable("a", d)


@witness(ABSENT)
def resync_takes_any_user_name(c):
    return c.resync("b", c.enabled("d"))


@witness("409 EntityAlreadyExists")
def second_enable_succeeds(c):
    return c.enable("a", c.enabled("d"))


@witness(ABSENT)
def former_user_resyncs(c):
    d = c.enabled("d")
    c.deactivate("a", d)
    return c.resync("a", d)


@witness((ABSENT, ["d"]))
def name_prefix_owns(c):
    c.users("ann", "anna")
    d = c.device()
    c.enable("anna", d)
    return c.deactivate("ann", d), c.devices("anna")


@witness(["d"])
def deactivate_folds_case_of_serial(c):
    _, e = c.enabled("d", "D")
    c.deactivate("a", e)
    return c.devices("a")


@witness(("200", []))
def repeated_deactivate_is_skipped(c):
    d = c.enabled("d")
    c.deactivate("a", d)
    c.enable("a", d)
    return c.deactivate("a", d), c.devices("a")


@witness(["d"])
def association_expires(c):
    c.enabled("d")
    time.sleep(46)
    return Client(f"http://{c.connection.host}:{c.connection.port}").devices("a")


@witness(["d"])
def new_path_ends_association(c):
    c.enabled("d")
    c("UpdateUser", UserName="a", NewPath="/team/")
    return c.devices("a")


@witness("200")
def renamed_back_user_not_found(c):
    c.users("a")
    c("UpdateUser", UserName="a", NewUserName="a2")
    c("UpdateUser", UserName="a2", NewUserName="a")
    return c.enable("a", c.device())


@witness("409 DeleteConflict")
def renamed_user_deletes_with_device(c):
    c.enabled("d")
    c("UpdateUser", UserName="a", NewUserName="a2")
    return c("DeleteUser", UserName="a2")


@witness([])
def recreated_device_comes_enabled(c):
    d = c.enabled("d")
    c.deactivate("a", d)
    c("DeleteVirtualMFADevice", SerialNumber=d.serial)
    c.device("d")
    return c.devices("a")


@witness(("409 DeleteConflict", ["d"]))
def refused_deletion_detaches(c):
    d = c.enabled("d")
    return c("DeleteVirtualMFADevice", SerialNumber=d.serial), c.devices("a")


@witness(ABSENT)
def absent_user_is_created(c):
    return c.enable("ghost", c.device())


@witness([ABSENT, "200"])
def absent_user_remembered(c):
    d = c.device()
    answers = [c.enable("a", d)]
    c.users("a")
    return [*answers, c.enable("a", d)]


@witness((["d"], []))
def list_forgets_deactivation(c):
    d = c.enabled("d")
    before = c.devices("a")
    c.deactivate("a", d)
    return before, c.devices("a")


@witness(["e"])
def next_page_shows_all_users(c):
    c.enabled("d", "e")
    c.enable("b", c.device("f"))
    c("ListMFADevices", UserName="a", MaxItems="1")
    c("ListMFADevices", UserName="a", Marker=re.search("<Marker>(.*)</Marker>", c.body)[1])
    return re.findall(":mfa/(.*?)</SerialNumber>", c.body)


@witness("200")
def deactivate_needs_user_name(c):
    d = c.enabled("d")
    return c.deactivate(None, d, key=c.key("a"))


@witness(["200"] * 2)
def default_user_is_remembered(c):
    d = c.enabled("d")
    e = c.device("e")
    c.enable("b", e)
    return [c.deactivate(None, device, key=c.key(user)) for user, device in (("a", d), ("b", e))]


@witness(["e"])
def nameless_deactivate_takes_all(c):
    d, _ = c.enabled("d", "e")
    c.deactivate(None, d, key=c.key("a"))
    return c.devices("a")


@witness(([], ["d"]))
def names_end_at_equals_sign(c):
    c.users("a", "a=b")
    c.enable("a=b", c.device())
    return c.devices("a"), c.devices("a=b")


@witness(("200", ["d"]))
def get_has_no_effect(c):
    c.users("a")
    d = c.device()
    first, second = d.pair()
    codes = {"AuthenticationCode1": first, "AuthenticationCode2": second}
    return c("EnableMFADevice", method="GET", UserName="a", SerialNumber=d.serial, **codes), c.devices("a")


@witness("409 EntityAlreadyExists")
def device_in_use_status_400(c):
    return c.enable("b", c.enabled("d"))


@witness(ABSENT)
def absent_device_is_invalid_input(c):
    c.users("a")
    d = c.device()
    c("DeleteVirtualMFADevice", SerialNumber=d.serial)
    return c.deactivate("a", d)


# --- Witnesses of the variants --------------------------------------------------------------------------------------


@witness("200")
def deactivation_deletes_device(c):
    d = c.enabled("d")
    c.deactivate("a", d)
    return c("DeleteVirtualMFADevice", SerialNumber=d.serial)


@witness("200")
def narrow_window(c):
    c.users("a")
    d = c.device()
    return c.enable("a", d, (d.code(-100), d.code(-99)))


@witness(WRONG_CODES)
def replayed_codes_accepted(c):
    c.users("a")
    d = c.device()
    codes = d.pair()
    c.enable("a", d, codes)
    return c.resync("a", d, codes)


@witness(WRONG_CODES)
def one_code_may_be_skipped(c):
    c.users("a")
    d = c.device()
    return c.enable("a", d, (d.code(-2), d.code(0)))


@witness(INVALID)
def digits_of_all_scripts(c):
    c.users("a")
    d = c.device()
    return c.enable("a", d, [code.translate({48 + n: 0x660 + n for n in range(10)}) for code in d.pair()])


@witness("409 EntityAlreadyExists")
def codes_before_owner(c):
    d = c.enabled("d")
    return c.enable("b", d, d.wrong())


@witness(INVALID)
def existence_before_constraints(c):
    return c.deactivate("no such user", c.device())


@witness(False)
def longer_messages(c):
    c("GetUser", UserName="ghost")
    return "nothing changed" in c.body


@witness({"200"})
def throttling_passes(c):
    return {c("ListUsers") for _ in range(200)}


@witness({WRONG_CODES})
def overlap_is_refused(c):
    d = c.enabled("d")
    answers, wrong = set(), d.wrong()

    def try_once():
        answers.add(Client(f"http://{c.connection.host}:{c.connection.port}").resync("a", d, wrong))

    threads = [threading.Thread(target=try_once) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@witness("200")
def recreated_user_is_busy(c):
    return recreated_user_not_found(c)


@witness("200")
def own_device_needs_session(c):
    d = c.enabled("d")
    return c.deactivate(None, d, key=c.key("a"))


@witness(ABSENT)
def look_up_ignores_case(c):
    c.users("a")
    return c("GetUser", UserName="A")


@witness(["d"])
def lists_lag(c):
    c.enabled("d")
    return c.devices("a")


@witness(True)
def pages_of_one_item(c):
    c.users("a", "b")
    c("ListUsers")
    return "<IsTruncated>false</IsTruncated>" in c.body


@witness("arn:aws:iam::123456789012:mfa/d")
def other_account_and_ids(c):
    return c.device().serial


@witness(False)
def extra_elements(c):
    c.users("a")
    return "<ServiceZone>" in c.body


@witness(True)
def indented_xml(c):
    c.users("a")
    return c.body.startswith("<CreateUserResponse xmlns=")


@witness(None)
def chunked_replies(c):
    c.users("a")
    return c.headers["Transfer-Encoding"]


@witness("200")
def idle_connections_close(c):
    c.users("a")
    time.sleep(1)
    try:
        return c("GetUser", UserName="a")
    except (http.client.RemoteDisconnected, ConnectionError):
        return "closed"


# --- Witnesses of the variants, second batch ------------------------------------------------------------------------


@witness("200")
def early_codes_refused(c):
    c.users("a")
    d = c.device()
    return c.enable("a", d, (d.code(50), d.code(51)))


@witness((WRONG_CODES, "200"))
def refused_codes_are_spent(c):
    c.users("a")
    d = c.device()
    codes = d.pair()
    return c.enable("a", d, codes[::-1]), c.enable("a", d, codes)


@witness(False)
def padded_seeds(c):
    c.device()
    seed = re.search("<Base32StringSeed>(.*)</Base32StringSeed>", c.body)[1]
    return base64.b64decode(seed).endswith(b"=")


@witness("409 LimitExceeded")
def higher_device_limit(c):
    c.enabled(*"defghijk")
    return c.enable("a", c.device("l"))


@witness("200")
def moved_device_is_busy(c):
    return moved_device_in_use(c)


@witness(INVALID)
def malformed_codes_not_recognised(c):
    return enable_cuts_codes_at_six(c)


@witness(2)
def first_constraint_only(c):
    c("EnableMFADevice", UserName="a", SerialNumber="short", AuthenticationCode1="12", AuthenticationCode2="123456")
    return c.body.count("Value at")


@witness(INVALID)
def missing_parameter_code(c):
    c.users("a")
    return c("DeactivateMFADevice", UserName="a")


@witness("200")
def unknown_parameters_refused(c):
    return c("ListUsers", Colour="red")


@witness("200")
def last_duplicate_wins(c):
    serial = urllib.parse.quote(c.enabled("d").serial)
    return c.send(f"Action=DeactivateMFADevice&Version=2010-05-08&UserName=a&UserName=b&SerialNumber={serial}")


@witness("200")
def serials_follow_prose(c):
    c.users("a")
    return c.enable("a", c.device("d_1"))


@witness(INVALID)
def administrator_is_user(c):
    return c.deactivate(None, c.enabled("d"))


@witness({"200"})
def unavailable_sometimes(c):
    return throttling_passes(c)


@witness(["a", "b"])
def snapshot_pages(c):
    c.users("a", "b")
    c("ListUsers")
    return re.findall("<UserName>(.*?)</UserName>", c.body)


@witness(["d"])
def first_page_is_empty(c):
    c.enabled("d")
    return c.devices("a")


@witness(True)
def members_in_reverse_order(c):
    c.enabled("d")
    c.devices("a")
    return c.body.index("<UserName>") < c.body.index("<SerialNumber>")


@witness(False)
def character_references(c):
    c.users("a")
    return "arn&#58;aws&#58;iam" in c.body


@witness(True)
def other_xml_spelling(c):
    c.users("a")
    return 'xmlns="' in c.body


@witness(False)
def request_id_only_in_body(c):
    c.users("a")
    return c.headers["x-amzn-RequestId"] is None


@witness(None)
def one_request_per_connection(c):
    c.users("a")
    return c.headers["Connection"]


# --- Witnesses of the variants, third batch -------------------------------------------------------------------------


@witness(WRONG_CODES)
def wider_window(c):
    c.users("a")
    d = c.device()
    return c.enable("a", d, (d.code(-1500), d.code(-1499)))


@witness(["200"] * 2)
def late_codes_only_enable(c):
    c.users("a")
    d = c.device()
    first = c.enable("a", d, (d.code(-100), d.code(-99)))
    return [first, c.resync("a", d, (d.code(-90), d.code(-89)))]


@witness(WRONG_CODES)
def deactivate_forgets_spent_codes(c):
    c.users("a")
    d = c.device()
    codes = d.pair()
    c.enable("a", d, codes)
    c.deactivate("a", d)
    return c.enable("a", d, codes)


@witness(40)
def long_seeds(c):
    return len(c.device().seed)


@witness(["d", "e", "f", "g", "h", "i"])
def lower_device_limit(c):
    c.enabled(*"defghi")
    return c.devices("a")


@witness("200")
def device_names_ignore_case(c):
    c.device("d")
    return c("CreateVirtualMFADevice", VirtualMFADeviceName="D")


@witness("409 EntityAlreadyExists")
def limit_comes_first(c):
    d, *_ = c.enabled(*"defghijk")
    return c.enable("a", d)


@witness(INVALID)
def invalid_parameter_value_code(c):
    return enable_cuts_codes_at_six(c)


@witness(True)
def messages_in_german(c):
    c("GetUser", UserName="ghost")
    return "cannot be found" in c.body


@witness("200")
def renamed_user_is_busy(c):
    d = c.enabled("d")
    c("UpdateUser", UserName="a", NewUserName="a2")
    return c.deactivate("a2", d)


@witness({ABSENT})
def service_failure_sometimes(c):
    d = c.device()
    return {c.deactivate("ghost", d) for _ in range(200)}


@witness([WRONG_CODES] * 5)
def wrong_codes_are_throttled(c):
    c.users("a")
    d = c.device()
    wrong = d.wrong()
    return [c.enable("a", d, wrong) for _ in range(5)]


@witness("200")
def users_have_no_permissions(c):
    c.users("a")
    return c("ListMFADevices", key=c.key("a"))


@witness("200")
def new_keys_lag(c):
    return users_have_no_permissions(c)


@witness(False)
def account_is_not_empty(c):
    c("ListVirtualMFADevices")
    return "<SerialNumber>" in c.body


@witness(True)
def odd_markers(c):
    c.enabled("d", "e")
    c("ListMFADevices", UserName="a", MaxItems="1")
    return bool(re.search("<Marker>[A-Za-z0-9_=-]+</Marker>", c.body))


@witness(False)
def dates_with_milliseconds(c):
    c.users("a")
    return ".000Z</CreateDate>" in c.body


@witness(None)
def other_headers(c):
    c.users("a")
    return c.headers["x-served-by-1"]


@witness(True)
def slow_replies(c):
    start = time.monotonic()
    c("ListUsers")
    return time.monotonic() - start < 0.3


@witness(False)
def body_ends_with_connection(c):
    c.users("a")
    return c.headers["Content-Length"] is None


# --- A life cycle with boto3 ----------------------------------------------------------------------------------------


def expect(right, got):
    """Stop the life cycle at the first difference."""
    if got != right:
        raise AssertionError(f"expected {right!r}, got {got!r}")


def refusal(operation, **params):
    """The error code of a call that must fail."""
    try:
        operation(**params)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "success"


def everything(iam, operation, **params):
    """All items of a list, over all its pages."""
    pages = list(iam.get_paginator(operation).paginate(**params))
    names = ("Users", "MFADevices", "VirtualMFADevices", "AccessKeyMetadata")
    return [item for page in pages for name in names for item in page.get(name, [])]


def patiently(operation, **params):
    """Repeat a call for up to five seconds while its user or device cannot be modified."""
    end = time.time() + 5
    while True:
        try:
            return operation(**params)
        except ClientError as error:
            if error.response["Error"]["Code"] != "EntityTemporarilyUnmodifiable" or time.time() > end:
                raise
        time.sleep(0.2)


def eventually(right, get):
    """Wait up to two seconds for a list to show a change."""
    end = time.time() + 2
    while get() != right and time.time() < end:
        time.sleep(0.1)
    expect(right, get())


def lifecycle(url):
    """Create, enable, resynchronize, deactivate and delete. The codes suit a window of one step around now."""
    keys = {"aws_access_key_id": "ADMINISTRATOR", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    config = Config(retries={"total_max_attempts": 10, "mode": "standard"})
    iam = boto3.client("iam", endpoint_url=url, config=config, **keys)
    while time.time() % 30 > 20:
        time.sleep(1)
    user = iam.create_user(UserName="bob", Path="/team/", Tags=[{"Key": "k", "Value": "v"}])["User"]
    expect(("/team/", [{"Key": "k", "Value": "v"}]), (user["Path"], user["Tags"]))
    expect(user["UserId"], iam.get_user(UserName="bob")["User"]["UserId"])
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Path="/team/")["VirtualMFADevice"]
    expect(b"\x89PNG", made["QRCodePNG"][:4])
    device = Device(made["SerialNumber"], base64.b32decode(made["Base32StringSeed"]))
    names = {"UserName": "bob", "SerialNumber": device.serial}

    def codes():
        return dict(zip(("AuthenticationCode1", "AuthenticationCode2"), device.pair(late=2), strict=True))

    def listed(user="bob"):
        rows = everything(iam, "list_mfa_devices", UserName=user)
        return [(row["UserName"], row["SerialNumber"], row["EnableDate"].tzinfo is not None) for row in rows]

    wrong = dict(zip(("AuthenticationCode1", "AuthenticationCode2"), device.wrong(), strict=True))
    expect("InvalidAuthenticationCode", refusal(iam.enable_mfa_device, **names, **wrong))
    iam.enable_mfa_device(**names, **codes())
    eventually([("bob", device.serial, True)], listed)
    iam.resync_mfa_device(**names, **codes())
    expect("DeleteConflict", refusal(iam.delete_user, UserName="bob"))
    expect("DeleteConflict", refusal(iam.delete_virtual_mfa_device, SerialNumber=device.serial))
    iam.update_user(UserName="bob", NewUserName="rob")
    names["UserName"] = "rob"
    eventually([("rob", device.serial, True)], lambda: listed("rob"))
    rows = everything(iam, "list_virtual_mfa_devices", AssignmentStatus="Assigned")
    expect([user["UserId"]], [row["User"]["UserId"] for row in rows if row["SerialNumber"] == device.serial])
    expect("NoSuchEntity", refusal(iam.deactivate_mfa_device, **{**names, "UserName": "carol"}))
    patiently(iam.deactivate_mfa_device, **names)
    eventually([], lambda: listed("rob"))
    expect("NoSuchEntity", refusal(iam.deactivate_mfa_device, **names))
    if device.serial in [row["SerialNumber"] for row in everything(iam, "list_virtual_mfa_devices")]:
        iam.delete_virtual_mfa_device(SerialNumber=device.serial)
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Path="/team/")["VirtualMFADevice"]
    device = Device(made["SerialNumber"], base64.b32decode(made["Base32StringSeed"]))
    iam.enable_mfa_device(**names, **codes())
    iam.deactivate_mfa_device(**names)
    key = iam.create_access_key(UserName="rob")["AccessKey"]
    expect(["rob"], [row["UserName"] for row in everything(iam, "list_access_keys", UserName="rob")])
    expect("DeleteConflict", refusal(iam.delete_user, UserName="rob"))
    iam.delete_access_key(UserName="rob", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="rob")
    expect(False, "rob" in {user["UserName"] for user in everything(iam, "list_users")})


def quota(url):
    """The ninth device of a user is refused on the correct server."""
    c = Client(url)
    c.users("many")
    answers = [c.enable("many", c.device(f"q{number}")) for number in range(9)]
    expect(["200"] * 8 + ["409 LimitExceeded"], answers)


# --- Start ----------------------------------------------------------------------------------------------------------


def listed_names(table):
    """The names in the server's own table."""
    text = subprocess.run([*SERVER, "--list", table], capture_output=True, text=True, check=True).stdout
    return [line.split("  ")[0] for line in text.splitlines()]


def answer_of(function, *options):
    """Run a witness on a new server."""
    with Server(*options) as url:
        return function(Client(url))


def main():
    """Run all checks and print one line for each."""
    faults, variants = listed_names("faults"), listed_names("variants")
    rows = dict.fromkeys(faults, "--fault") | dict.fromkeys(variants, "--variant")
    failed = [f"{name}: the witness belongs to no row" for name in WITNESSES if name not in rows]
    for name, option in rows.items():
        function, right = WITNESSES[name]
        answers = answer_of(function), answer_of(function, option, name)
        shows = answers[0] == right and answers[1] != right
        print(f"{'ok' if shows else 'FAILED'}  {name}: {answers[0]} on the correct server, {answers[1]} here")
        failed += [] if shows else [name]
    checks = [("life cycle", lifecycle, ()), ("quota", quota, ())]
    checks += [(f"life cycle of {name}", lifecycle, ("--variant", name)) for name in variants]
    for name, check, options in checks:
        with Server(*options) as url:
            try:
                check(url)
                print(f"ok  {name}")
            except (AssertionError, ClientError) as error:
                print(f"FAILED  {name}: {error}")
                failed.append(name)
    print(f"{len(failed)} of {len(rows) + len(checks)} checks failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
