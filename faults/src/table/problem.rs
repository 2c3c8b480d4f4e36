//! Why a table can't be used.

/// Why a table of faults or variants can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableProblem {
    /// The file is not a table of this kind.
    #[error("{file} can't be read: {problem}")]
    Unreadable {
        /// The file, from the folder of the package.
        file: String,
        /// What is wrong, and in which line.
        problem: String,
    },
    /// A row has no service.
    #[error("{name:?} in {file} has neither `does` nor a service in the registry of its theme; add one of them")]
    NoService {
        /// The file.
        file: String,
        /// The name of the row.
        name: String,
    },
    /// A row has two services.
    #[error("{name:?} in {file} has `does` and a service in the registry of its theme; remove one of them")]
    TwoServices {
        /// The file.
        file: String,
        /// The name of the row.
        name: String,
    },
    /// A row's `does` is empty, or contradicts itself.
    #[error("`does` of {name:?} in {file} is wrong: {problem}")]
    Does {
        /// The file.
        file: String,
        /// The name of the row.
        name: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A service of a registry has no row.
    #[error("the service {name:?} has no row in {file}; add the row or remove the service")]
    NoRow {
        /// The file.
        file: String,
        /// The name of the service.
        name: String,
    },
}
