//! Values in pieces, so that scripts can use them with other names.

/// The least length of a repetition that becomes a piece, in characters.
const LONG: usize = 100;

/// The longest text whose repetition is detected, in characters.
const MOST_REPEATED: usize = 12;

/// A part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A literal text.
    Text(String),
    /// The prefix of all names of the sequence.
    Prefix,
    /// The prefix in capitals.
    Capitals,
    /// The serial number of a device, from the target's reply.
    Serial(usize),
    /// The id of an access key, from the target's reply.
    KeyId(usize),
    /// A text, repeated.
    Repeated(String, usize),
}

/// A text, with its long repetitions as pieces.
pub(super) fn literal(text: &str) -> Vec<Piece> {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() < LONG {
        return if text.is_empty() { Vec::new() } else { vec![Piece::Text(text.to_owned())] };
    }
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = characters.as_slice();
    while let [first, after @ ..] = rest {
        let Some((period, times)) = repetition(rest) else {
            plain.push(*first);
            rest = after;
            continue;
        };
        if !plain.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
        }
        pieces.push(Piece::Repeated(rest.iter().take(period).collect(), times));
        rest = rest.get(period * times..).unwrap_or_default();
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    pieces
}

/// The length of the shortest text that a long repetition at the beginning repeats, and its count.
fn repetition(characters: &[char]) -> Option<(usize, usize)> {
    (1..=MOST_REPEATED).find_map(|period| {
        let pattern = characters.get(..period)?;
        let times = characters.chunks_exact(period).take_while(|chunk| *chunk == pattern).count();
        (period * times >= LONG).then_some((period, times))
    })
}

/// Replaces a part of each text by a piece.
pub(super) fn replace(pieces: Vec<Piece>, part: &str, by: &Piece) -> Vec<Piece> {
    if part.is_empty() {
        return pieces;
    }
    let mut replaced = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let Piece::Text(text) = piece else {
            replaced.push(piece);
            continue;
        };
        for (index, between) in text.split(part).enumerate() {
            if index > 0 {
                replaced.push(by.clone());
            }
            if !between.is_empty() {
                replaced.push(Piece::Text(between.to_owned()));
            }
        }
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(pieces: &[Piece]) -> String {
        let tell = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Prefix | Piece::Capitals => "P".to_owned(),
            Piece::Serial(number) | Piece::KeyId(number) => number.to_string(),
            Piece::Repeated(text, times) => text.repeat(*times),
        };
        pieces.iter().map(tell).collect()
    }

    #[test]
    fn a_long_value_is_told_shortly_and_stays_what_it_is() {
        for (value, pieces) in [
            ("a".repeat(10_000), 1),
            (format!("x{}é", "ab".repeat(60)), 3),
            ("1234567890".repeat(1_000), 1),
            ("é".repeat(99), 1),
            (format!("{}{}", "a".repeat(100), "b".repeat(100)), 2),
            (String::new(), 0),
        ] {
            let told_in = literal(&value);
            assert_eq!((told(&told_in), told_in.len()), (value, pieces));
        }
    }

    #[test]
    fn a_part_is_replaced_wherever_it_stands() {
        let pieces = replace(literal("arn:mfac-1-u1/mfac-1"), "mfac-1", &Piece::Prefix);
        assert_eq!(pieces, [Piece::Text("arn:".into()), Piece::Prefix, Piece::Text("-u1/".into()), Piece::Prefix]);
    }
}
