//! The oracle, row by row. A row is a *talk*: requests, what came back for them, and what the documents' clauses say of
//! it: which divergence it is or that it is none, what it tests, and what is believed of the account
//! afterwards. The rows are also what mutation testing holds the oracle against (`docs/mutation-testing.md`).
//!
//! - `talk`: the talk itself; `ask`: what is sent; `came`: what comes back; `tell`: what is said of it, in words
//! - one file for each noun of the oracle

mod ask;
mod came;
mod talk;
mod tell;

mod belief;
mod dates;
mod devices;
mod duplicate_listings;
mod explain;
mod judge;
mod overlap;
mod persistent;
mod postconditions;
mod request_encoding;
mod resume;
mod support;
mod unreadable;
mod verdict;
mod wire;
mod words;
