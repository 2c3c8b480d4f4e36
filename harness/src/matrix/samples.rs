//! Sample matrices for the tests.

use super::value::Matrix;
use super::{Entry, build};
use crate::report::samples;

/// A target that passes, one with a finding of each kind, one that can't be judged, and one without a report.
pub(crate) fn entries() -> Vec<Entry> {
    let judged = samples::reports().into_iter().zip(["one", "two", "three"]).map(|(report, name)| Entry {
        name: name.to_owned(),
        version: Some("1.0".to_owned()),
        judged: Ok((report, format!("{name}.html"))),
    });
    let why = "four could not be installed: `pip install four==1` failed; its last lines were:\nno <b>four</b> | here\u{1b}[2J";
    let absent = Entry { name: "four".to_owned(), version: None, judged: Err(why.to_owned()) };
    judged.chain([absent]).collect()
}

pub(super) fn matrix() -> Matrix {
    build(&entries(), "mfa-conformance matrix --targets one,two,three,four")
}

const NASTY: &str = "</td><script>alert(1)</script> | `x` [y](javascript:1) **b** \" ' & \\|";

/// A matrix in which every foreign text tries to break out of the markup.
pub(super) fn hostile() -> Matrix {
    build(&hostile_entries(), NASTY)
}

/// Targets whose every text tries to break out of the markup.
pub(crate) fn hostile_entries() -> Vec<Entry> {
    let mut entries = entries();
    for entry in &mut entries {
        entry.name = NASTY.to_owned();
        entry.version = Some(NASTY.to_owned());
        match &mut entry.judged {
            Ok((report, _)) => {
                let texts = [&mut report.verdict_reason, &mut report.command]
                    .into_iter()
                    .chain(report.open.iter_mut().map(|open| &mut open.reading))
                    .chain(report.notes.iter_mut().map(|note| &mut note.text))
                    .chain(report.findings.iter_mut().flat_map(|finding| [&mut finding.title, &mut finding.id]))
                    .chain(report.not_tested.iter_mut().map(|entry| &mut entry.reason));
                for text in texts {
                    NASTY.clone_into(text);
                }
            }
            Err(why) => NASTY.clone_into(why),
        }
    }
    entries
}
