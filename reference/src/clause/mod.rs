//! The clause ledger: what the documents require, sentence by sentence.
//!
//! A *clause* is one sentence of the documents, or what follows from several, under an id that people type
//! (`enable.code2.subsequent`). Its *stance* says how strongly it binds a service. Its *sources* say where it is
//! written. Most clauses are rows of a flat table. The clauses about each *parameter* and *aspect*, and about each
//! error code, are products. A *defect* is a place where the documents contradict themselves; no target fails for
//! either reading. A sentence that no clause quotes is *unquoted*, with the reason.

mod aspect;
mod constraint;
mod defect;
mod entry;
mod error;
mod id;
mod listed;
mod lookup;
mod parameter;
mod row;
#[cfg(feature = "serde")]
mod serial;
mod source;
mod stance;
mod table;
mod term;
mod unknown;
mod unquoted;

pub use aspect::Aspect;
pub use defect::{DEFECTS, Defect};
pub use entry::Clause;
pub use id::ClauseId;
pub use parameter::Parameter;
pub use row::Side;
pub use source::{Document, Recording, Source};
pub use stance::{Stance, UnknownStance};
pub use term::{TERMS, Term};
pub use unknown::UnknownClause;
pub use unquoted::{UNQUOTED, Unquoted};
