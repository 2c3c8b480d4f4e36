//! Clauses on what the values of a request mean, and which fault is reported.

use crate::clause::Stance::{Contradicted, Implied, Recorded, Silent, Stated};
use crate::clause::row::{ACCEPT, BOTH, NONE, REJECT, Row, Words, row};
use crate::clause::source::{boto3, deactivate, enable, model, quote, recorded, resync, seen, shape};

pub(super) const ROWS: &[Row] = &[
    row("errors.precedence", Silent, NONE).says(Words {
        cites: &[recorded("snapshot: constraints are checked first, then the user, then codes or assignment")],
        requires: "If several rejections apply to a call, any of them is permitted. An absent device has no correct \
                   codes, so NoSuchEntity and InvalidAuthenticationCode are both permitted for it, and 200 never is.",
        test: "Calls with two or more faults, next to calls with one fault that require a specific error.",
    }),
    row("errors.order", Recorded, REJECT).says(Words {
        cites: &[
            seen("an absent user before wrong codes", &[("aws-066", &[2])]),
            seen("the assignment before used codes", &[("aws-000", &[12, 13, 20])]),
        ],
        requires: "If a call has several faults, AWS reports the absent user first, then the assignment of the device, \
                   then the codes.",
        test: "Calls with wrong codes that also name an absent user, an assigned device or another user's device.",
    }),
    row("validation.code", Recorded, REJECT).says(Words {
        cites: &[recorded("snapshot: a constraint is broken"), recorded("report: user name with other characters")],
        requires: "The service rejects a broken constraint with 400 ValidationError.",
        test: "Each reject-side request of a parameter clause, by the repair rule.",
    }),
    row("validation.before-existence", Recorded, REJECT).says(Words {
        cites: &[recorded("snapshot: constraints are checked first, then the user")],
        requires: "The service checks constraints before existence. It rejects a broken constraint with \
                   ValidationError even if the user or the device is absent.",
        test: "A broken constraint in a call that names an absent user or device.",
    }),
    row("validation.all-at-once", Recorded, REJECT).says(Words {
        cites: &[recorded("snapshot: several constraints are broken")],
        requires: "One ValidationError reports every broken constraint of the call.",
        test: "Calls that break two or more constraints. The tool compares the messages as sets.",
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
        requires: "A code is a string of six digits. The service accepts 000123 if that is the code, and rejects it \
                   without its zeros.",
        test: "Devices whose codes begin with zeros, and the same codes without the zeros. The tool computes codes \
               ahead to find such devices.",
    }),
    row("serial-number.is-arn", Stated, ACCEPT).says(Words {
        cites: &[
            enable("Request Parameters, SerialNumber", quote::ARN),
            deactivate("Request Parameters, SerialNumber", quote::ARN),
            boto3("SerialNumber", quote::ARN),
        ],
        requires: "The serial number of a virtual device is its ARN.",
        test: "The serial number that each created device gets: in the reply to its creation, in every listing and in \
               the calls that take it.",
    }),
    row("serial-number.unique", Stated, BOTH).says(Words {
        cites: &[
            enable("Request Parameters, SerialNumber", quote::UNIQUE),
            resync("Request Parameters, SerialNumber", quote::UNIQUE_TO_RESYNC),
            deactivate("Request Parameters, SerialNumber", quote::UNIQUE),
            boto3("SerialNumber", quote::UNIQUE),
        ],
        requires: "A serial number names one device. No two existing devices share one. A prefix or an extension of an \
                   existing serial number names another device, which is absent.",
        test: "All devices of a run, compared with each other. Serial numbers with a character removed or added, in \
               calls whose other values are correct.",
    }),
    row("serial-number.own-arn", Implied, ACCEPT).says(Words {
        cites: &[
            enable("Request Parameters, SerialNumber", quote::ARN),
            enable("Request Parameters, SerialNumber", quote::SERIAL_LENGTH),
            enable("Request Parameters, SerialNumber", quote::SERIAL_PATTERN),
        ],
        requires: "A device's own ARN is a valid serial number if it has at most 256 characters and all of them match \
                   the pattern. The service never answers NoSuchEntity for it and never rejects its form.",
        test: "Devices with each kind of punctuation in the name and the path, and with ARNs of up to 256 characters.",
    }),
    row("serial-number.own-arn-beyond", Contradicted, NONE).says(Words {
        cites: &[
            enable("Request Parameters, SerialNumber", quote::ARN),
            enable("Request Parameters, SerialNumber", quote::SERIAL_LENGTH),
            model("CreateVirtualMFADevice, Path", quote::PATH),
        ],
        requires: "If a device's own ARN breaks the length or the pattern, the service accepts it as the device's \
                   serial number or rejects it as malformed. A long path or a path with other punctuation makes such \
                   an ARN.",
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
        requires: "The service either accepts punctuation that the pattern allows and the prose omits, or rejects it \
                   as malformed. This is _ and + for Enable and Deactivate, and : and / for Resync.",
        test: "Serial numbers with that punctuation that no device has, and a device's own ARN with _ and +. The \
               service may reject this ARN as malformed, but it may not treat the device as absent \
               (serial-number.own-arn). It may not reject the : and / of a device's own ARN, because without them \
               nobody could use Resync.",
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
        requires: "The service either rejects R1234, the serial number of the samples, as too short, or treats it as \
                   the name of a device. R1234 is shorter than the minimum of 9 characters.",
        test: "The samples themselves, with a user Bob that exists and without one.",
    }),
    row("create-user.length", Recorded, BOTH).says(Words {
        cites: &[
            shape("CreateUser, UserName: 1 to 64 characters"),
            seen("names of 64 characters and more", &[("aws-082", &[13, 14, 15, 16])]),
        ],
        requires: "CreateUser accepts names of at most 64 characters.",
        test: "CreateUser with names of 64 and of 65 characters.",
    }),
];
