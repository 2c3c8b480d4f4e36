//! The building blocks of alterations.
//!
//! - [`named`]: the entities that a request for an operation under test names, and other decisions about it
//! - [`pairs`]: the pair of codes in a request
//! - [`reread`]: other names than those in the request
//! - [`requests`], [`replies`]: misread requests and changed replies
//! - [`listings`], [`support`], [`recreated`]: the calls around those under test

pub(crate) mod listings;
pub(crate) mod named;
pub(crate) mod pairs;
pub(crate) mod recreated;
pub(crate) mod replies;
pub(crate) mod requests;
pub(crate) mod reread;
pub(crate) mod support;
