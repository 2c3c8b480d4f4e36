//! Plays the scenarios of the snapshots, one after another.

use std::time::Duration;

use mfa_reference::MfaOperation;
use sha2::{Digest as _, Sha256};

use super::transcript::transcript;
use crate::execute::{Patience, Played, Settings, SettleCache, Stop, play_among};
use crate::generate::Plan;
use crate::generate::sequences::sequence;
use crate::oracle::Operations;
use crate::run::TransportFactory;
use crate::scenario::{Scenario, ScenarioError};
use crate::transport::{Credentials, TransportError};

/// The seed of the sequences.
const SEED: u64 = 1;

/// How many sequences are played.
const SEQUENCES: u64 = 12;

/// The most tries of a scenario, for tries during which a new time step begins.
const TRIES: usize = 4;

/// The transcript of one scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// The scenario's name.
    pub name: String,
    /// The requests and replies.
    pub text: String,
}

/// The scenarios of the snapshots: the examples that don't wait for codes, and some sequences.
///
/// # Errors
/// An example can't be read.
pub fn scenarios() -> Result<Vec<Scenario>, ScenarioError> {
    let plan = Plan { present: MfaOperation::ALL.into_iter().collect(), ..Plan::default() };
    let examples = crate::generate::examples::examples()?.into_iter().filter(|scenario| {
        // Which of several overlapping calls comes first is a matter of chance.
        !scenario.patient && !scenario.overlaps()
    });
    Ok(examples.chain((0..SEQUENCES).map(|number| sequence(SEED, number, &plan))).collect())
}

/// Plays scenarios on a target. Each call of `prefix` returns a new prefix of 13 characters for a scenario's names.
///
/// # Errors
/// The target can't be reached, or no longer.
pub async fn play(
    factory: &dyn TransportFactory,
    credentials: &Credentials,
    scenarios: &[Scenario],
    prefix: impl Fn() -> String,
    stop: &Stop,
) -> Result<Vec<Transcript>, TransportError> {
    let settings = Settings {
        strict: false,
        // Listings that are repeated until they conform would vary in number.
        settle: Duration::ZERO,
        credentials: credentials.clone(),
        operations: Operations::all(),
        starts_empty: false,
        patience: Patience::Never,
        keep_trace: true,
    };
    let settle_cache = SettleCache::default();
    let mut transport = factory.transport(0)?;
    let (mut transcripts, mut prefixes) = (Vec::new(), Vec::new());
    for scenario in scenarios {
        // By the scenario's name, so that a new scenario doesn't change the others' transcripts.
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&scenario.name));
        let own = digest.get(..4).unwrap_or_default();
        let mut text = String::new();
        for _ in 0..TRIES {
            if factory.one_service_a_scenario() {
                transport = factory.transport(0)?;
            }
            let prefix = format!("{}-{own}", prefix());
            let begun = transport.now().step();
            let played = play_among(scenario, &prefix, &settings, transport.as_mut(), stop, &settle_cache).await;
            reachable(&played)?;
            text = transcript(scenario, &prefix, &prefixes, &played);
            prefixes.push(prefix);
            // Within one time step, the same codes are fresh in every run.
            if transport.now().step() == begun || stop.is_asked() {
                break;
            }
        }
        transcripts.push(Transcript { name: scenario.name.clone(), text });
    }
    Ok(transcripts)
}

fn reachable(played: &Played) -> Result<(), TransportError> {
    match &played.unfinished {
        Some(crate::execute::trace::Unfinished::Unreachable(why)) => Err(TransportError::Connect(why.clone())),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use mfa_reference::Millis;
    use mfa_reference::service::Behaviour;

    use super::*;
    use crate::run::InProcessFactory;

    async fn played(prefix: &'static str, now: i64) -> Vec<Transcript> {
        let factory = InProcessFactory { behaviour: Behaviour::default(), now: Millis(now) };
        let credentials =
            Credentials { access_key_id: "test".to_owned(), secret_access_key: "test".to_owned(), session_token: None };
        let scenarios = scenarios().unwrap();
        play(&factory, &credentials, &scenarios, || prefix.to_owned(), &Stop::default()).await.unwrap()
    }

    #[tokio::test]
    async fn another_prefix_and_another_time_leave_the_transcripts_as_they_are() {
        let one = played("mfac-b2c3d4e5", 1_750_000_000_000).await;
        let other = played("mfac-zyx98765", 1_790_000_000_000).await;
        assert!(one.len() > 40, "{}", one.len());
        for (one, other) in one.iter().zip(&other) {
            assert_eq!(one, other);
            assert!(!one.text.contains("b2c3d4e5") && !one.text.is_empty(), "{}", one.text);
        }
    }

    #[tokio::test]
    async fn a_transcript_is_made_to_be_read() {
        let all = played("mfac-b2c3d4e5", 1_750_000_000_000).await;
        let life = all.iter().find(|transcript| transcript.name.contains("not deactivated a second time")).unwrap();
        insta::assert_snapshot!(life.text);
    }
}
