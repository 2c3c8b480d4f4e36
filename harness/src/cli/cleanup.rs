//! `cleanup`

use super::console::{print, say};
use super::exit::{Failure, INCONCLUSIVE, Outcome, PASS};
use super::target_session::TargetSession;
use super::verbs::CleanupArgs;
use crate::run::TransportFactory as _;
use crate::sweep::sweep;

pub(super) async fn cleanup(args: CleanupArgs) -> Outcome {
    let session = TargetSession::prepare(&args.endpoint, 1).await?;
    let mut transport = session.http.transport(0).map_err(Failure::inconclusive)?;
    let swept = sweep(transport.as_mut(), &session.credentials, &args.prefix).await;
    session.close().await;
    let swept = swept.map_err(Failure::inconclusive)?;
    print(&format!("deleted {} users and {} devices that begin with {}\n", swept.users, swept.devices, args.prefix))?;
    for left in &swept.left {
        say(&format!("{} is left: {}", left.what, left.command));
    }
    Ok(if swept.left.is_empty() { PASS } else { INCONCLUSIVE })
}
