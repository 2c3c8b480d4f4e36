//! The run's own names: they contain the prefix of a scenario, or are derived from it.

use sha2::{Digest, Sha256};

/// No two scenarios derive the same name of this many letters and digits: 36⁸ such names exist.
pub(super) const UNGUESSABLE: usize = 8;

/// A prefix in digits, two for each character: what names of digits alone begin with.
#[must_use]
pub fn in_digits(prefix: &str) -> String {
    let digit = |number: u8| char::from(b'0' + number % 10);
    prefix.bytes().map(|byte| byte.wrapping_sub(28)).flat_map(|number| [digit(number / 10), digit(number)]).collect()
}

/// The part of a prefix that differs between scenarios: all after the word that they share.
fn token(prefix: &str) -> &str {
    prefix.split_once('-').map(|(_, token)| token).filter(|token| token.len() > 4).unwrap_or(prefix)
}

/// Whether a name contains a prefix, its distinguishing part, or the prefix in digits.
#[must_use]
pub fn holds_prefix(prefix: &str, name: &str) -> bool {
    name.to_ascii_lowercase().contains(&token(prefix).to_ascii_lowercase()) || name.contains(&in_digits(prefix))
}

/// Whether a name belongs to the scenario of this prefix.
pub(super) fn is_own(prefix: &str, name: &str) -> bool {
    let length = name.chars().count();
    holds_prefix(prefix, name) || (length >= UNGUESSABLE && name == letters(prefix, length, 0))
}

/// A name of `length` letters and digits, derived from a prefix. Each attempt has another first character.
pub(super) fn letters(prefix: &str, length: usize, attempt: u32) -> String {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let letter = |number: usize| LETTERS.get(number % LETTERS.len()).map_or('a', |letter| char::from(*letter));
    let mut made = String::with_capacity(length);
    let mut round: u32 = 0;
    while made.len() < length {
        let mut hash = Sha256::new();
        hash.update(prefix);
        hash.update(round.to_le_bytes());
        for byte in hash.finalize() {
            let turn = if made.is_empty() { usize::try_from(attempt).unwrap_or_default() } else { 0 };
            if made.len() < length {
                made.push(letter(usize::from(byte) + turn));
            }
        }
        round += 1;
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_own_if_it_holds_the_prefix_or_is_made_of_it() {
        let prefix = "mfac-ab12cd34-b5";
        for own in ["mfac-ab12cd34-b5-u1", "fac-AB12CD34-b5-u1", "arn:aws:iam::1:mfa/mfac_ab12cd34-b5-d1"] {
            assert!(is_own(prefix, own), "{own}");
        }
        for length in [8, 9, 12, 256] {
            assert!(is_own(prefix, &letters(prefix, length, 0)), "{length}");
            assert!(!is_own("mfac-ab12cd34-b6", &letters(prefix, length, 0)), "{length}");
        }
        for others in ["u1", "Bob", "mfac-", "mfac-ab12", "R1234", "undefined"] {
            assert!(!is_own(prefix, others), "{others}");
        }
    }

    #[test]
    fn each_attempt_gives_another_letter() {
        let tried: std::collections::BTreeSet<String> = (0..36).map(|attempt| letters("mfac-x", 1, attempt)).collect();
        assert_eq!(tried.len(), 36);
    }
}
