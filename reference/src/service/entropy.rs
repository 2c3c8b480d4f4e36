//! Ids and seeds, all drawn from one number given: the same number gives the same service.

use std::fmt::Write as _;

use crate::totp::Seed;

/// A source of ids and seeds.
#[derive(Clone, Debug)]
pub(super) struct Entropy(fastrand::Rng);

impl Entropy {
    pub(super) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// A request id in the form of a UUID.
    pub(super) fn request_id(&mut self) -> String {
        let (high, low) = (self.0.u64(..), self.0.u64(..));
        let mut id = String::with_capacity(36);
        // Writing to a string cannot fail.
        let _infallible = write!(
            id,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        );
        id
    }

    /// A unique id as IAM gives them: a prefix that tells the kind, and 17 letters and digits.
    pub(super) fn unique_id(&mut self, prefix: &str) -> String {
        let mut id = prefix.to_owned();
        id.extend(std::iter::repeat_with(|| self.0.char('A'..='Z')).take(17));
        id
    }

    /// The secret of an access key.
    pub(super) fn secret(&mut self) -> String {
        std::iter::repeat_with(|| self.0.alphanumeric()).take(40).collect()
    }

    /// A device's seed of 40 bytes: 64 characters of base32.
    pub(super) fn seed(&mut self) -> Seed {
        let mut bytes = [0; 40];
        self.0.fill(&mut bytes);
        Seed::from_bytes(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_a_uuid_and_the_next_is_another() {
        let mut entropy = Entropy::new(1);
        let (first, second) = (entropy.request_id(), entropy.request_id());
        for id in [&first, &second] {
            let groups: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
            assert!(id.chars().all(|c| c == '-' || matches!(c, '0'..='9' | 'a'..='f')), "{id}");
        }
        assert!(first.split('-').zip(second.split('-')).all(|(first, second)| first != second), "{first} {second}");
    }

    #[test]
    fn a_unique_id_tells_its_kind_and_the_next_is_another() {
        let mut entropy = Entropy::new(1);
        let (first, second) = (entropy.unique_id("AIDA"), entropy.unique_id("AIDA"));
        for id in [&first, &second] {
            assert!(id.len() == 21 && id.starts_with("AIDA"), "{id}");
            assert!(id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()), "{id}");
        }
        assert_ne!(first, second);
    }

    #[test]
    fn a_secret_has_40_characters_and_a_seed_64_of_base32() {
        let mut entropy = Entropy::new(1);
        let (secret, seed) = (entropy.secret(), entropy.seed().to_base32());
        assert!(secret.len() == 40 && secret.chars().all(|c| c.is_ascii_alphanumeric()), "{secret}");
        assert!(seed.len() == 64 && seed.chars().all(|c| matches!(c, 'A'..='Z' | '2'..='7')), "{seed}");
        assert_ne!((secret, seed), (entropy.secret(), entropy.seed().to_base32()));
    }

    #[test]
    fn the_same_number_gives_the_same() {
        let drawn = |seed| {
            let mut entropy = Entropy::new(seed);
            (entropy.request_id(), entropy.unique_id("AKIA"), entropy.secret(), entropy.seed().to_base32())
        };
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
    }
}
