//! Where a clause is written.

use std::fmt;

use crate::MfaOperation;

/// A document that clauses cite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Document {
    /// The API reference's page on `EnableMFADevice`.
    ApiEnable,
    /// The API reference's page on `ResyncMFADevice`.
    ApiResync,
    /// The API reference's page on `DeactivateMFADevice`.
    ApiDeactivate,
    /// boto3's page on `deactivate_mfa_device`.
    Boto3Deactivate,
    /// The user guide's page on deactivating MFA devices.
    UserGuideDisable,
    /// The service model for `iam`, version 2010-05-08, that botocore carries; quoted without its markup.
    ServiceModel,
    /// The AWS query protocol, and the errors common to all actions.
    QueryProtocol,
    /// What AWS was seen to do. A *snapshot* is a recording that a public project keeps. A *report* is one error that a
    /// maintainer saw. A *sibling* is an observation of another service with the same protocol.
    Recordings,
}

impl Document {
    /// Every document, the ones that outrank the others first.
    pub const ALL: [Self; 8] = [
        Self::ApiEnable,
        Self::ApiResync,
        Self::ApiDeactivate,
        Self::Boto3Deactivate,
        Self::UserGuideDisable,
        Self::ServiceModel,
        Self::QueryProtocol,
        Self::Recordings,
    ];

    /// The document's title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::ApiEnable => "IAM API Reference: EnableMFADevice",
            Self::ApiResync => "IAM API Reference: ResyncMFADevice",
            Self::ApiDeactivate => "IAM API Reference: DeactivateMFADevice",
            Self::Boto3Deactivate => "boto3: IAM.Client.deactivate_mfa_device",
            Self::UserGuideDisable => "IAM User Guide: Deactivating MFA devices",
            Self::ServiceModel => "botocore's service model for iam, 2010-05-08",
            Self::QueryProtocol => "AWS query protocol",
            Self::Recordings => "recordings of AWS",
        }
    }

    /// The document's public address, where it has one.
    #[must_use]
    pub const fn url(self) -> Option<&'static str> {
        match self {
            Self::ApiEnable => Some("https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableMFADevice.html"),
            Self::ApiResync => Some("https://docs.aws.amazon.com/IAM/latest/APIReference/API_ResyncMFADevice.html"),
            Self::ApiDeactivate => {
                Some("https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeactivateMFADevice.html")
            }
            Self::Boto3Deactivate => Some(
                "https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/iam/client/deactivate_mfa_device.html",
            ),
            Self::UserGuideDisable => {
                Some("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_disable.html")
            }
            Self::ServiceModel => Some("https://github.com/boto/botocore/tree/develop/botocore/data/iam/2010-05-08"),
            Self::QueryProtocol => Some("https://smithy.io/2.0/aws/protocols/aws-query-protocol.html"),
            Self::Recordings => None,
        }
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}

/// A place in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The document.
    pub document: Document,
    /// The place in it, by its headings. For a recording, what AWS was seen to do.
    pub section: &'static str,
    /// The words that support the clause, verbatim apart from line breaks and markup.
    pub quote: Option<&'static str>,
    /// The answers in the recordings of this program that show it.
    pub recordings: &'static [Recording],
}

/// Answers of one recorded history: its id, and the numbers of the steps, the first being 1.
pub type Recording = (&'static str, &'static [usize]);

impl Source {
    /// The words of a place.
    pub(super) const fn quoting(document: Document, section: &'static str, quote: &'static str) -> Self {
        Self { document, section, quote: Some(quote), recordings: &[] }
    }

    /// A place whose content is not a sentence.
    pub(super) const fn at(document: Document, section: &'static str) -> Self {
        Self { document, section, quote: None, recordings: &[] }
    }
}

/// Cites the page on an operation.
pub(super) const fn page(operation: MfaOperation, section: &'static str, quote: &'static str) -> Source {
    match operation {
        MfaOperation::Enable => enable(section, quote),
        MfaOperation::Resync => resync(section, quote),
        MfaOperation::Deactivate => deactivate(section, quote),
    }
}

/// Cites the page on `EnableMFADevice`.
pub(super) const fn enable(section: &'static str, quote: &'static str) -> Source {
    Source::quoting(Document::ApiEnable, section, quote)
}

/// Cites the page on `ResyncMFADevice`.
pub(super) const fn resync(section: &'static str, quote: &'static str) -> Source {
    Source::quoting(Document::ApiResync, section, quote)
}

/// Cites the page on `DeactivateMFADevice`.
pub(super) const fn deactivate(section: &'static str, quote: &'static str) -> Source {
    Source::quoting(Document::ApiDeactivate, section, quote)
}

/// Cites boto3's page.
pub(super) const fn boto3(section: &'static str, quote: &'static str) -> Source {
    Source::quoting(Document::Boto3Deactivate, section, quote)
}

/// Cites the user guide.
pub(super) const fn guide(section: &'static str, quote: &'static str) -> Source {
    Source::quoting(Document::UserGuideDisable, section, quote)
}

/// Cites the service model's words.
pub(super) const fn model(section: &'static str, quote: &'static str) -> Source {
    Source::quoting(Document::ServiceModel, section, quote)
}

/// Cites a shape or an operation of the service model.
pub(super) const fn shape(section: &'static str) -> Source {
    Source::at(Document::ServiceModel, section)
}

/// Cites the query protocol.
pub(super) const fn protocol(section: &'static str) -> Source {
    Source::at(Document::QueryProtocol, section)
}

/// Cites what AWS was seen to do.
pub(super) const fn recorded(section: &'static str) -> Source {
    Source::at(Document::Recordings, section)
}

/// Cites what AWS was seen to do, and the recorded answers that show it.
pub(super) const fn seen(section: &'static str, recordings: &'static [Recording]) -> Source {
    Source { recordings, ..recorded(section) }
}

/// Sentences that several clauses cite.
pub(super) mod quote {
    pub(in crate::clause) const ABSENT: &str =
        "The request was rejected because it referenced a resource entity that does not exist.";
    pub(in crate::clause) const NOT_RECOGNISED: &str =
        "The request was rejected because the authentication code was not recognized.";
    pub(in crate::clause) const LIMIT: &str =
        "The request was rejected because it attempted to create resources beyond the current AWS account limits.";
    pub(in crate::clause) const UNMODIFIABLE: &str = "The request was rejected because it referenced an entity that is \
        temporarily unmodifiable, such as a user name that was deleted and then recreated.";
    pub(in crate::clause) const TRY_LATER: &str =
        "The error indicates that the request is likely to succeed if you try again after waiting several minutes.";
    pub(in crate::clause) const CONCURRENT: &str = "The request was rejected because multiple requests to change this \
        object were submitted simultaneously. Wait a few minutes and submit your request again.";
    pub(in crate::clause) const FAILURE: &str =
        "The request processing has failed because of an unknown error, exception or failure.";
    pub(in crate::clause) const CODE: &str = "An authentication code emitted by the device.";
    pub(in crate::clause) const SUBSEQUENT: &str = "A subsequent authentication code emitted by the device.";
    pub(in crate::clause) const LATE: &str = "If you generate the codes and then wait too long to submit the request, \
        the MFA device successfully associates with the user but the MFA device becomes out of sync.";
    pub(in crate::clause) const ENABLES: &str =
        "Enables the specified MFA device and associates it with the specified IAM user.";
    pub(in crate::clause) const SYNCHRONIZES: &str =
        "Synchronizes the specified MFA device with its IAM resource object on the AWS servers.";
    pub(in crate::clause) const WHOSE: &str = "The name of the user whose MFA device you want to resynchronize.";
    pub(in crate::clause) const FOR_WHOM: &str = "The name of the IAM user for whom you want to enable the MFA device.";
    pub(in crate::clause) const WHOSE_TO_LOSE: &str = "The name of the user whose MFA device you want to deactivate.";
    pub(in crate::clause) const EXPIRE: &str =
        "This happens because time-based one-time passwords (TOTP) expire after a short period of time.";
    pub(in crate::clause) const CAN_RESYNC: &str = "If this happens, you can resync the device.";
    pub(in crate::clause) const ROOT_SESSION: &str = "When you make this request with root user credentials, you must use \
        an AssumeRoot session to omit the user name.";
    pub(in crate::clause) const ALPHANUMERIC: &str =
        "a string of characters consisting of upper and lowercase alphanumeric characters with no spaces.";
    pub(in crate::clause) const DEACTIVATES: &str = "Deactivates the specified MFA device and removes it from \
        association with the user name for which it was originally enabled.";
    pub(in crate::clause) const DEFAULT_USER: &str =
        "This parameter is optional. If no user name is included, it defaults to the principal making the request.";
    pub(in crate::clause) const UNIQUE: &str = "The serial number that uniquely identifies the MFA device.";
    pub(in crate::clause) const ARN: &str = "For virtual MFA devices, the serial number is the device ARN.";
    pub(in crate::clause) const COMMON: &str =
        "For information about the errors that are common to all actions, see Common Errors.";
    pub(in crate::clause) const BEFORE_DELETING: &str = "If you use the API or AWS CLI to delete a user from your AWS \
        account, you must deactivate or delete the user's MFA device.";
    pub(in crate::clause) const ALREADY: &str =
        "The request was rejected because it attempted to create a resource that already exists.";
    pub(in crate::clause) const AT_ONCE: &str =
        "Submit your request immediately after generating the authentication codes.";
    pub(in crate::clause) const UNIQUE_TO_RESYNC: &str = "Serial number that uniquely identifies the MFA device.";
    pub(in crate::clause) const PATH: &str =
        r"it can contain any ASCII character from the ! (\u0021) through the DEL character (\u007F)";
    pub(in crate::clause) const ITEMS: &str =
        "you must delete the items attached to the user manually, or the deletion fails";
    pub(in crate::clause) const DEACTIVATE_FIRST: &str =
        "You must deactivate a user's virtual MFA device before you can delete it.";
    pub(in crate::clause) const UNTIL: &str = "It cannot be used to sign in or authenticate requests until it is \
        reactivated and associated with an AWS user or AWS account root user.";
    pub(in crate::clause) const SERIAL_LENGTH: &str = "Length Constraints: Minimum length of 9. Maximum length of 256.";
    pub(in crate::clause) const SERIAL_PATTERN: &str = r"Pattern: [\w+=/:,.@-]+";
    pub(in crate::clause) const SERIAL_PROSE: &str = "You can also include any of the following characters: =,.@:/-";
    pub(in crate::clause) const NAME_PROSE: &str = "You can also include any of the following characters: _+=,.@-";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_recordings_have_no_public_address() {
        for document in Document::ALL {
            assert_eq!(document.url().is_none(), document == Document::Recordings, "{document}");
            assert!(document.url().is_none_or(|url| url.starts_with("https://")), "{document}");
        }
    }
}
