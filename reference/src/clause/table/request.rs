//! Clauses on what the values of a request mean, and which fault is reported.

use crate::clause::Stance::{Contradicted, Implied, Recorded, Silent, Stated};
use crate::clause::row::{ACCEPT, BOTH, NONE, REJECT, Row, Words, row};
use crate::clause::source::{boto3, deactivate, enable, model, quote, recorded, resync, seen, shape};

pub(super) const ROWS: &[Row] = &[
    row("errors.precedence", Silent, NONE).says(Words {
        cites: &[recorded("snapshot: constraints are checked first, then the user, then codes or assignment")],
        requires: "Where several rejections apply to one call, any of them conforms. An absent device has no right \
                   codes, so NoSuchEntity and InvalidAuthenticationCode both conform there, and 200 never does.",
        test: "Calls with two faults and more, next to the ones with one fault that demand a certain error.",
    }),
    row("errors.order", Recorded, REJECT).says(Words {
        cites: &[
            seen("an absent user before wrong codes", &[("aws-066", &[2])]),
            seen("the assignment before used codes", &[("aws-000", &[12, 13, 20])]),
        ],
        requires: "Of several faults AWS names the absent user first, then the assignment of the device, then the \
                   codes.",
        test: "Wrong codes in calls that name an absent user, an assigned device or another user's.",
    }),
    row("validation.code", Recorded, REJECT).says(Words {
        cites: &[recorded("snapshot: a constraint is broken"), recorded("report: user name with other characters")],
        requires: "A broken constraint is refused with 400 ValidationError.",
        test: "Each reject-side request of a parameter clause, by the repair rule.",
    }),
    row("validation.before-existence", Recorded, REJECT).says(Words {
        cites: &[recorded("snapshot: constraints are checked first, then the user")],
        requires: "Constraints are checked before existence: a broken constraint is a ValidationError even where the \
                   user or the device is absent.",
        test: "A broken constraint in a call that names an absent user or device.",
    }),
    row("validation.all-at-once", Recorded, REJECT).says(Words {
        cites: &[recorded("snapshot: several constraints are broken")],
        requires: "One ValidationError reports every broken constraint of the call.",
        test: "Calls that break two constraints and more; the messages are compared as a set.",
    }),
    row("codes.leading-zeros", Stated, BOTH).says(Words {
        cites: &[
            enable(
                "Request Parameters, AuthenticationCode1",
                "The format for this parameter is a string of six digits.",
            ),
            resync(
                "Request Parameters, AuthenticationCode1",
                "The format for this parameter is a sequence of six digits.",
            ),
        ],
        requires: "A code is a string of six digits: 000123 is accepted where it is the code, and refused without its \
                   zeros.",
        test: "Devices whose codes begin with zeros, found by computing ahead; the same codes with the zeros dropped.",
    }),
    row("serial-number.is-arn", Stated, ACCEPT).says(Words {
        cites: &[
            enable("Request Parameters, SerialNumber", quote::ARN),
            deactivate("Request Parameters, SerialNumber", quote::ARN),
            boto3("SerialNumber", quote::ARN),
        ],
        requires: "The serial number of a virtual device is its ARN.",
        test: "The serial number that each created device is given, in its creation, in every listing and in calls \
               that take it.",
    }),
    row("serial-number.unique", Stated, BOTH).says(Words {
        cites: &[
            enable("Request Parameters, SerialNumber", quote::UNIQUE),
            resync("Request Parameters, SerialNumber", quote::UNIQUE_TO_RESYNC),
            deactivate("Request Parameters, SerialNumber", quote::UNIQUE),
            boto3("SerialNumber", quote::UNIQUE),
        ],
        requires: "A serial number names one device. No two live ones share one, and a prefix or an extension of a \
                   live one is another, absent device.",
        test: "All devices of a run, held against each other; serial numbers with a character taken away or added, in \
               calls whose other values are right.",
    }),
    row("serial-number.own-arn", Implied, ACCEPT).says(Words {
        cites: &[
            enable("Request Parameters, SerialNumber", quote::ARN),
            enable("Request Parameters, SerialNumber", quote::SERIAL_LENGTH),
            enable("Request Parameters, SerialNumber", quote::SERIAL_PATTERN),
        ],
        requires: "A device's own ARN of at most 256 characters, all in the pattern, is valid, so it is never answered \
                   NoSuchEntity or refused for its form.",
        test: "Devices with each kind of punctuation in name and path, and with ARNs of up to 256 characters.",
    }),
    row("serial-number.own-arn-beyond", Contradicted, NONE).says(Words {
        cites: &[
            enable("Request Parameters, SerialNumber", quote::ARN),
            enable("Request Parameters, SerialNumber", quote::SERIAL_LENGTH),
            model("CreateVirtualMFADevice, Path", quote::PATH),
        ],
        requires: "A device's own ARN that breaks the length or the pattern, through a long path or one with other \
                   punctuation, is accepted as the device's serial number or refused as malformed.",
        test: "Devices with long paths and with an exclamation mark in the path.",
    }),
    row("serial-number.prose", Contradicted, NONE).says(Words {
        cites: &[
            enable("Request Parameters, SerialNumber", quote::SERIAL_PROSE),
            enable("Request Parameters, SerialNumber", quote::SERIAL_PATTERN),
            resync("Request Parameters, SerialNumber", quote::NAME_PROSE),
            resync("Request Parameters, SerialNumber", quote::SERIAL_PATTERN),
            deactivate("Request Parameters, SerialNumber", quote::SERIAL_PROSE),
            deactivate("Request Parameters, SerialNumber", quote::SERIAL_PATTERN),
        ],
        requires: "Punctuation that the pattern allows and the prose leaves out (_ and + of Enable and Deactivate, : \
                   and / of Resync) is accepted or refused as malformed.",
        test: "Serial numbers of no device that hold that punctuation, and a device's own ARN with _ and +: refused as \
               malformed or not, it is never absent (serial-number.own-arn). The : and / of an own ARN are open to \
               nobody: without them Resync couldn't be used.",
    }),
    row("serial-number.sample", Contradicted, NONE).says(Words {
        cites: &[
            enable(
                "Examples, Sample Request",
                "&SerialNumber=R1234 &AuthenticationCode1=234567 &AuthenticationCode2=987654",
            ),
            resync(
                "Examples, Sample Request",
                "&SerialNumber=R1234 &AuthenticationCode1=234567 &AuthenticationCode2=987654",
            ),
            deactivate("Examples, Sample Request", "&SerialNumber=R1234"),
            enable("Request Parameters, SerialNumber", quote::SERIAL_LENGTH),
            resync("Request Parameters, SerialNumber", quote::SERIAL_LENGTH),
            deactivate("Request Parameters, SerialNumber", quote::SERIAL_LENGTH),
        ],
        requires: "R1234, the serial number of the samples, is shorter than the minimum of 9: it is refused as too \
                   short or taken for the name of a device.",
        test: "The samples themselves, for a user Bob that exists and for none.",
    }),
    row("create-user.length", Recorded, BOTH).says(Words {
        cites: &[
            shape("CreateUser, UserName: 1 to 64 characters"),
            seen("names of 64 characters and more", &[("aws-082", &[13, 14, 15, 16])]),
        ],
        requires: "CreateUser takes names of at most 64 characters.",
        test: "Names of 64 and of 65 characters at CreateUser.",
    }),
];
