//! The services of a theme.

use crate::entry::Registered;
use crate::permitted::{codes, connections, errors, lifecycle, listing, overlap, replies, requests};
use crate::table::theme::Theme;

/// The services of a theme, each with the name of its row.
pub(crate) fn services(theme: Theme) -> Vec<Registered> {
    let parts: &[&[Registered]] = match theme {
        Theme::Codes => &[codes::SERVICES],
        Theme::Listing => &[listing::SERVICES],
        Theme::Lifecycle => &[lifecycle::SERVICES],
        Theme::Errors => &[errors::chosen::SERVICES, errors::passing::SERVICES],
        Theme::Replies => &[replies::SERVICES],
        Theme::Requests => &[requests::SERVICES],
        Theme::Connections => &[connections::SERVICES],
        Theme::Overlap => &[overlap::SERVICES],
        Theme::Association | Theme::Names | Theme::Parameters => &[],
    };
    parts.concat()
}
