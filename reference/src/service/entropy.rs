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

    /// The unique id of a user, as IAM gives them: `AIDA` and 17 letters.
    pub(super) fn user_id(&mut self) -> String {
        self.letters("AIDA", 17)
    }

    /// The id of an access key, as IAM gives them: `AKIA` and 16 letters.
    pub(super) fn access_key_id(&mut self) -> String {
        self.letters("AKIA", 16)
    }

    fn letters(&mut self, prefix: &str, count: usize) -> String {
        let mut id = prefix.to_owned();
        id.extend(std::iter::repeat_with(|| self.0.char('A'..='Z')).take(count));
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
    fn the_ids_of_a_user_and_of_a_key_have_their_prefix_and_length_and_the_next_is_another() {
        let mut entropy = Entropy::new(1);
        for (prefix, length, draw) in
            [("AIDA", 21, Entropy::user_id as fn(&mut Entropy) -> String), ("AKIA", 20, Entropy::access_key_id)]
        {
            let (first, second) = (draw(&mut entropy), draw(&mut entropy));
            for id in [&first, &second] {
                assert!(id.len() == length && id.starts_with(prefix), "{id}");
                assert!(id.chars().all(|c| c.is_ascii_uppercase()), "{id}");
            }
            assert_ne!(first, second);
        }
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
            (entropy.request_id(), entropy.access_key_id(), entropy.secret(), entropy.seed().to_base32())
        };
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
    }
}
