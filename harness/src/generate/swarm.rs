//! Swarm testing: each sequence leaves out some kinds of moves, so that the others are frequent enough to reach states
//! that an even mix never reaches. A swarm also sets the length and the crowding of a sequence.

use proptest::arbitrary::any;
use proptest::strategy::{BoxedStrategy, Just, Strategy};

/// The draws for one move: its kind, three choices within it, and how its call is encoded.
pub(super) type Choice = (u16, u8, u8, u8, u8);

/// A kind of move in a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    EnableFree,
    EnableOwned,
    EnableWrong,
    EnableAbsent,
    ResyncOwn,
    ResyncWrong,
    ResyncNotOwn,
    DeactivateOwn,
    DeactivateNotOwn,
    DeactivateAbsent,
    Repeat,
    MalformedValue,
    DeleteUser,
    DeleteDevice,
    Rename,
    Keys,
    TakenName,
    MoreUsers,
    MoreDevices,
}

/// The moves, with their weights.
const MOVES: [(Move, u16); 19] = [
    (Move::EnableFree, 22),
    (Move::EnableOwned, 7),
    (Move::EnableWrong, 14),
    (Move::EnableAbsent, 4),
    (Move::ResyncOwn, 7),
    (Move::ResyncWrong, 7),
    (Move::ResyncNotOwn, 5),
    (Move::DeactivateOwn, 10),
    (Move::DeactivateNotOwn, 7),
    (Move::DeactivateAbsent, 3),
    (Move::Repeat, 5),
    (Move::MalformedValue, 8),
    (Move::DeleteUser, 6),
    (Move::DeleteDevice, 3),
    (Move::Rename, 3),
    (Move::Keys, 2),
    (Move::TakenName, 2),
    (Move::MoreUsers, 3),
    (Move::MoreDevices, 4),
];

/// The kind of a sequence.
#[derive(Clone, Debug)]
pub(super) struct Swarm {
    moves: Vec<(Move, u16)>,
    total: u16,
    /// The most users.
    pub(super) most_users: usize,
    /// The most devices.
    pub(super) most_devices: usize,
    /// Which names are special; 0: none.
    pub(super) names: u8,
    /// Whether users sign calls with their own keys.
    pub(super) keys: bool,
}

impl Swarm {
    /// The swarm of some draws. Half of the sequences leave out no move, and none leaves out enabling a device.
    fn of(left_out: (u32, u32), crowd: u8, names: u8, keys: u8) -> Self {
        let mask = if crowd.is_multiple_of(2) { 0 } else { left_out.0 & left_out.1 };
        let kept = |(index, (one, _)): &(usize, (Move, u16))| *one == Move::EnableFree || mask >> *index & 1 == 0;
        let moves: Vec<(Move, u16)> = MOVES.into_iter().enumerate().filter(kept).map(|(_, one)| one).collect();
        let total = moves.iter().map(|(_, weight)| *weight).sum();
        let (most_users, most_devices) = match crowd {
            0..=199 => (3, 4),
            200..=229 => (2, 2),
            _ => (6, 10),
        };
        let names = if names.is_multiple_of(2) { 0 } else { names };
        Self { moves, total, most_users, most_devices, names, keys: keys.is_multiple_of(2) }
    }

    /// The move of a drawn number.
    pub(super) fn pick(&self, drawn: u16) -> Move {
        let mut left = drawn.checked_rem(self.total).unwrap_or_default();
        for (one, weight) in &self.moves {
            if left < *weight {
                return *one;
            }
            left -= weight;
        }
        Move::EnableFree
    }
}

/// Draws a kind of sequence and its moves: mostly up to twelve, sometimes up to sixty.
pub(super) fn swarms() -> impl Strategy<Value = (Swarm, Vec<Choice>)> {
    let swarm = any::<((u32, u32), u8, u8, u8)>()
        .prop_map(|(left_out, crowd, names, keys)| Swarm::of(left_out, crowd, names, keys));
    let length: BoxedStrategy<usize> =
        proptest::prop_oneof![18 => 1..=12_usize, 2 => 13..=30_usize, 1 => 31..=60_usize].boxed();
    (swarm, length).prop_flat_map(|(swarm, length)| (Just(swarm), proptest::collection::vec(any::<Choice>(), length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_say_how_often_a_move_comes() {
        let all = Swarm::of((0, 0), 0, 0, 0);
        let drawn = |wanted| (0..all.total).filter(|drawn| all.pick(*drawn) == wanted).count();
        assert!(MOVES.iter().all(|(one, weight)| drawn(*one) == usize::from(*weight)));
    }

    #[test]
    fn a_swarm_without_most_moves_still_enables_devices() {
        let few = Swarm::of((u32::MAX, u32::MAX), 1, 0, 0);
        assert!((0..200).all(|drawn| few.pick(drawn) == Move::EnableFree));
    }
}
