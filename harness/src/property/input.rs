//! Bytes taken one after another: how a fuzz target's input is read into what it stands for.

/// What is left of an input. Behind its end there are zeros, so that each input means something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Input<'a>(pub(super) &'a [u8]);

impl<'a> Input<'a> {
    /// Whether anything is left.
    pub(super) const fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    /// The next byte, as a number with a sign.
    pub(super) fn offset(&mut self) -> i64 {
        i64::from(self.byte().cast_signed())
    }

    /// The next `count` bytes, or what is left of them.
    pub(super) fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at_checked(count).unwrap_or((self.0, &[]));
        self.0 = rest;
        taken
    }

    /// The next four bytes as a number.
    pub(super) fn number(&mut self) -> u32 {
        (0..4).fold(0, |number, _| number << 8 | u32::from(self.byte()))
    }

    /// One of several, by the next byte.
    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let byte = usize::from(self.byte());
        all.get(byte.checked_rem(all.len())?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_the_end_there_are_zeros() {
        let mut input = Input(&[0, 0, 1, 2, 255, 7, 8]);
        assert_eq!((input.number(), input.offset()), (258, -1));
        assert_eq!(input.one_of(&['a', 'b', 'c']), Some('b'));
        assert_eq!((input.bytes(5), input.is_over()), (&[8][..], true));
        assert_eq!((input.byte(), input.number()), (0, 0));
    }
}
