//! All texts of a finding.

use super::script::ReproScript;
use super::{aws_cli, boto3, curl, pytest, replay, shell};
use crate::report::about::About;
use crate::report::finding::{Finding, Reproduce};
use crate::run::result::Case;

/// The texts that reproduce a finding. The target's clock is `skew_ms` ahead.
pub(in crate::report) fn texts(case: &Case, finding: &Finding, about: &About, skew_ms: i64) -> Reproduce {
    let script = ReproScript::of(case);
    let endpoint = shell::Endpoint::of(about);
    Reproduce {
        curl: curl::text(&script, &endpoint, finding),
        aws_cli: aws_cli::text(&script, &endpoint, finding),
        boto3: boto3::text(&script, &endpoint, finding, skew_ms),
        replay: replay::text(finding, about),
        pytest: pytest::text(&script, case),
    }
}
