//! The words that the clauses' tests are told in.

/// A word of the ledger and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The word.
    pub word: &'static str,
    /// Its meaning.
    pub meaning: &'static str,
}

/// The words that the tests of clauses use, in the order in which they build on each other.
pub const TERMS: &[Term] = &[
    Term {
        word: "exercised",
        meaning: "A clause counts as exercised only by a request for which more answers would be permitted \
                  without it.",
    },
    Term {
        word: "one fault at a time",
        meaning: "A certain error is demanded only of a request whose one and only fault it is, sent with a \
                  fresh pair; where several rejections apply, any of them conforms.",
    },
    Term {
        word: "repair rule",
        meaning: "A request that must be refused would succeed with its one wrong value repaired: the users \
                  and devices exist, the codes are right, the caller is allowed. Otherwise a service that \
                  never looks at the value passes.",
    },
    Term {
        word: "fresh pair",
        meaning: "The codes of the last completed step and of the current one, neither of which, nor \
                  a later one, any earlier request on this device carried. If the steps were used, the overlapping pair is tried first; \
                  where it is refused, which is the service's right, the scenario waits until the step has \
                  reached the newest used one + 2.",
    },
    Term {
        word: "wrong codes",
        meaning: "Codes that equal none of the device's within two steps of now. If such a pair is accepted, a \
                  search a day wide must explain it (a late pair, or one with a gap) before it is let pass; \
                  otherwise it diverges.",
    },
    Term {
        word: "window",
        meaning: "A call is judged over the whole time from sending to receiving, widened by a second on \
                  either side, because the service's Date header has whole seconds.",
    },
    Term {
        word: "always demanded",
        meaning: "Even where the outcome is Silent: a well-formed envelope, an error code that the operation's \
                  page or the common list knows, and no effect from a call that was refused with a 4xx.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_explained_once() {
        for (index, term) in TERMS.iter().enumerate() {
            assert!(TERMS.iter().skip(index + 1).all(|other| other.word != term.word), "{}", term.word);
            assert!(term.meaning.ends_with('.'), "{}", term.word);
        }
    }
}
