//! Which calls the model knows: the three operations under test and the ones that set up and observe.

use std::fmt;

macro_rules! operations {
    ($($variant:ident $name:literal $under_test:expr;)*) => {
        /// An operation of the IAM Query API, version 2010-05-08.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Operation {
            /// Every operation, the three under test first.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The value of the `Action` parameter.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The operation under test that this is, or `None` for one that only sets up or observes.
            #[must_use]
            pub const fn under_test(self) -> Option<MfaOperation> {
                match self { $(Self::$variant => $under_test,)* }
            }
        }
    };
}

operations! {
    EnableMfaDevice "EnableMFADevice" Some(MfaOperation::Enable);
    ResyncMfaDevice "ResyncMFADevice" Some(MfaOperation::Resync);
    DeactivateMfaDevice "DeactivateMFADevice" Some(MfaOperation::Deactivate);
    CreateUser "CreateUser" None;
    GetUser "GetUser" None;
    ListUsers "ListUsers" None;
    UpdateUser "UpdateUser" None;
    DeleteUser "DeleteUser" None;
    CreateVirtualMfaDevice "CreateVirtualMFADevice" None;
    DeleteVirtualMfaDevice "DeleteVirtualMFADevice" None;
    ListMfaDevices "ListMFADevices" None;
    ListVirtualMfaDevices "ListVirtualMFADevices" None;
    CreateAccessKey "CreateAccessKey" None;
    ListAccessKeys "ListAccessKeys" None;
    DeleteAccessKey "DeleteAccessKey" None;
}

impl Operation {
    /// The operation that an `Action` parameter names, exactly as written in the documents.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// Whether the operation only reads.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(
            self,
            Self::GetUser | Self::ListUsers | Self::ListMfaDevices | Self::ListVirtualMfaDevices | Self::ListAccessKeys
        )
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One of the three operations under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MfaOperation {
    /// `EnableMFADevice`
    Enable,
    /// `ResyncMFADevice`
    Resync,
    /// `DeactivateMFADevice`
    Deactivate,
}

impl MfaOperation {
    /// All three, in the order of the ledger.
    pub const ALL: [Self; 3] = [Self::Enable, Self::Resync, Self::Deactivate];

    /// The same as an [`Operation`].
    #[must_use]
    pub const fn operation(self) -> Operation {
        match self {
            Self::Enable => Operation::EnableMfaDevice,
            Self::Resync => Operation::ResyncMfaDevice,
            Self::Deactivate => Operation::DeactivateMfaDevice,
        }
    }

    /// The word that stands for the operation in clause ids.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Resync => "resync",
            Self::Deactivate => "deactivate",
        }
    }
}

impl fmt::Display for MfaOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.operation().name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_prints_as_its_action() {
        for operation in Operation::ALL {
            assert_eq!(Operation::from_name(&operation.to_string()), Some(operation));
        }
        for operation in MfaOperation::ALL {
            assert_eq!(operation.to_string(), operation.operation().name());
            assert_eq!(operation.operation().under_test(), Some(operation));
        }
        assert_eq!(format!("{:>8}|{:>12}", Operation::GetUser, MfaOperation::Enable), " GetUser|EnableMFADevice");
    }
}
