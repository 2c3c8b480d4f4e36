//! An outcome is what a service answers, freed of its wire form: a success with its typed body, or an error code.
//!
//! Both halves of the protocol meet here: the service renders an [`Outcome`], the harness parses one, and the oracle
//! never sees XML.

use std::fmt;

use crate::operation::MfaOperation;
use crate::qr_code::QrCode;

/// What a call answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The operation was carried out.
    Success(SuccessBody),
    /// The operation was refused, or failed.
    Error {
        /// The code of the error.
        code: ErrorCode,
        /// The text for a person; its words are not specified, its presence is for some codes.
        message: String,
    },
}

/// The members of a successful reply that the model or the harness reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuccessBody {
    /// No result: `{Op}Response` with only its `ResponseMetadata`.
    Empty,
    /// `CreateUser`, `GetUser`
    User(UserEntry),
    /// `ListUsers`
    Users(Page<UserEntry>),
    /// `CreateVirtualMFADevice`
    VirtualDevice {
        /// The new device's serial number: its ARN.
        serial_number: String,
        /// `Base32StringSeed` as it stands in the XML: base64 of base32 text, if the service follows the protocol.
        seed_blob: String,
        /// What else the reply says of the device.
        extras: DeviceExtras,
    },
    /// `ListMFADevices`
    MfaDevices(Page<MfaDeviceEntry>),
    /// `ListVirtualMFADevices`
    VirtualDevices(Page<VirtualDeviceEntry>),
    /// `CreateAccessKey`
    AccessKey(AccessKeyEntry),
    /// `ListAccessKeys`
    AccessKeys(Page<AccessKeyEntry>),
}

/// What the reply of `CreateVirtualMFADevice` says of a device, apart from its serial number and its seed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceExtras {
    /// `QRCodePNG`
    pub qr_code: QrCode,
    /// `Tags`
    pub tags: Vec<Tag>,
}

/// A `Tag` structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// `Key`
    pub key: String,
    /// `Value`
    pub value: String,
}

/// One page of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The page's elements, in the order of the reply.
    pub items: Vec<T>,
    /// `Marker` where `IsTruncated` is true: what the next request has to send.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page that is the whole listing.
    #[must_use]
    pub const fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// A `User` structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserEntry {
    /// `UserName`
    pub user_name: String,
    /// `Arn`
    pub arn: String,
    /// `UserId`
    pub user_id: String,
    /// `Path`
    pub path: String,
    /// `CreateDate`, as text
    pub create_date: String,
    /// `Tags`, which `ListUsers` leaves out.
    pub tags: Vec<Tag>,
}

impl UserEntry {
    /// Gives the user another path and another name, and the ARN that goes with them: an ARN ends in both.
    pub fn readdress(&mut self, path: &str, name: &str) {
        let former = format!("{}{}", self.path, self.user_name);
        if let Some(account) = self.arn.strip_suffix(&former) {
            self.arn = format!("{account}{path}{name}");
        }
        path.clone_into(&mut self.path);
        name.clone_into(&mut self.user_name);
    }
}

/// An `MFADevice` structure of `ListMFADevices`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MfaDeviceEntry {
    /// `UserName`; empty where the entry has none
    pub user_name: String,
    /// `SerialNumber`
    pub serial_number: String,
    /// `EnableDate`, as text; empty where the entry has none
    pub enable_date: String,
}

/// A `VirtualMFADevice` structure of `ListVirtualMFADevices`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VirtualDeviceEntry {
    /// `SerialNumber`
    pub serial_number: String,
    /// `User`, present while the device is assigned
    pub user: Option<UserEntry>,
    /// `EnableDate`, present while the device is assigned, as text
    pub enable_date: Option<String>,
    /// `Base32StringSeed`, which only a new device shows
    pub seed_blob: Option<String>,
    /// `QRCodePNG`, which only a new device shows
    pub qr_code: QrCode,
}

/// An `AccessKey` or `AccessKeyMetadata` structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKeyEntry {
    /// `UserName`
    pub user_name: String,
    /// `AccessKeyId`
    pub access_key_id: String,
    /// `SecretAccessKey`, told once, by `CreateAccessKey`
    pub secret_access_key: Option<String>,
    /// `CreateDate`, as text
    pub create_date: String,
}

macro_rules! error_codes {
    ($($variant:ident $status:literal [$($operation:ident)*] $doc:literal;)*) => {
        /// An error code as it stands on the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorCode {
            $(#[doc = $doc] $variant,)*
        }

        impl ErrorCode {
            /// Every code that the documents or the common errors list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as written in `<Code>`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }

            /// The HTTP status that goes with the code.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// The operations under test whose pages list the code.
            pub(crate) const fn listed_by(self) -> &'static [MfaOperation] {
                match self { $(Self::$variant => &[$(MfaOperation::$operation),*],)* }
            }
        }
    };
}

// Code, status, the operations whose pages list it, when it is answered.
error_codes! {
    ConcurrentModification 409 [Enable Resync Deactivate] "Another call on the same object is in progress.";
    DeleteConflict 409 [] "Of `DeleteUser` and `DeleteVirtualMFADevice`: something is attached.";
    EntityAlreadyExists 409 [Enable] "The resource exists already.";
    EntityTemporarilyUnmodifiable 409 [Enable Deactivate] "The entity can't be changed for a while.";
    LimitExceeded 409 [Enable Resync Deactivate] "The account is at a limit.";
    InvalidAuthenticationCode 403 [Enable Resync] "The device did not emit the codes.";
    NoSuchEntity 404 [Enable Resync Deactivate] "The user or the device is absent.";
    InvalidInput 400 [] "Of the operations that create.";
    ServiceFailure 500 [Enable Resync Deactivate] "An unknown failure.";
    ValidationError 400 [] "Common: a constraint of the input is broken.";
    MissingParameter 400 [] "Common: a required parameter is absent.";
    MissingAction 400 [] "Common: no `Action`.";
    InvalidAction 400 [] "Common: no such operation, or version.";
    InvalidParameterValue 400 [] "Common: a value is out of range.";
    InvalidParameterCombination 400 [] "Common: parameters that exclude each other.";
    InvalidQueryParameter 400 [] "Common: the query string is malformed.";
    IncompleteSignature 400 [] "Common: the signature is malformed.";
    RequestExpired 400 [] "Common: the request's date is too far off.";
    Throttling 400 [] "Common: too many requests.";
    AccessDenied 403 [] "Common: the caller is not allowed to.";
    MissingAuthenticationToken 403 [] "Common: the request is not signed.";
    OptInRequired 403 [] "Common: the account is not subscribed.";
    InvalidClientTokenId 403 [] "Common: no such access key.";
    MalformedQueryString 404 [] "Common: the query string has a syntax error.";
    InternalFailure 500 [] "Common: an unknown failure.";
    ServiceUnavailable 503 [] "Common: a temporary failure.";
}

impl ErrorCode {
    /// The code that a reply names, or `None` for one that no document knows.
    #[must_use]
    pub fn from_wire(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.as_str() == code)
    }

    /// Whether the code tells that the client is at fault (4xx).
    #[must_use]
    pub const fn is_client_error(self) -> bool {
        self.status() < 500
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A set of error codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ErrorCodes(u32);

impl ErrorCodes {
    /// The set of these codes.
    #[must_use]
    pub const fn of(codes: &[ErrorCode]) -> Self {
        let mut bits = 0;
        let mut rest = codes;
        while let [first, tail @ ..] = rest {
            bits |= 1 << (*first as u32);
            rest = tail;
        }
        Self(bits)
    }

    /// Every code that tells that the client is at fault (4xx).
    pub const CLIENT: Self = {
        let mut bits = 0;
        let mut rest = ErrorCode::ALL;
        while let [first, tail @ ..] = rest {
            if first.is_client_error() {
                bits |= 1 << (*first as u32);
            }
            rest = tail;
        }
        Self(bits)
    };

    /// The set without one code.
    #[must_use]
    pub const fn without(self, code: ErrorCode) -> Self {
        Self(self.0 & !(1 << (code as u32)))
    }

    /// Whether each code of `other` is in the set.
    #[must_use]
    pub const fn contains_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether `code` is in the set.
    #[must_use]
    pub const fn contains(self, code: ErrorCode) -> bool {
        self.0 & (1 << (code as u32)) != 0
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The codes of the set, in the order of [`ErrorCode::ALL`].
    pub fn iter(self) -> impl Iterator<Item = ErrorCode> {
        ErrorCode::ALL.iter().copied().filter(move |code| self.contains(*code))
    }
}

impl fmt::Display for ErrorCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, code) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(" or ")?;
            }
            write!(f, "{code}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: ErrorCodes = ErrorCodes::of(&[ErrorCode::NoSuchEntity, ErrorCode::LimitExceeded]);

    #[test]
    fn a_code_is_read_back_as_it_is_written() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::from_wire(&code.to_string()), Some(*code));
        }
        assert_eq!(ErrorCode::from_wire("nosuchentity"), None);
        assert_eq!(format!("{:>13}", ErrorCode::NoSuchEntity), " NoSuchEntity");
    }

    #[test]
    fn the_client_is_at_fault_for_all_but_the_three_failures() {
        let failures = [ErrorCode::ServiceFailure, ErrorCode::InternalFailure, ErrorCode::ServiceUnavailable];
        for code in ErrorCode::ALL {
            assert_eq!(code.is_client_error(), !failures.contains(code), "{code}");
            assert_eq!(ErrorCodes::CLIENT.contains(*code), code.is_client_error(), "{code}");
        }
    }

    #[test]
    fn a_set_holds_what_was_put_into_it() {
        assert!(TWO.iter().eq([ErrorCode::LimitExceeded, ErrorCode::NoSuchEntity]));
        for code in ErrorCode::ALL {
            let one = ErrorCodes::of(&[*code]);
            assert!(one.iter().eq([*code]), "{code}");
            assert_eq!(one.without(*code), ErrorCodes::default(), "{code}");
            assert_eq!(TWO.contains_all(one), TWO.contains(*code), "{code}");
            assert!(TWO.union(one).contains_all(TWO) && TWO.union(one).contains(*code), "{code}");
            assert!(!TWO.without(*code).contains(*code), "{code}");
        }
        assert!(TWO.contains_all(ErrorCodes::default()) && !ErrorCodes::default().contains_all(TWO));
    }

    #[test]
    fn a_set_is_written_as_a_choice() {
        assert_eq!(TWO.to_string(), "LimitExceeded or NoSuchEntity");
        assert_eq!(ErrorCodes::of(&[ErrorCode::Throttling]).to_string(), "Throttling");
        assert_eq!(ErrorCodes::default().to_string(), "");
    }
}
