//! What covers each clause: what would show a breach of it, or the reason why nothing can.
//!
//! A clause is *covered* by a seeded fault that breaks it, if it binds; by a variant that departs from it, if it was
//! recorded; by a scenario that tests it, if it is open. A clause that isn't covered needs a *reason*, and a clause with
//! neither is a gap. Everything except the reasons is derived from the scenarios, the catalogue and the sources of the
//! tests.
//!
//! - [`sources`]: the tests of the workspace, and which clauses they name
//! - [`reason`]: why a clause is not covered, clause by clause
//! - [`mod@gather`]: gathers the coverage
//! - [`mod@text`]: the coverage as the text of `fixtures/coverage.txt`

pub mod gather;
pub mod reason;
pub mod sources;
pub mod text;

pub use gather::{Coverage, Gap, GatherError, gaps, gather};
pub use sources::{SourceError, Test, read_tests};
pub use text::text;
