//! A clause in full, for a person who asks what an id means.

use std::borrow::Cow;

use super::{ClauseId, Side, Source, Stance};

/// One clause of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Its name.
    pub id: ClauseId,
    /// How strongly it binds.
    pub stance: Stance,
    /// Where it is written. Empty only if no document says anything.
    pub sources: Cow<'static, [Source]>,
    /// What a conforming service does, in one or two sentences.
    pub requires: Cow<'static, str>,
    /// The requests that test it. [`TERMS`](super::TERMS) explains the words.
    pub test: Cow<'static, str>,
    /// The sides that are tested. Empty if no request can break the clause, because it is undocumented (Contradicted,
    /// Silent), excluded, or only permits an answer.
    pub sides: &'static [Side],
    /// Why no request of this suite can show it.
    pub excluded: Option<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = Clause> {
        ClauseId::all().map(ClauseId::clause)
    }

    #[test]
    fn a_clause_carries_its_own_id_and_stance() {
        for id in ClauseId::all() {
            let clause = id.clause();
            assert_eq!((clause.id, clause.stance), (id, id.stance()));
        }
    }

    #[test]
    fn every_clause_that_is_not_silent_has_a_source() {
        for clause in all() {
            assert!(clause.stance == Stance::Silent || !clause.sources.is_empty(), "{}", clause.id);
        }
    }

    #[test]
    fn a_stated_clause_quotes_a_sentence() {
        for clause in all().filter(|clause| clause.stance == Stance::Stated) {
            assert!(clause.sources.iter().any(|source| source.quote.is_some()), "{}", clause.id);
        }
    }

    #[test]
    fn a_contradicted_clause_names_two_places() {
        for clause in all().filter(|clause| clause.stance == Stance::Contradicted) {
            assert!(clause.sources.len() > 1, "{}", clause.id);
        }
    }

    #[test]
    fn every_clause_says_what_it_requires_and_how_it_is_tested() {
        for clause in all() {
            for text in [&clause.requires, &clause.test] {
                assert!(text.ends_with('.') && text.len() > 10 && !text.contains("  "), "{}: {text}", clause.id);
            }
        }
    }

    #[test]
    fn nothing_is_demanded_of_an_open_or_an_excluded_clause() {
        for clause in all() {
            let demands = !clause.stance.is_open() && clause.excluded.is_none();
            let permits = clause.id.to_string().ends_with(".service-failure");
            assert_eq!(clause.sides.is_empty(), !demands || permits, "{}", clause.id);
        }
    }

    #[test]
    fn an_excluded_clause_gives_its_reason() {
        let excluded: Vec<Clause> = all().filter(|clause| clause.excluded.is_some()).collect();
        assert!(!excluded.is_empty());
        for clause in excluded {
            assert!(clause.excluded.unwrap().len() > 20, "{}", clause.id);
        }
    }

    #[test]
    fn a_side_is_named_once() {
        for clause in all() {
            assert!(clause.sides.is_sorted_by(|left, right| left < right), "{}", clause.id);
        }
    }
}
