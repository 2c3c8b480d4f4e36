//! The services of a theme.

use crate::entry::Registered;
use crate::seeded::{association, codes, connections, errors, lifecycle, listing, names, overlap, replies, requests};
use crate::table::theme::Theme;

/// The services of a theme, each with the name of its row.
pub(crate) fn services(theme: Theme) -> Vec<Registered> {
    let parts: &[&[Registered]] = match theme {
        Theme::Codes => &[
            codes::computed::SERVICES,
            codes::right_pairs::SERVICES,
            codes::unused::SERVICES,
            codes::wrong_pairs::SERVICES,
        ],
        Theme::Association => &[
            association::deactivate::SERVICES,
            association::deactivate_callers::SERVICES,
            association::enable::SERVICES,
            association::enable_refused::SERVICES,
            association::others::SERVICES,
            association::resync::SERVICES,
        ],
        Theme::Listing => &[listing::account::SERVICES, listing::users::SERVICES, listing::users_cached::SERVICES],
        Theme::Names => {
            &[names::serial_numbers::SERVICES, names::users::SERVICES, names::users_read_otherwise::SERVICES]
        }
        Theme::Lifecycle => &[
            lifecycle::deleted_users::SERVICES,
            lifecycle::devices::SERVICES,
            lifecycle::keys::SERVICES,
            lifecycle::renames::SERVICES,
            lifecycle::users::SERVICES,
        ],
        Theme::Errors => &[errors::SERVICES],
        Theme::Replies => &[replies::encodings::SERVICES, replies::forms::SERVICES],
        Theme::Requests => &[requests::gets::SERVICES, requests::values::SERVICES],
        Theme::Connections => &[connections::SERVICES],
        Theme::Overlap => &[overlap::SERVICES],
        Theme::Parameters => &[],
    };
    parts.concat()
}
