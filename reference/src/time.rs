//! Instants and windows of time, as arguments: the model has no clock of its own.

/// An instant in milliseconds since the Unix epoch, by the clock of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Millis(pub i64);

impl Millis {
    /// The 30-second step of RFC 6238 that the instant lies in.
    #[must_use]
    pub const fn step(self) -> TimeStep {
        TimeStep(self.0.div_euclid(TimeStep::MILLIS))
    }

    /// This many milliseconds later.
    #[must_use]
    pub const fn plus(self, millis: i64) -> Self {
        Self(self.0 + millis)
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

/// The number of a 30-second step of RFC 6238, counted from the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeStep(pub i64);

impl TimeStep {
    /// The length of a step.
    pub const MILLIS: i64 = 30_000;

    /// The step this many steps later (earlier, if negative).
    #[must_use]
    pub const fn plus(self, steps: i64) -> Self {
        Self(self.0 + steps)
    }

    /// The instant at which the step begins.
    #[must_use]
    pub const fn start(self) -> Millis {
        Millis(self.0 * Self::MILLIS)
    }
}

/// The instants at which the service may have looked at its clock while it answered a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Not before.
    pub from: Millis,
    /// Not after.
    pub to: Millis,
}

impl Window {
    /// One instant: the service's clock is known exactly.
    #[must_use]
    pub const fn instant(at: Millis) -> Self {
        Self { from: at, to: at }
    }

    /// The window, wider by this many milliseconds on either side.
    #[must_use]
    pub const fn widened(self, millis: i64) -> Self {
        Self { from: self.from.plus(-millis), to: self.to.plus(millis) }
    }

    /// The step of the whole window, if it lies in one.
    #[must_use]
    pub fn only_step(self) -> Option<TimeStep> {
        (self.from.step() == self.to.step()).then(|| self.from.step())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_thirty_seconds_are_counted_from_the_epoch() {
        assert_eq!([59_999, 60_000, -1].map(|millis| Millis(millis).step()), [TimeStep(1), TimeStep(2), TimeStep(-1)]);
        assert_eq!((TimeStep(2).start(), TimeStep(2).plus(-3)), (Millis(60_000), TimeStep(-1)));
        assert_eq!([1_999, 2_000, -1].map(|millis| Millis(millis).seconds()), [1, 2, -1]);
    }

    #[test]
    fn a_window_lies_in_a_step_as_long_as_both_its_ends_do() {
        let window = Window::instant(Millis(31_000)).widened(1_000);
        assert_eq!(window, Window { from: Millis(30_000), to: Millis(32_000) });
        assert_eq!(window.only_step(), Some(TimeStep(1)));
        assert_eq!(window.widened(1).only_step(), None);
    }
}
