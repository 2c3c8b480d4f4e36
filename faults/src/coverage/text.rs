//! The text of `fixtures/coverage.txt`: one name on each line, so that a diff shows additions and removals.

use std::fmt::Write as _;

use mfa_reference::clause::Stance;

use super::gather::Coverage;
use super::reason::Reason;

const HEAD: &str = "\
# What covers each clause; written by `mfa-faults coverage`.
#
# scenario  of fixtures/scenarios, cites the clause
# test      names the clause in its body
# fault     a service that breaks the clause: `mfa-faults list`
# also      a fault of another clause, of which a finding may be named by this one with equal right
# variant   a service that departs from what was recorded, or takes another reading of what is open
# reason    why nothing more covers it
";

/// Writes the ledger.
#[must_use]
pub fn text(all: &[Coverage]) -> String {
    let mut text = HEAD.to_owned();
    // Writing to a `String` doesn't fail.
    let _written = write_blocks(&mut text, all).and_then(|()| write_totals(&mut text, all));
    text
}

fn write_blocks(text: &mut String, all: &[Coverage]) -> std::fmt::Result {
    for one in all {
        writeln!(text, "\n{} ({})", one.clause, one.clause.stance())?;
        let kinds = [
            ("scenario", &one.scenarios),
            ("test", &one.tests),
            ("fault", &one.faults),
            ("also", &one.also),
            ("variant", &one.variants),
        ];
        for (kind, names) in kinds {
            for name in names {
                writeln!(text, "    {kind:<9} {name}")?;
            }
        }
        if let Some(why) = one.reason.and_then(words) {
            writeln!(text, "    {:<9} {why}", "reason")?;
        }
    }
    Ok(())
}

/// A reason in words, unless the names of variants are enough.
fn words(reason: Reason) -> Option<String> {
    match reason {
        Reason::Excluded(why) => Some(format!("excluded: {why}")),
        Reason::SameRuleAs(other) => Some(format!("judged by the same rule as {other}")),
        Reason::Permits(_) => Some("only permits answers: these variants give them".to_owned()),
        Reason::Unasked(why) => Some(format!("either answer conforms: {why}")),
        Reason::Readings(_) => None,
    }
}

/// One line for each stance: how many of its clauses have what.
fn write_totals(text: &mut String, all: &[Coverage]) -> std::fmt::Result {
    let head = ["clauses", "scenario", "test", "fault", "also", "variant", "reason"];
    write!(text, "\n{:<12}", "total")?;
    for name in head {
        write!(text, " {name:>8}")?;
    }
    let lines = Stance::ALL.into_iter().map(Some).chain([None]);
    for stance in lines {
        let of: Vec<&Coverage> =
            all.iter().filter(|one| stance.is_none_or(|stance| one.clause.stance() == stance)).collect();
        write!(text, "\n{:<12} {:>8}", stance.map_or("all", Stance::name), of.len())?;
        let has: [fn(&Coverage) -> bool; 6] = [
            |one| !one.scenarios.is_empty(),
            |one| !one.tests.is_empty(),
            |one| !one.faults.is_empty(),
            |one| !one.also.is_empty(),
            |one| !one.variants.is_empty(),
            |one| one.reason.and_then(words).is_some(),
        ];
        for has in has {
            write!(text, " {:>8}", of.iter().filter(|one| has(one)).count())?;
        }
    }
    writeln!(text)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::coverage::{gather, read_tests};

    #[test]
    fn the_ledger_is_up_to_date() {
        let workspace = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let text = text(&gather(&read_tests(workspace).unwrap()).unwrap());
        let file = workspace.join("fixtures/coverage.txt");
        if std::env::var_os("UPDATE_COVERAGE").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(kept == text, "fixtures/coverage.txt is out of date: run this test with UPDATE_COVERAGE=1");
    }

    #[test]
    fn each_clause_has_a_block_and_the_totals_come_last() {
        let all = gather(&[]).unwrap();
        let text = text(&all);
        for one in &all {
            assert!(text.contains(&format!("\n{} ({})\n    ", one.clause, one.clause.stance())), "{}", one.clause);
        }
        let last = text.lines().next_back().unwrap();
        assert!(last.starts_with(&format!("all {:>17}", all.len())), "{last}");
    }
}
