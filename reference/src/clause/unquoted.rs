//! The sentences of the documents that no clause quotes, and why.

use super::Document;

/// Sentences of one document for which there is no clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unquoted {
    /// The documents that contain them.
    pub documents: &'static [Document],
    /// How each of the sentences begins.
    pub openings: &'static [&'static str],
    /// Why no clause quotes them.
    pub why: &'static str,
}

const PAGES: &[Document] = &[Document::ApiEnable, Document::ApiResync, Document::ApiDeactivate];
const GUIDE: &[Document] = &[Document::UserGuideDisable];
const BOTO3: &[Document] = &[Document::Boto3Deactivate];

/// In the order of the documents. `fixtures/sentences.txt` lists every sentence, and a test finds each one either in a
/// quote or here.
pub const UNQUOTED: &[Unquoted] = &[
    Unquoted {
        documents: PAGES,
        openings: &[
            "For information about the parameters that are common",
            "For more information about using this API",
        ],
        why: "It says where to read more.",
    },
    Unquoted {
        documents: &[Document::ApiResync, Document::ApiDeactivate, Document::Boto3Deactivate],
        openings: &["For more information about creating and working"],
        why: "It says where to read more.",
    },
    Unquoted {
        documents: PAGES,
        openings: &["Type: String"],
        why: "Each parameter of a query is text, so no request can have another type.",
    },
    Unquoted {
        documents: PAGES,
        openings: &["This example illustrates one usage of"],
        why: "It introduces the samples. serial-number.sample and wire.get quote the samples.",
    },
    Unquoted { documents: BOTO3, openings: &["See also: `AWS API Documentation"], why: "It says where to read more." },
    Unquoted {
        documents: BOTO3,
        openings: &[
            "response = client.deactivate_mfa_device(",
            "UserName='string'",
            "SerialNumber='string'",
            ":type UserName: string",
            ":type SerialNumber: string",
        ],
        why: "It describes the Python client. The client turns every call that it accepts into the same request.",
    },
    Unquoted {
        documents: BOTO3,
        openings: &[":param SerialNumber: **[REQUIRED]**"],
        why: "The client rejects a call without it before it sends anything. deactivate.serial-number.required judges \
              the service.",
    },
    Unquoted {
        documents: GUIDE,
        openings: &["If you have having trouble signing in"],
        why: "It tells the user whom to ask.",
    },
    Unquoted {
        documents: GUIDE,
        openings: &["You might do this as a temporary solution"],
        why: "It says when an administrator may want to deactivate a device. A service does the same for any reason.",
    },
    Unquoted {
        documents: GUIDE,
        openings: &["However, we recommend that you enable a new device"],
        why: "It gives advice to the administrator. That the user can have a new device follows from \
              enable.fresh-pair, which accepts any unassigned device for any user.",
    },
    Unquoted {
        documents: GUIDE,
        openings: &["You make this change as part of the process"],
        why: "It says when the caller does what the previous sentence requires. delete-user.requires-deactivation says \
              what the service does if the caller does not.",
    },
    Unquoted {
        documents: GUIDE,
        openings: &[
            "To learn how to enable a new MFA device",
            "For more information about deleting users",
            "Run this command:",
            "Call this operation:",
        ],
        why: "It says where to read more.",
    },
    Unquoted {
        documents: GUIDE,
        openings: &[
            "Sign in to the AWS Management Console",
            "In the navigation pane, choose Users",
            "To deactivate the MFA device for a user, choose",
            "Choose the Security credentials tab",
            "Next to Assigned MFA device, choose Manage",
            "In the Manage MFA device wizard, choose",
        ],
        why: "It says where to click in the console. The console is not part of the Query API.",
    },
    Unquoted {
        documents: GUIDE,
        openings: &[
            "Sign in to the IAM console as the account owner",
            "On the next page, enter your password",
            "If you see three text boxes",
            "Your browser might remember this preference",
            "You cannot use the IAM user sign-in page",
            "If you see the IAM user sign-in page",
            "This returns you to the main sign-in page",
            "From there, you can sign in as the root user",
            "On the right side of the navigation bar",
            "If necessary, choose Continue",
            "Expand the Multi-factor authentication (MFA) section",
            "In the row for the MFA device that you want",
        ],
        why: "It says how the owner of the account signs in to the console and where to click there. This API cannot \
              reach the root user's device.",
    },
    Unquoted {
        documents: GUIDE,
        openings: &["The email informs you that", "The message will come from an address"],
        why: "It describes the email of deactivate.console. No reply shows the email.",
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_sentence_is_registered_once_and_with_a_reason() {
        let mut seen = BTreeSet::new();
        for entry in UNQUOTED {
            assert!(entry.why.ends_with('.') && entry.why.len() > 20, "{entry:?}");
            for document in entry.documents {
                for opening in entry.openings {
                    assert!(seen.insert((*document, *opening)), "{document}: {opening}");
                }
            }
        }
    }
}
