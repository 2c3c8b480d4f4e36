//! The words that describe how clauses are tested.

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
        word: "tested",
        meaning: "A clause counts as tested only by a request for which more answers would be permitted without the \
                  clause.",
    },
    Term {
        word: "one fault at a time",
        meaning: "The tool requires a specific error only if the request has exactly one fault and is sent with a \
                  fresh pair. If several rejections apply, any of them is permitted.",
    },
    Term {
        word: "repair rule",
        meaning: "A request that the service must reject would succeed if its one wrong value were repaired: the users \
                  and devices exist, the codes are correct, and the caller is allowed. Otherwise a service that never \
                  checks the value would pass.",
    },
    Term {
        word: "fresh pair",
        meaning: "The codes of the last completed time step and of the current one. No earlier request on this device \
                  carried one of these steps or a later one. If the steps were used, the scenario first tries the \
                  overlapping pair. The service may reject that pair, and then the scenario waits until the current \
                  step is the newest used step + 2.",
    },
    Term {
        word: "wrong codes",
        meaning: "Codes that equal none of the device's codes within two time steps of now. If the service accepts \
                  such a pair, the tool searches a whole day for an explanation: a late pair, or a pair with a gap. \
                  Without an explanation the target fails.",
    },
    Term {
        word: "window",
        meaning: "The tool judges a call over the whole time from sending to receiving, plus one second on either \
                  side, because the service's Date header has whole seconds.",
    },
    Term {
        word: "always demanded",
        meaning: "The tool requires this even if the outcome is Silent: a well-formed envelope, an error code from the \
                  operation's page or the list of common errors, and no effect of a call that was rejected with a 4xx.",
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
