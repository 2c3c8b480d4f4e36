//! Covering arrays: few rows in which any two levels of two dimensions meet at least once.

/// Rows that together cover each pair of levels. `levels` is the number of levels of each dimension.
///
/// The algorithm is greedy, so the array is a little longer than the shortest. A row begins with a missing pair. For
/// each other dimension it chooses the level that covers the most missing pairs.
pub(super) fn pairwise(levels: &[usize]) -> Vec<Vec<usize>> {
    let mut missing: Vec<[(usize, usize); 2]> = Vec::new();
    for (one, count) in levels.iter().enumerate() {
        for (other, other_count) in levels.iter().enumerate().skip(one + 1) {
            let levels_of_both = (0..*count).flat_map(|level| (0..*other_count).map(move |other| (level, other)));
            missing.extend(levels_of_both.map(|(level, other_level)| [(one, level), (other, other_level)]));
        }
    }
    let mut rows = Vec::new();
    while let Some(first) = missing.first() {
        let mut chosen: Vec<Option<usize>> = vec![None; levels.len()];
        for (dimension, level) in *first {
            if let Some(slot) = chosen.get_mut(dimension) {
                *slot = Some(level);
            }
        }
        for (dimension, count) in levels.iter().enumerate() {
            if chosen.get(dimension) == Some(&None) {
                let best = (0..*count).rev().max_by_key(|level| gain(&missing, &chosen, (dimension, *level)));
                if let Some(slot) = chosen.get_mut(dimension) {
                    *slot = best;
                }
            }
        }
        let row: Vec<usize> = chosen.into_iter().map(Option::unwrap_or_default).collect();
        missing.retain(|pair| !pair.iter().all(|(dimension, level)| row.get(*dimension) == Some(level)));
        rows.push(row);
    }
    rows
}

/// How many missing pairs a level would cover together with the chosen levels of a row.
fn gain(missing: &[[(usize, usize); 2]], chosen: &[Option<usize>], added: (usize, usize)) -> usize {
    let is_in = |pair: &(usize, usize)| *pair == added || chosen.get(pair.0) == Some(&Some(pair.1));
    missing.iter().filter(|pair| pair.contains(&added) && pair.iter().all(is_in)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_pair_of_levels_is_in_a_row_and_no_row_has_another_level(
            levels in prop::collection::vec(1_usize..6, 2..6),
        ) {
            let rows = pairwise(&levels);
            for row in &rows {
                prop_assert!(row.len() == levels.len() && row.iter().zip(&levels).all(|(level, count)| level < count));
            }
            for one in 0..levels.len() {
                for other in one + 1..levels.len() {
                    for pair in (0..levels[one]).flat_map(|a| (0..levels[other]).map(move |b| (a, b))) {
                        prop_assert!(rows.iter().any(|row| (row[one], row[other]) == pair));
                    }
                }
            }
        }
    }

    #[test]
    fn there_are_far_fewer_rows_than_combinations() {
        let rows = pairwise(&[3, 5, 4, 4, 5, 4, 4, 2]).len();
        assert!((25..=45).contains(&rows), "{rows}");
    }
}
