//! The ledger as text: `fixtures/ledger.txt` holds every word of every clause, so that a change of one is seen in a
//! review. `UPDATE_LEDGER=1` rewrites it.

use std::fmt::{Error, Write as _};

use mfa_reference::clause::{Clause, ClauseId, DEFECTS, Document, Source, Stance, UNQUOTED};

fn source(source: &Source) -> Result<String, Error> {
    let mut line = format!("{}, {}", source.document, source.section);
    if let Some(quote) = &source.quote {
        write!(line, ": “{quote}”")?;
    }
    Ok(line)
}

fn clause(text: &mut String, clause: &Clause) -> Result<(), Error> {
    writeln!(text, "{} ({})", clause.id, clause.stance)?;
    if let Some(operation) = clause.id.operation() {
        writeln!(text, "    of {operation}")?;
    }
    for at in clause.sources.iter() {
        writeln!(text, "    at {}", source(at)?)?;
    }
    writeln!(text, "    requires: {}", clause.requires)?;
    writeln!(text, "    test: {}", clause.test)?;
    for side in clause.sides {
        writeln!(text, "    {side}")?;
    }
    if let Some(why) = clause.excluded {
        writeln!(text, "    excluded: {why}")?;
    }
    Ok(())
}

fn ledger() -> Result<String, Error> {
    let mut text = String::from("Stances\n\n");
    for stance in Stance::ALL {
        let (binds, open) = (stance.binds(), stance.is_open());
        writeln!(text, "{stance}: {}; binds: {binds}, open: {open}", stance.when_differing())?;
    }
    text.push_str("\nDocuments\n\n");
    for document in Document::ALL {
        writeln!(text, "{}: {}", document.title(), document.url().unwrap_or("no address"))?;
    }
    text.push_str("\nClauses\n\n");
    for id in ClauseId::all() {
        clause(&mut text, &id.clause())?;
    }
    text.push_str("\nDefects of the documents\n\n");
    for defect in DEFECTS {
        writeln!(text, "{defect:#?}")?;
    }
    text.push_str("\nSentences that no clause quotes\n\n");
    for entry in UNQUOTED {
        let documents: Vec<&str> = entry.documents.iter().map(|document| document.title()).collect();
        writeln!(text, "{}: {}", documents.join("; "), entry.why)?;
        for opening in entry.openings {
            writeln!(text, "    {opening} …")?;
        }
    }
    Ok(text)
}

#[test]
fn the_ledger_reads_as_it_was_reviewed() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/ledger.txt");
    let text = ledger().unwrap();
    if std::env::var_os("UPDATE_LEDGER").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    let changed = kept.lines().zip(text.lines()).find(|(kept, now)| kept != now);
    assert!(
        kept == text,
        "fixtures/ledger.txt differs: {changed:?}; where that is meant, run this with UPDATE_LEDGER=1"
    );
}
