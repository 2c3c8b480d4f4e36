//! In which order a service in this process runs requests that overlap.

/// In which order a service runs calls that all begin before any of them ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interleaving {
    /// The calls in the order in which they begin.
    pub begin: Vec<usize>,
    /// The calls in the order in which they end.
    pub end: Vec<usize>,
}

impl Interleaving {
    /// The interleaving of this number. Consecutive numbers differ in both orders, and together they cover every pair
    /// of orders.
    #[must_use]
    pub fn of(calls: usize, number: u32) -> Self {
        let orders: usize = (1..=calls).product();
        let number = usize::try_from(number).unwrap_or_default();
        let (begin, shift) = (number % orders, number / orders % orders);
        // The last call to begin ends first, if nothing shifts it.
        let end = (2 * orders - 1 - begin - shift) % orders;
        Self { begin: permutation(calls, begin), end: permutation(calls, end) }
    }

    /// How many interleavings there are.
    #[must_use]
    pub fn count(calls: usize) -> u32 {
        let orders: u32 = (1..=u32::try_from(calls).unwrap_or(u32::MAX)).product();
        orders.saturating_mul(orders)
    }
}

/// The permutation of this number, in lexicographic order.
fn permutation(length: usize, number: usize) -> Vec<usize> {
    let mut rest: Vec<usize> = (0..length).collect();
    let (mut order, mut number) = (Vec::with_capacity(length), number);
    while !rest.is_empty() {
        let others: usize = (1..rest.len()).product();
        order.push(rest.remove(number / others % rest.len()));
        number %= others;
    }
    order
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_numbers_cover_every_pair_of_orders() {
        for calls in 1..=4 {
            let all = (0..Interleaving::count(calls)).map(|number| Interleaving::of(calls, number));
            let distinct: BTreeSet<_> = all.map(|one| (one.begin, one.end)).collect();
            let orders: usize = (1..=calls).product();
            assert_eq!(distinct.len(), orders * orders, "{calls} calls");
        }
    }

    #[test]
    fn the_call_that_begins_last_ends_first_at_first() {
        assert_eq!(Interleaving::of(3, 0), Interleaving { begin: vec![0, 1, 2], end: vec![2, 1, 0] });
        assert_eq!(Interleaving::of(2, 2), Interleaving { begin: vec![0, 1], end: vec![0, 1] });
    }
}
