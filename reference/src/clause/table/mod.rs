//! The flat table, one file for each group, in the order of the ledger.
//!
//! Its rows are constants, so that the compiler checks each citation and finds the row of each id: a missing row is an
//! error of compilation, and a lookup costs a jump. `alike` has each rule that several operations share once.

mod alike;
mod deactivate;
mod enable;
mod reply;
mod request;
mod resync;
mod state;
mod wire;

use super::row::Row;

/// Every row, in the order of the ledger.
pub(super) const TABLE: &[&[Row]] =
    &[reply::ROWS, wire::ROWS, request::ROWS, enable::ROWS, resync::ROWS, deactivate::ROWS, state::ROWS];

/// The row of an id by the name of its variant. It walks the table, so it is for constants.
pub(super) const fn find(variant: &str) -> Option<&'static Row> {
    let mut groups = TABLE;
    while let [group, other_groups @ ..] = groups {
        let mut rows = *group;
        while let [row, others @ ..] = rows {
            if is_variant(row.head.id.as_bytes(), variant.as_bytes()) {
                return Some(row);
            }
            rows = others;
        }
        groups = other_groups;
    }
    None
}

/// Whether the words of an id, each with a capital, are the name of a variant.
const fn is_variant(mut id: &[u8], mut variant: &[u8]) -> bool {
    let mut begins = true;
    loop {
        match (id, variant) {
            ([], []) => return true,
            ([b'.' | b'-', rest @ ..], _) => (id, begins) = (rest, true),
            ([letter, rest @ ..], [expected, others @ ..]) => {
                let letter = if begins { letter.to_ascii_uppercase() } else { *letter };
                if letter != *expected {
                    return false;
                }
                (id, variant, begins) = (rest, others, false);
            }
            _ => return false,
        }
    }
}
