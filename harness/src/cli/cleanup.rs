//! `cleanup`

use clap::Args;

use super::args::EndpointArgs;
use super::dispatch::{print, say};
use super::exit::{CONFORMS, Failure, INCONCLUSIVE, Outcome};
use super::place::Place;
use crate::run::Stage as _;
use crate::sweep::sweep;

/// `cleanup`
#[derive(Args, Debug)]
pub struct CleanupArgs {
    /// What the names to be deleted begin with; a run tells its prefix.
    #[arg(long, default_value = "mfac-", value_parser = cleanup_prefix)]
    pub prefix: String,
    /// Which endpoint.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
}

fn cleanup_prefix(text: &str) -> Result<String, String> {
    if text.starts_with("mfac-") {
        return Ok(text.to_owned());
    }
    Err("every name that a run creates begins with mfac-; so must this prefix".to_owned())
}

pub(super) async fn cleanup(args: CleanupArgs) -> Outcome {
    let place = Place::prepare(&args.endpoint, 1).await?;
    let mut transport = place.http.transport(0).map_err(Failure::inconclusive)?;
    let swept = sweep(&mut transport, &place.credentials, &args.prefix).await;
    place.close().await;
    let swept = swept.map_err(Failure::inconclusive)?;
    print(&format!("deleted {} users and {} devices that begin with {}\n", swept.users, swept.devices, args.prefix))?;
    for left in &swept.left {
        say(&format!("{} is left: {}", left.what, left.command));
    }
    Ok(if swept.left.is_empty() { CONFORMS } else { INCONCLUSIVE })
}
