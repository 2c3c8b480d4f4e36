//! Clauses on deleting, listings, and what holds across operations.

use crate::clause::Stance::{Implied, Protocol, Recorded};
use crate::clause::row::{ACCEPT, BOTH, REJECT, Row, Words, row};
use crate::clause::source::{deactivate, enable, guide, model, protocol, quote, recorded, resync, seen, shape};

pub(super) const ROWS: &[Row] = &[
    row("support.seed-usable", Protocol, ACCEPT).says(Words {
        cites: &[
            model("VirtualMFADevice, Base32StringSeed", "The Base32StringSeed is base32-encoded."),
            shape("BootstrapDatum, a blob"),
            protocol("Blobs are base64 in XML"),
        ],
        requires: "Base32StringSeed in the reply to CreateVirtualMFADevice is a blob that contains base32 text. The \
                   XML therefore contains the base64 of that text. The tool also reads plain base32 if it is \
                   unambiguous, and the report says which of the two it was.",
        test: "Each created device. Without a usable seed the accept side of the code clauses is not tested. The \
               reject side is tested: if a service accepts several different pairs on several devices, they cannot all \
               be correct.",
    }),
    row("support.qr-code", Protocol, ACCEPT).says(Words {
        cites: &[
            model(
                "VirtualMFADevice, QRCodePNG",
                "A QR code PNG image that encodes \
                 otpauth://totp/$virtualMFADeviceName@$AccountName?secret=$Base32String",
            ),
            shape("BootstrapDatum, a blob"),
            protocol("Blobs are base64 in XML"),
        ],
        requires: "QRCodePNG in the reply to CreateVirtualMFADevice, if present, is a blob that contains a PNG. The \
                   XML therefore contains the base64 of the image.",
        test: "Each created device whose reply contains it. The tool does not read what the image shows.",
    }),
    row("support.listed-members", Protocol, ACCEPT).says(Words {
        cites: &[
            shape("MFADevice, whose UserName, SerialNumber and EnableDate are required"),
            shape("dateType, a timestamp"),
            protocol("Timestamps are date-times in XML"),
        ],
        requires: "Each entry of ListMFADevices has a UserName and an EnableDate. The EnableDate is a date-time with \
                   its zone, such as 2026-01-31T12:00:00Z.",
        test: "Each listing that has an entry.",
    }),
    row("serial-number.path", Recorded, ACCEPT).says(Words {
        cites: &[
            recorded("snapshot: CreateVirtualMFADevice with a Path"),
            model(
                "CreateVirtualMFADevice, VirtualMFADeviceName",
                "Use with path to uniquely identify a virtual MFA device.",
            ),
        ],
        requires: "The serial number of a new device is the ARN that ends with mfa, the path and the name of the \
                   device.",
        test: "Each created device: without a path, in / and in a longer path.",
    }),
    row("list.without-seeds", Recorded, ACCEPT).says(Words {
        cites: &[
            recorded("snapshot: ListVirtualMFADevices with assigned and unassigned devices"),
            model(
                "ListVirtualMFADevices",
                "IAM resource-listing operations return a subset of the available attributes for the resource.",
            ),
        ],
        requires: "ListVirtualMFADevices returns neither Base32StringSeed nor QRCodePNG of a device.",
        test: "Each listing of virtual devices that has an entry.",
    }),
    row("create.path", Recorded, REJECT).says(Words {
        cites: &[
            recorded("snapshot: CreateVirtualMFADevice with a Path that lacks a slash, and with one of 514 characters"),
            shape("pathType: 1 to 512 characters, (/)|(/[!-~]+/)"),
        ],
        requires: "CreateUser and CreateVirtualMFADevice reject a malformed path with ValidationError. A path is a \
                   slash, or printable ASCII between two slashes, and has at most 512 characters.",
        test: "Paths without a slash at either end.",
    }),
    row("delete-user.requires-deactivation", Protocol, BOTH).says(Words {
        cites: &[model("DeleteUser", quote::ITEMS), guide("Deactivating MFA devices, Note", quote::BEFORE_DELETING)],
        requires: "DeleteUser rejects a user who has a device, and changes nothing. After a Deactivate, it succeeds if \
                   the access keys are deleted too. The guide says what the caller must do, and the service model says \
                   that the deletion fails otherwise.",
        test: "DeleteUser before and after the Deactivate, with one device and with several.",
    }),
    row("delete-user.code", Recorded, REJECT).says(Words {
        cites: &[
            seen("DeleteUser while a device is enabled", &[("aws-000", &[18])]),
            shape("DeleteUser, DeleteConflictException"),
        ],
        requires: "If DeleteUser rejects a user who has a device, the code is DeleteConflict.",
        test: "DeleteUser of a user to whom only a device is attached.",
    }),
    row("delete-user.leaves-others", Implied, BOTH).says(Words {
        cites: &[
            guide("Deactivating MFA devices, Note", quote::BEFORE_DELETING),
            model("DeleteUser", "Deletes the specified IAM user."),
        ],
        requires: "DeleteUser changes no other user and no other user's device, whether it succeeds or fails.",
        test: "The listings of the other users after each DeleteUser, accepted or rejected.",
    }),
    row("delete-virtual-device.attached", Recorded, BOTH).says(Words {
        cites: &[
            seen("DeleteVirtualMFADevice of an assigned device", &[("aws-000", &[17])]),
            model("DeleteVirtualMFADevice", quote::DEACTIVATE_FIRST),
        ],
        requires: "DeleteVirtualMFADevice rejects an assigned device with DeleteConflict.",
        test: "DeleteVirtualMFADevice of an assigned device, then again after its Deactivate.",
    }),
    row("delete-virtual-device.frees-user", Implied, ACCEPT).says(Words {
        cites: &[guide("Deactivating MFA devices, Note", quote::BEFORE_DELETING)],
        requires: "DeleteVirtualMFADevice either rejects an assigned device with 409 DeleteConflict, or it frees the \
                   user. If it frees the user, no listing shows the device, and DeleteUser succeeds.",
        test: "DeleteVirtualMFADevice of an assigned device and of an unassigned one, then the listings, then \
               DeleteUser.",
    }),
    row("list.assignment-status", Protocol, ACCEPT).says(Words {
        cites: &[
            model(
                "ListVirtualMFADevicesResponse, VirtualMFADevices",
                "match the AssignmentStatus value that was passed in the request",
            ),
            model("ListVirtualMFADevices", "Assignment status can be Assigned, Unassigned, or Any."),
            seen("the three statuses", &[("aws-064", &[4, 5, 6]), ("aws-000", &[6, 14, 47])]),
        ],
        requires: "ListVirtualMFADevices with an AssignmentStatus lists the devices with that status and no others.",
        test: "The three statuses, and no status, with assigned and unassigned devices present.",
    }),
    row("rename.keeps-device", Recorded, ACCEPT).says(Words {
        cites: &[seen("UpdateUser renames a user with a device", &[("aws-081", &[5, 7])])],
        requires: "A renamed user keeps the device.",
        test: "The listings under the new name after UpdateUser, then a Deactivate with the new name.",
    }),
    row("recreated-user.has-no-device", Implied, ACCEPT).says(Words {
        cites: &[
            deactivate("Description", quote::DEACTIVATES),
            guide("Deactivating MFA devices, Note", quote::BEFORE_DELETING),
            model("DeleteUser", quote::ITEMS),
        ],
        requires: "A user who was deleted and created again with the same name has no device.",
        test: "The listings of the new user. The deleted user had a device before or had none.",
    }),
    row("state.settles", Implied, BOTH).says(Words {
        cites: &[
            enable("Description", quote::ENABLES),
            deactivate("Description", quote::DEACTIVATES),
            model("ListMFADevices", "this operation lists all the MFA devices associated with the specified user"),
        ],
        requires: "The listings show the effect of a reply within the settling time. Each listing equals the state at \
                   some moment between one settling time ago and now.",
        test: "The tool polls the listings after each call until they agree or the time is over. To check that a call \
               had no effect, it reads again if the first reading could be stale.",
    }),
    row("state.isolation", Implied, BOTH).says(Words {
        cites: &[enable("Description", quote::ENABLES), deactivate("Description", quote::DEACTIVATES)],
        requires: "The operations act on the specified user and device only. A call for one user never changes another \
                   user's state.",
        test: "A canary user with a device exists throughout each scenario. The tool checks it at the end.",
    }),
    row("state.durable", Implied, ACCEPT).says(Words {
        cites: &[enable("Description", quote::ENABLES), deactivate("Description", quote::DEACTIVATES)],
        requires: "An association lasts until a call ends it. Reads and calls on other objects never undo it.",
        test: "The listings at the end of a scenario, compared with those right after the last call that changed \
               something.",
    }),
    row("state.atomic", Implied, BOTH).says(Words {
        cites: &[
            enable("Errors, ConcurrentModification", quote::CONCURRENT),
            resync("Errors, ConcurrentModification", quote::CONCURRENT),
            deactivate("Errors, ConcurrentModification", quote::CONCURRENT),
        ],
        requires: "Overlapping calls have an order in which each answer is permitted. ConcurrentModification and \
                   ServiceFailure are the exceptions.",
        test: "Overlapping calls on the same user or device. The tool searches their history for such an order.",
    }),
    row("caller.case", Recorded, ACCEPT).says(Words {
        cites: &[model("CreateUser, UserName", "Names are not distinguished by case.")],
        requires: "User names are case-insensitive: a name in another case names the same user.",
        test: "CreateUser, the three operations and the listings, with the case of a name changed.",
    }),
    row("robustness.no-crash", Implied, BOTH).says(Words {
        cites: &[enable("Errors", quote::COMMON), resync("Errors", quote::COMMON), deactivate("Errors", quote::COMMON)],
        requires: "The service answers each request with a success or an error. It never answers a request twice in a \
                   row, on fresh connections, with a broken connection, a reply that is not HTTP or the same 500.",
        test: "Each request of the run. The tool sends a request again if it broke on an idle connection, and treats \
               its effect as unknown.",
    }),
    row("robustness.answers", Implied, BOTH).says(Words {
        cites: &[enable("Errors", quote::COMMON), resync("Errors", quote::COMMON), deactivate("Errors", quote::COMMON)],
        requires: "The service answers each request within the time-out.",
        test: "Each request of the run, including values of 10 kB. A request without a reply counts, even though the \
               tool sends it again.",
    }),
    row("robustness.persistent-failure", Implied, BOTH).says(Words {
        cites: &[
            enable("Errors, ServiceFailure", quote::FAILURE),
            resync("Errors, ServiceFailure", quote::FAILURE),
            deactivate("Errors, ServiceFailure", quote::FAILURE),
        ],
        requires: "A failure that is nobody's fault does not last. The service does not answer the same input every \
                   time with ServiceFailure, InternalFailure, Throttling or ServiceUnavailable.",
        test: "The tool sends a call again after such an answer: up to five times after an internal failure, and for \
               up to ten minutes after Throttling or ServiceUnavailable, within the time that the run may wait.",
    }),
];
