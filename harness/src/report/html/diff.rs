//! Expected and observed side by side, line by line.

use maud::{Markup, html};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::report::expected_actual::masked;
use crate::report::finding::Sight;
use crate::report::words::excerpt;

/// A line of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    /// The other side has it too.
    Same(String),
    /// The other side doesn't have it.
    Differs(String),
    /// An empty line beside one that only the other side has.
    Gap,
}

/// Both sides. A side without a body is described in words.
pub(super) fn side_by_side(expected: &Sight, observed: &Sight) -> Markup {
    let (left, right) = aligned(&lines(expected), &lines(observed));
    html! {
        div.diff {
            (side("expected", expected, &left, "del"))
            (side("observed", observed, &right, "ins"))
        }
    }
}

fn side(name: &str, sight: &Sight, lines: &[Line], class: &str) -> Markup {
    html! {
        figure {
            figcaption { b { (name) } " " (sight.summary) }
            @if !lines.is_empty() {
                pre tabindex="0" {
                    @for line in lines {
                        @match line {
                            Line::Same(text) => span.line { (text) },
                            Line::Differs(text) => span class={ "line " (class) } { (text) },
                            Line::Gap => span.line.gap aria-hidden="true" {},
                        }
                    }
                }
            }
        }
    }
}

/// Status line and body.
fn lines(sight: &Sight) -> Vec<String> {
    let Some(body) = &sight.body else { return Vec::new() };
    let status = sight.status.map(|status| format!("HTTP {status}"));
    status.into_iter().chain(excerpt(body).lines().map(str::to_owned)).collect()
}

/// Aligns both sides by their masked lines, and shows the unmasked ones.
fn aligned(left: &[String], right: &[String]) -> (Vec<Line>, Vec<Line>) {
    if left.is_empty() || right.is_empty() {
        let same = |lines: &[String]| lines.iter().cloned().map(Line::Same).collect();
        return (same(left), same(right));
    }
    let mask = |lines: &[String]| lines.iter().map(|line| masked(line)).collect::<Vec<_>>();
    let mut sides = (Vec::new(), Vec::new());
    for op in capture_diff_slices(Algorithm::Myers, &mask(left), &mask(right)) {
        let (from, to) = (op.old_range(), op.new_range());
        let kind = if matches!(op, DiffOp::Equal { .. }) { Line::Same } else { Line::Differs };
        let height = from.len().max(to.len());
        sides.0.extend(filled(left.get(from).unwrap_or_default(), kind, height));
        sides.1.extend(filled(right.get(to).unwrap_or_default(), kind, height));
    }
    sides
}

fn filled(lines: &[String], kind: fn(String) -> Line, height: usize) -> impl Iterator<Item = Line> {
    lines.iter().cloned().map(kind).chain(std::iter::repeat(Line::Gap)).take(height)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(left: &[&str], right: &[&str]) -> (Vec<Line>, Vec<Line>) {
        let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        aligned(&owned(left), &owned(right))
    }

    #[test]
    fn lines_of_both_sides_stand_beside_each_other() {
        let (same, differs) = (|text: &str| Line::Same(text.to_owned()), |text: &str| Line::Differs(text.to_owned()));
        let (left, right) = of(&["a", "b", "c"], &["a", "x", "y", "c"]);
        assert_eq!(left, [same("a"), differs("b"), Line::Gap, same("c")]);
        assert_eq!(right, [same("a"), differs("x"), differs("y"), same("c")]);
    }

    #[test]
    fn what_differs_from_call_to_call_is_the_same_and_shown() {
        let (left, right) = of(&["<RequestId>…</RequestId>"], &["<RequestId>77</RequestId>"]);
        assert_eq!(left, [Line::Same("<RequestId>…</RequestId>".to_owned())]);
        assert_eq!(right, [Line::Same("<RequestId>77</RequestId>".to_owned())]);
    }

    #[test]
    fn a_body_that_has_nothing_beside_it_differs_in_nothing() {
        assert_eq!(of(&[], &["a"]), (Vec::new(), vec![Line::Same("a".to_owned())]));
    }
}
