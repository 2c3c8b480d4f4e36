//! Replays the scenario of a finding, and shorter ones, on the target.

use std::sync::Arc;
use std::time::Duration;

use mfa_reference::clause::ClauseId;

use super::one_after_another::attribute_to_overlap;
use super::result::{Case, bucket_id};
use super::shared::Run;
use crate::execute::{Found, Patience, Played, play_among};
use crate::oracle::{Bucket, Divergence};
use crate::scenario::Scenario;
use crate::shrink::Replay;

/// How long shrinking one finding may take.
const MOST_TIME: Duration = Duration::from_mins(1);

/// How often a scenario whose calls overlap is played until it shows the finding.
const TRIES: u32 = 8;

pub(super) struct Replays<'r> {
    pub(super) run: &'r Arc<Run>,
    /// Part of every name that the replays create, the same in every shard.
    name: String,
    pub(super) bucket: &'r Bucket,
    pub(super) case: &'r Case,
    begun: Duration,
    count: u32,
    /// How many tries showed the last scenario with overlapping calls that showed the finding, and how many were made.
    pub(super) rate: (u32, u32),
}

impl<'r> Replays<'r> {
    pub(super) fn new(run: &'r Arc<Run>, bucket: &'r Bucket, case: &'r Case) -> Self {
        Self { run, name: bucket_id(bucket), bucket, case, begun: run.elapsed(), count: 0, rate: (0, 0) }
    }

    /// Plays a scenario under names of its own; `None` if no client could be built.
    pub(super) async fn play(&mut self, scenario: &Scenario) -> Option<Played> {
        self.count += 1;
        let (mut transport, patience) =
            if scenario.patient { self.run.patient_transport()? } else { (self.run.transport()?, Patience::Never) };
        let prefix = format!("{}-r{}-{}", self.run.options.prefix, self.name, self.count);
        let (settings, stop) = (self.run.settings(patience), self.run.replaying_stop());
        let mut played =
            play_among(scenario, &prefix, &settings, transport.as_mut(), &stop, &self.run.settle_cache).await;
        self.run.store().leftovers.extend(played.leftovers.iter().cloned());
        self.run.track_liveness();
        for (operation, count) in &played.timeouts {
            *self.run.store().timeouts.entry(*operation).or_default() += count;
        }
        if self.case.scenario.overlaps() {
            attribute_to_overlap(scenario, &mut played);
        }
        Some(played)
    }

    /// Plays a scenario and returns what it shows, if that is wanted.
    pub(super) async fn shows(
        &mut self,
        scenario: &Scenario,
        wanted: impl Fn(&Divergence) -> bool,
    ) -> Option<(Played, Found)> {
        let played = self.play(scenario).await?;
        let at = played.found.iter().position(|found| wanted(&found.divergence))?;
        let (before, rest) = played.found.split_at(at);
        let found = rest.first().cloned()?;
        // A shorter scenario must not show the divergence as the effect of another one. Leading zeros of codes are
        // random, so that clause doesn't count.
        let of_chance = |clause: &ClauseId| *clause == ClauseId::CodesLeadingZeros;
        let no_other_way = before.iter().all(|found| self.case.before.contains(&found.divergence.bucket()))
            && (self.case.scenario.overlaps()
                || found
                    .divergence
                    .also
                    .iter()
                    .all(|also| of_chance(also) || self.case.divergence.also.contains(also)));
        no_other_way.then_some((played, found))
    }

    /// Plays a scenario whose calls overlap with several schedules, until one shows the finding.
    pub(super) async fn shows_in_some_schedule(&mut self, scenario: &Scenario, tries: u32) -> Option<(Played, Found)> {
        for number in 0..tries {
            if self.out_of_time() {
                return None;
            }
            let played = Scenario { schedule: scenario.schedule.wrapping_add(number), ..scenario.clone() };
            if let Some(shown) = self.shows_alike(&played).await {
                self.rate = (1, number + 1);
                return Some(shown);
            }
        }
        None
    }

    /// What a scenario shows, if it breaks the same clause. Which of its overlapping calls does so is a matter of timing.
    pub(super) async fn shows_alike(&mut self, scenario: &Scenario) -> Option<(Played, Found)> {
        let clause = self.bucket.0;
        self.shows(scenario, |divergence: &Divergence| divergence.clause == clause).await
    }
}

impl Replay for Replays<'_> {
    type Shown = (Played, Found);

    async fn replay(&mut self, scenario: &Scenario) -> Option<(Played, Found)> {
        let bucket = self.bucket.clone();
        if scenario.overlaps() {
            return self.shows_in_some_schedule(scenario, TRIES).await;
        }
        self.shows(scenario, |divergence| divergence.bucket() == bucket).await
    }

    fn out_of_time(&self) -> bool {
        self.run.has_no_time_to_replay()
            || self.run.is_gone()
            || self.run.elapsed().saturating_sub(self.begun) >= MOST_TIME
    }
}
