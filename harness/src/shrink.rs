//! Shrinks the scenario of a finding by playing shorter ones on the live target.
//!
//! It works on the scenario, not on its generator, so one shrinker serves examples, sequences and replays.

mod plain_names;
mod plainer;

pub use self::plain_names::with_plain_names;
use self::plainer::plainer;
use crate::run::result::Confirmation;
use crate::scenario::{Action, Scenario, ScenarioStep};
use crate::transport::ConnectionPlan;

/// The budget for shrinking one finding.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// The most replays.
    pub replays: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { replays: 200 }
    }
}

/// The shortest scenario found, and the result of its last replay.
#[derive(Clone, Debug)]
pub struct Shrunk<R> {
    /// The scenario.
    pub scenario: Scenario,
    /// The result of the last replay that reproduced the divergence; `None` if no replay did.
    pub replay: Option<R>,
    /// Whether a replay reproduced the finding.
    pub confirmation: Confirmation,
}

/// Replays scenarios for the shrinker.
pub trait Replay {
    /// The result of a replay that reproduces the divergence.
    type Shown;

    /// Replays a scenario. Returns `None` if it doesn't reproduce the divergence.
    fn replay(&mut self, scenario: &Scenario) -> impl Future<Output = Option<Self::Shown>>;

    /// Whether no time is left.
    fn out_of_time(&self) -> bool;
}

/// Shrinks a scenario that diverged at `step` (`None`: in the clean-up).
pub async fn shrink<R: Replay>(
    scenario: &Scenario,
    step: Option<usize>,
    budget: Budget,
    replay: &mut R,
) -> Shrunk<R::Shown> {
    let mut search = Search { replay, budget, replays: 0, best: scenario.clone(), shown: None };
    let cut = up_to(scenario, step);
    // A replay without waiting is faster.
    let at_once = Scenario { patient: false, ..cut.clone() };
    let at_once = cut.patient && search.accepts(at_once).await;
    // Twice, since the reply may depend on the instant within the time step.
    let shows = at_once
        || search.accepts(cut.clone()).await
        || search.accepts(scenario.clone()).await
        || search.accepts(cut).await;
    if !shows {
        return Shrunk { scenario: scenario.clone(), replay: None, confirmation: Confirmation::NotReproduced };
    }
    let complete = search.by_one_connection().await && search.exhaust().await;
    let confirmation = Confirmation::Confirmed { replays: search.replays, cut_off: !complete };
    Shrunk { scenario: search.best, replay: search.shown, confirmation }
}

/// The scenario up to `step`, inclusive; all of it if the clean-up diverged.
pub(crate) fn up_to(scenario: &Scenario, step: Option<usize>) -> Scenario {
    let keep = step.map_or(scenario.steps.len(), |step| step + 1);
    Scenario { steps: scenario.steps.iter().take(keep).cloned().collect(), ..scenario.clone() }
}

struct Search<'r, R: Replay> {
    replay: &'r mut R,
    budget: Budget,
    replays: u32,
    best: Scenario,
    shown: Option<R::Shown>,
}

impl<R: Replay> Search<'_, R> {
    fn spent(&self) -> bool {
        self.replays >= self.budget.replays || self.replay.out_of_time()
    }

    /// Whether a candidate still reproduces the divergence. If so, it becomes the best scenario.
    async fn accepts(&mut self, candidate: Scenario) -> bool {
        self.replays += 1;
        match self.replay.replay(&candidate).await {
            Some(shown) => {
                self.best = candidate;
                self.shown = Some(shown);
                true
            }
            None => false,
        }
    }

    /// Tries the scenario on one kept connection. Returns whether the budget allowed it.
    async fn by_one_connection(&mut self) -> bool {
        if self.best.connections.is_kept() {
            return true;
        }
        if self.spent() {
            return false;
        }
        self.accepts(Scenario { connections: ConnectionPlan::Kept, ..self.best.clone() }).await;
        true
    }

    /// Removes steps and simplifies the others until no smaller scenario reproduces the divergence. Returns whether the
    /// budget allowed all of it.
    async fn exhaust(&mut self) -> bool {
        loop {
            if !self.shorten().await || !self.separate().await {
                return false;
            }
            let shortest = self.best.clone();
            if !self.simplify().await {
                return false;
            }
            if self.best == shortest {
                return true;
            }
        }
    }

    /// Removes runs of steps, long ones first. Returns whether it finished.
    async fn shorten(&mut self) -> bool {
        let mut size = (self.best.steps.len() / 2).max(1);
        loop {
            let mut removed = false;
            let mut start = self.best.steps.len().saturating_sub(size);
            loop {
                if self.spent() {
                    return false;
                }
                let steps = self.best.steps.iter().enumerate();
                let kept = steps.filter(|(index, _)| !(start..start + size).contains(index));
                let candidate = Scenario {
                    steps: kept.map(|(_, scenario_step)| scenario_step.clone()).collect(),
                    ..self.best.clone()
                };
                let is_shorter = candidate.steps.len() < self.best.steps.len() && !candidate.steps.is_empty();
                if is_shorter && playable(&candidate) && keeps_digits(&candidate, &self.best) {
                    removed |= self.accepts(candidate).await;
                }
                if start == 0 {
                    break;
                }
                start = start.saturating_sub(size).min(self.best.steps.len());
            }
            if size == 1 && !removed {
                return true;
            }
            size = (size / 2).max(1);
        }
    }

    /// Leaves out overlapping calls, one at a time. The last one overlaps nothing. Returns whether it finished.
    async fn separate(&mut self) -> bool {
        for index in 0..self.best.steps.len() {
            let mut position = 0;
            while let Some(ScenarioStep::Together { together }) = self.best.steps.get(index)
                && position < together.len()
            {
                if self.spent() {
                    return false;
                }
                let mut fewer = together.clone();
                fewer.remove(position);
                let one = (fewer.len() == 1).then(|| fewer.pop()).flatten();
                let step = one.map_or(ScenarioStep::Together { together: fewer }, ScenarioStep::One);
                let mut candidate = self.best.clone();
                if let Some(slot) = candidate.steps.get_mut(index) {
                    *slot = step;
                }
                if !(playable(&candidate) && self.accepts(candidate).await) {
                    position += 1;
                }
            }
        }
        true
    }

    /// Replaces values with plainer ones. Returns whether it finished.
    async fn simplify(&mut self) -> bool {
        let actions =
            |scenario: &Scenario, index: usize| scenario.steps.get(index).map_or(0, |step| step.actions().len());
        for index in 0..self.best.steps.len() {
            for position in 0..actions(&self.best, index) {
                if !self.simplify_at(index, position).await {
                    return false;
                }
            }
        }
        true
    }

    async fn simplify_at(&mut self, index: usize, position: usize) -> bool {
        let at = |scenario: &Scenario| scenario.steps.get(index)?.actions().get(position).cloned();
        let mut tried: Vec<Action> = Vec::new();
        // An action that became plainer in one way may become plainer in another.
        'again: while let Some(action) = at(&self.best) {
            for plainer in plainer(&action) {
                if tried.contains(&plainer) {
                    continue;
                }
                if self.spent() {
                    return false;
                }
                tried.push(plainer.clone());
                let mut candidate = self.best.clone();
                let step = candidate.steps.get_mut(index);
                if let Some(slot) = step.and_then(|step| step.actions_mut().get_mut(position)) {
                    *slot = plainer;
                }
                if playable(&candidate) && self.accepts(candidate).await {
                    continue 'again;
                }
            }
            break;
        }
        true
    }
}

/// Whether the shorter scenario still recreates each device that it creates and that the longer one recreates.
/// Without that step only chance would reproduce the divergence.
fn keeps_digits(shorter: &Scenario, longer: &Scenario) -> bool {
    longer.steps.iter().all(|scenario_step| match scenario_step {
        ScenarioStep::One(Action::RecreateDevice { device, .. }) => {
            let creates = |scenario_step: &ScenarioStep| matches!(scenario_step, ScenarioStep::One(Action::CreateDevice { device: created, .. }) if created == device);
            shorter.steps.contains(scenario_step) || !shorter.steps.iter().any(creates)
        }
        ScenarioStep::One(_) | ScenarioStep::Together { .. } => true,
    })
}

/// Whether a scenario can be played: without the step that creates a key, it can't sign with the key.
fn playable(scenario: &Scenario) -> bool {
    crate::scenario::check_steps(scenario).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{DeviceRef, Edit, MfaCall, NameForm, UserRef, Value};

    /// Reproduces its divergence while the last call's serial number ends with an added `x`.
    struct NamesAnX;

    impl Replay for NamesAnX {
        type Shown = ();

        async fn replay(&mut self, scenario: &Scenario) -> Option<()> {
            let Some(ScenarioStep::One(Action::Deactivate(call))) = scenario.steps.last() else { return None };
            matches!(&call.device, Some(Value::Edited(_, Edit::Append(text))) if text.starts_with('x')).then_some(())
        }

        fn out_of_time(&self) -> bool {
            false
        }
    }

    #[tokio::test]
    async fn edits_that_change_nothing_are_left_out_and_one_plainer_thing_leads_to_the_next() {
        let device = Value::SerialNumber(DeviceRef(1)).edited(Edit::Append("xyz".to_owned()));
        let user = Value::UserName(UserRef(1)).edited(Edit::Append(String::new()));
        let call = MfaCall { user: Some(user), device: Some(device), get: true, reversed: true, ..MfaCall::default() };
        let scenario = Scenario::of("edits", vec![Action::Deactivate(call)]);
        let shrunk = shrink(&scenario, Some(0), Budget::default(), &mut NamesAnX).await;
        let device = Value::SerialNumber(DeviceRef(1)).edited(Edit::Append("x".to_owned()));
        let user = Some(Value::UserName(UserRef(1)));
        let plain = MfaCall { user, device: Some(device), ..MfaCall::default() };
        assert_eq!(shrunk.scenario.steps, [ScenarioStep::One(Action::Deactivate(plain))]);
        assert!(matches!(shrunk.confirmation, Confirmation::Confirmed { cut_off: false, .. }));
    }

    /// Reproduces its divergence while the scenario creates user 3 and deletes it afterwards.
    struct Deletes;

    impl Replay for Deletes {
        type Shown = usize;

        async fn replay(&mut self, scenario: &Scenario) -> Option<usize> {
            let user = UserRef(3);
            let at = |wanted: &Action| {
                scenario.steps.iter().position(|scenario_step| *scenario_step == ScenarioStep::One(wanted.clone()))
            };
            let created = at(&Action::CreateUser { user, name: NameForm::Plain })?;
            let deleted = at(&Action::DeleteUser { user })?;
            (created < deleted).then_some(scenario.steps.len())
        }

        fn out_of_time(&self) -> bool {
            false
        }
    }

    fn long() -> Scenario {
        let mut actions: Vec<Action> =
            (1..=8).map(|number| Action::CreateUser { user: UserRef(number), name: NameForm::Plain }).collect();
        actions.extend((1..=6).map(|number| Action::CreateDevice { device: DeviceRef(number), name: NameForm::Plain }));
        actions.push(Action::DeleteUser { user: UserRef(3) });
        actions.push(Action::DeleteUser { user: UserRef(4) });
        Scenario::of("long", actions)
    }

    #[tokio::test]
    async fn what_the_divergence_does_not_need_is_left_out() {
        let shrunk = shrink(&long(), Some(14), Budget::default(), &mut Deletes).await;
        assert_eq!(shrunk.scenario.steps.len(), 2);
        assert_eq!(shrunk.replay, Some(2));
        assert!(matches!(shrunk.confirmation, Confirmation::Confirmed { cut_off: false, .. }));
    }

    #[tokio::test]
    async fn what_shows_without_waiting_is_played_without() {
        let patient = Scenario { patient: true, ..long() };
        let shrunk = shrink(&patient, Some(14), Budget::default(), &mut Deletes).await;
        assert_eq!((shrunk.scenario.patient, shrunk.scenario.steps.len()), (false, 2));
    }

    #[tokio::test]
    async fn a_spent_budget_keeps_the_best_so_far_and_says_so() {
        let shrunk = shrink(&long(), Some(14), Budget { replays: 2 }, &mut Deletes).await;
        assert!(matches!(shrunk.confirmation, Confirmation::Confirmed { replays: 2, cut_off: true }));
        assert!(shrunk.scenario.steps.len() < long().steps.len());
    }

    #[test]
    fn names_that_were_made_to_be_special_become_plain() {
        let user = UserRef(1);
        let named = |name| Scenario::of("named", vec![Action::CreateUser { user, name }]);
        assert_eq!(with_plain_names(&named(NameForm::Length(64))), Some(named(NameForm::Plain)));
        assert_eq!(with_plain_names(&named(NameForm::Again)), None);
        assert_eq!(with_plain_names(&named(NameForm::Plain)), None);
        let device = Some(Value::SerialNumber(DeviceRef(1)));
        let called = |user| MfaCall { user: Some(user), device: device.clone(), ..MfaCall::default() };
        let one = |call| Scenario::of("called", vec![Action::Deactivate(call)]);
        assert_eq!(with_plain_names(&one(called(Value::text("q")))), Some(one(called(Value::UserName(UserRef(250))))));
        assert_eq!(with_plain_names(&one(called(Value::UserName(user)))), None);
    }

    #[tokio::test]
    async fn what_no_replay_shows_is_flaky() {
        let scenario = Scenario::of("none", vec![Action::DeleteUser { user: UserRef(3) }]);
        let shrunk = shrink(&scenario, None, Budget::default(), &mut Deletes).await;
        assert_eq!(shrunk.confirmation, Confirmation::NotReproduced);
        assert_eq!(shrunk.scenario, scenario);
    }
}
