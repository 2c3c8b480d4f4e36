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
