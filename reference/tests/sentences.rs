//! Every sentence of the documents is quoted by a clause, or registered with the reason why none quotes it.

use std::collections::{BTreeMap, BTreeSet};

use mfa_reference::clause::{ClauseId, DEFECTS, Document, UNQUOTED};

/// The first words of every sentence, by document.
fn openings() -> BTreeMap<Document, Vec<&'static str>> {
    let text = include_str!("../../fixtures/sentences.txt");
    let mut all: BTreeMap<Document, Vec<&str>> = BTreeMap::new();
    let mut document = Document::ApiEnable;
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(title) = line.strip_prefix("= ") {
            let named = Document::ALL.into_iter().find(|known| known.title() == title);
            assert!(named.is_some(), "{title} is not a document");
            document = named.unwrap_or(document);
        } else {
            all.entry(document).or_default().push(line);
        }
    }
    all
}

/// Every quote, by document.
fn quotes() -> BTreeMap<Document, BTreeSet<&'static str>> {
    let mut all: BTreeMap<Document, BTreeSet<&str>> = BTreeMap::new();
    let of_clauses = ClauseId::all().flat_map(|id| id.clause().sources.into_owned());
    for source in of_clauses.chain(DEFECTS.iter().flat_map(|defect| defect.sentences.iter().copied())) {
        all.entry(source.document).or_default().extend(source.quote);
    }
    all
}

/// Whether the register holds the sentence that begins with these words.
fn is_registered(document: Document, opening: &str) -> bool {
    let entries = UNQUOTED.iter().filter(|entry| entry.documents.contains(&document));
    entries.flat_map(|entry| entry.openings).any(|known| known.starts_with(opening) || opening.starts_with(known))
}

#[test]
fn each_sentence_is_either_quoted_or_registered() {
    let quotes = quotes();
    let mut wrong = Vec::new();
    for (document, openings) in openings() {
        for opening in openings {
            let cited = quotes.get(&document).is_some_and(|all| all.iter().any(|quote| quote.contains(opening)));
            match (cited, is_registered(document, opening)) {
                (true, false) | (false, true) => {}
                (true, true) => wrong.push(format!("{document}: quoted, and registered as unquoted: {opening}")),
                (false, false) => wrong.push(format!("{document}: neither quoted nor registered: {opening}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_registered_sentence_stands_in_its_documents() {
    let all = openings();
    for entry in UNQUOTED {
        for document in entry.documents {
            for opening in entry.openings {
                let known = |line: &&str| line.starts_with(opening) || opening.starts_with(line);
                assert!(all.get(document).is_some_and(|lines| lines.iter().any(known)), "{document}: {opening}");
            }
        }
    }
}

#[test]
fn each_quote_holds_a_part_of_a_listed_sentence() {
    let all = openings();
    for (document, quotes) in quotes() {
        let Some(openings) = all.get(&document) else { continue };
        for quote in quotes {
            let known = openings.iter().any(|opening| quote.contains(opening) || opening.contains(quote));
            // Parts of the samples, which are listed by their beginnings.
            let of_a_sample = quote.starts_with('&') || quote.starts_with('<');
            assert!(known || of_a_sample, "{document}: {quote}");
        }
    }
}
