//! The golden snapshots of the reference: its answers match the checked-in files, and a changed answer shows.

use std::path::Path;
use std::sync::Arc;

use mfa_conformance::execute::Stop;
use mfa_conformance::run::InProcessFactory;
use mfa_conformance::snapshot::folder::{Change, compare};
use mfa_conformance::snapshot::{Transcript, play, scenarios};
use mfa_conformance::transport::Credentials;
use mfa_reference::service::Behaviour;
use mfa_reference::service::behaviour::{LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{Millis, TimeStep};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/golden/reference");

#[expect(clippy::unwrap_used, reason = "an example that can't be read fails the test")]
async fn transcripts(behaviour: Behaviour) -> Vec<Transcript> {
    // At another time than that of the recording.
    let factory = InProcessFactory { behaviour, now: Millis(1_800_000_007_000) };
    let credentials =
        Credentials { access_key_id: "test".to_owned(), secret_access_key: "test".to_owned(), session_token: None };
    let scenarios = scenarios().unwrap();
    play(&factory, &credentials, &scenarios, || "mfac-abcdefgh".to_owned(), &Stop::default()).await.unwrap()
}

#[tokio::test]
async fn the_reference_answers_as_its_golden_snapshots_say() {
    let changes = compare(Path::new(GOLDEN), &transcripts(Behaviour::default()).await).unwrap();
    assert!(
        changes.is_empty(),
        "`mfa-conformance snapshot record --dir fixtures/golden` writes them again, if it is meant: {:?}",
        changes.keys().collect::<Vec<_>>()
    );
}

/// Accepts 000000 twice as a master code.
struct ZerosToo(Arc<dyn Recogniser>);

impl Recogniser for ZerosToo {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<TimeStep> {
        let is_master = (one, two) == ("000000", "000000");
        self.0.recognise(seed, one, two, now, last).or_else(|| is_master.then(|| now.step()))
    }
}

#[tokio::test]
async fn a_changed_answer_shows_in_the_snapshots_that_hold_it_and_in_no_other() {
    let documented = Behaviour::default();
    let behaviour = Behaviour { recogniser: Arc::new(ZerosToo(Arc::clone(&documented.recogniser))), ..documented };
    let changes = compare(Path::new(GOLDEN), &transcripts(behaviour).await).unwrap();
    assert!(!changes.is_empty());
    for (name, change) in changes {
        let Change::Changed { old, new } = change else { panic!("{name}: {change:?}") };
        // The scenario sends a pair of zeros, and the service accepts what it refused with 403 before.
        assert!(new.contains("AuthenticationCode1=000000"), "{name}");
        assert!(old.matches("→ 403").count() > new.matches("→ 403").count(), "{name}");
    }
}
