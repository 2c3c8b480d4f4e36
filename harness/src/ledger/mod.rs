//! The coverage ledger: for each clause, what would tell if a target broke it, or the reason that nothing can.
//!
//! A clause is *covered* by a planted fault that breaks it, if it binds; by a variant that departs from it, if it was
//! recorded; by a scenario that asks for it, if it is open. A clause that isn't needs a *reason*, and a clause with
//! neither is a gap. Everything but the reasons is derived: from the scenarios, from the catalogues of faults and
//! variants, and from the sources of the tests.
//!
//! - [`sources`]: the tests of the workspace, and which clauses they name
//! - [`mod@choices`]: the numbers that no sentence gives
//! - [`reason`]: why a clause is not covered, clause by clause
//! - [`coverage`]: all of it, gathered
//! - [`mod@text`]: the same as the text of `fixtures/coverage.txt`

pub mod choices;
pub mod coverage;
pub mod reason;
pub mod sources;
pub mod text;

pub use choices::{Choice, Value, choices};
pub use coverage::{Coverage, Gap, gaps, gather};
pub use sources::{SourceError, Test, read_tests};
pub use text::text;
