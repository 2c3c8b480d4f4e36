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
        requires: "Base32StringSeed of CreateVirtualMFADevice is a blob that holds base32 text: the XML carries base64 \
                   of it. Plain base32 is read too where it is unambiguous, and the report says which one it was.",
        test: "Each created device. Without a usable seed the accept side of the code clauses is not exercised; the \
               reject side is: several different pairs accepted on several devices cannot all be right.",
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
        requires: "QRCodePNG of CreateVirtualMFADevice, where the reply holds it, is a blob that holds a PNG: the XML \
                   carries base64 of the picture.",
        test: "Each created device whose reply holds it; what the picture shows is not read.",
    }),
    row("support.listed-members", Protocol, ACCEPT).says(Words {
        cites: &[
            shape("MFADevice, whose UserName, SerialNumber and EnableDate are required"),
            shape("dateType, a timestamp"),
            protocol("Timestamps are date-times in XML"),
        ],
        requires: "Each entry of ListMFADevices holds a UserName and an EnableDate, and the EnableDate is a date-time \
                   with its zone, such as 2026-01-31T12:00:00Z.",
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
        requires: "The serial number of a new device is the ARN that ends in mfa, its path and its name.",
        test: "Each created device, in no path, in / and in a longer one.",
    }),
    row("list.without-seeds", Recorded, ACCEPT).says(Words {
        cites: &[
            recorded("snapshot: ListVirtualMFADevices with assigned and unassigned devices"),
            model(
                "ListVirtualMFADevices",
                "IAM resource-listing operations return a subset of the available attributes for the resource.",
            ),
        ],
        requires: "ListVirtualMFADevices repeats neither Base32StringSeed nor QRCodePNG of a device.",
        test: "Each listing of virtual devices that has an entry.",
    }),
    row("create.path", Recorded, REJECT).says(Words {
        cites: &[
            recorded("snapshot: CreateVirtualMFADevice with a Path that lacks a slash, and with one of 514 characters"),
            shape("pathType: 1 to 512 characters, (/)|(/[!-~]+/)"),
        ],
        requires: "CreateUser and CreateVirtualMFADevice refuse with ValidationError a path that is neither a slash \
                   nor printable ASCII between two slashes, or is longer than 512 characters.",
        test: "Paths without a slash at either end.",
    }),
    row("delete-user.requires-deactivation", Protocol, BOTH).says(Words {
        cites: &[model("DeleteUser", quote::ITEMS), guide("Deactivating MFA devices, Note", quote::BEFORE_DELETING)],
        requires: "DeleteUser of a user with a device is refused and changes nothing; after a Deactivate, with the \
                   access keys deleted too, it succeeds. The guide says what the caller must do, and the service model \
                   that the deletion fails otherwise.",
        test: "DeleteUser before and after the device's Deactivate, with one device and with several.",
    }),
    row("delete-user.code", Recorded, REJECT).says(Words {
        cites: &[
            seen("DeleteUser while a device is enabled", &[("aws-000", &[18])]),
            shape("DeleteUser, DeleteConflictException"),
        ],
        requires: "The refusal has the code DeleteConflict.",
        test: "DeleteUser of a user whose only attachment is a device.",
    }),
    row("delete-user.leaves-others", Implied, BOTH).says(Words {
        cites: &[
            guide("Deactivating MFA devices, Note", quote::BEFORE_DELETING),
            model("DeleteUser", "Deletes the specified IAM user."),
        ],
        requires: "Deleting a user, or trying to, touches no other user and no other user's device.",
        test: "The listings of others after each DeleteUser, accepted or refused.",
    }),
    row("delete-virtual-device.attached", Recorded, BOTH).says(Words {
        cites: &[
            seen("DeleteVirtualMFADevice of an assigned device", &[("aws-000", &[17])]),
            model("DeleteVirtualMFADevice", quote::DEACTIVATE_FIRST),
        ],
        requires: "DeleteVirtualMFADevice of an assigned device is refused with DeleteConflict.",
        test: "DeleteVirtualMFADevice of an assigned device, then after its Deactivate.",
    }),
    row("delete-virtual-device.frees-user", Implied, ACCEPT).says(Words {
        cites: &[guide("Deactivating MFA devices, Note", quote::BEFORE_DELETING)],
        requires: "DeleteVirtualMFADevice of an assigned device is refused with 409 DeleteConflict, or it frees the \
                   user: then no listing shows the device, and DeleteUser succeeds.",
        test: "The listings after DeleteVirtualMFADevice of an assigned device and of an unassigned one, then \
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
        requires: "ListVirtualMFADevices with an AssignmentStatus lists the devices of that status and no others.",
        test: "The three statuses, and none, with assigned and unassigned devices about.",
    }),
    row("rename.keeps-device", Recorded, ACCEPT).says(Words {
        cites: &[seen("UpdateUser renames a user with a device", &[("aws-081", &[5, 7])])],
        requires: "A renamed user keeps the device.",
        test: "The listings under the new name after UpdateUser, then a Deactivate under it.",
    }),
    row("recreated-user.has-no-device", Implied, ACCEPT).says(Words {
        cites: &[
            deactivate("Description", quote::DEACTIVATES),
            guide("Deactivating MFA devices, Note", quote::BEFORE_DELETING),
            model("DeleteUser", quote::ITEMS),
        ],
        requires: "A user who was deleted and created again under the same name has no device.",
        test: "The listings of the new user, after a deletion with and without an earlier device.",
    }),
    row("state.settles", Implied, BOTH).says(Words {
        cites: &[
            enable("Description", quote::ENABLES),
            deactivate("Description", quote::DEACTIVATES),
            model("ListMFADevices", "this operation lists all the MFA devices associated with the specified user"),
        ],
        requires: "A reply's effect shows in the listings within the settling time: a listing equals some state \
                   between the settling time ago and now.",
        test: "The listings after each call, polled until they agree or the time is over; that a call had no effect is \
               read again where a first reading could be stale.",
    }),
    row("state.isolation", Implied, BOTH).says(Words {
        cites: &[enable("Description", quote::ENABLES), deactivate("Description", quote::DEACTIVATES)],
        requires: "The operations act on the specified user and device: a call on one user never changes another's.",
        test: "A canary user with a device stands through each scenario and is checked at its end.",
    }),
    row("state.durable", Implied, ACCEPT).says(Words {
        cites: &[enable("Description", quote::ENABLES), deactivate("Description", quote::DEACTIVATES)],
        requires: "An association lasts until a call ends it: reads and calls on other objects never undo it.",
        test: "The listings at the end of a scenario, held against those right after the last call that changed \
               something.",
    }),
    row("state.atomic", Implied, BOTH).says(Words {
        cites: &[
            enable("Errors, ConcurrentModification", quote::CONCURRENT),
            resync("Errors, ConcurrentModification", quote::CONCURRENT),
            deactivate("Errors, ConcurrentModification", quote::CONCURRENT),
        ],
        requires: "Overlapping calls have an order in which each answer is permitted; ConcurrentModification and \
                   ServiceFailure are the exceptions.",
        test: "Overlapping calls on the same user or device; their history is searched for such an order.",
    }),
    row("caller.case", Recorded, ACCEPT).says(Words {
        cites: &[model("CreateUser, UserName", "Names are not distinguished by case.")],
        requires: "A user name in another case than it was created in names the same user.",
        test: "CreateUser, the three operations and the listings with the case of a name changed.",
    }),
    row("robustness.no-crash", Implied, BOTH).says(Words {
        cites: &[enable("Errors", quote::COMMON), resync("Errors", quote::COMMON), deactivate("Errors", quote::COMMON)],
        requires: "Each request is answered with a success or an error: none is answered twice running, on fresh \
                   connections, by a broken connection, a reply that isn't HTTP or the same 500.",
        test: "Each request of the run; one that broke on an idle connection is sent again, its effect unknown.",
    }),
    row("robustness.answers", Implied, BOTH).says(Words {
        cites: &[enable("Errors", quote::COMMON), resync("Errors", quote::COMMON), deactivate("Errors", quote::COMMON)],
        requires: "Each request is answered within the time-out.",
        test: "Each request of the run, values of 10 kB among them; one that has no reply is sent again, and counts \
               all the same.",
    }),
    row("robustness.persistent-failure", Implied, BOTH).says(Words {
        cites: &[
            enable("Errors, ServiceFailure", quote::FAILURE),
            resync("Errors, ServiceFailure", quote::FAILURE),
            deactivate("Errors, ServiceFailure", quote::FAILURE),
        ],
        requires: "A failure that is nobody's fault passes: the same input is not answered with ServiceFailure, \
                   InternalFailure, Throttling or ServiceUnavailable each time.",
        test: "A call so answered is sent again: after an internal failure up to five times, after Throttling or \
               ServiceUnavailable for up to ten minutes, within the time that the run may wait.",
    }),
];
