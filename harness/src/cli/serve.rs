//! `serve`

use std::net::Ipv4Addr;

use super::console::{print, say};
use super::exit::{Failure, Outcome, PASS};
use super::interrupt::asked_to_stop;
use super::target_session::handler;
use super::verbs::ServeArgs;
use crate::serve::Server;

pub(super) async fn serve(args: &ServeArgs) -> Outcome {
    let server = bind(args.port).await?;
    print(&format!("http://{}\n", server.local_addr()))?;
    say("serving the reference until Ctrl-C");
    server.run(handler(args.seed), asked_to_stop()).await;
    Ok(PASS)
}

/// Binds a port of 127.0.0.1.
///
/// # Errors
/// The port can't be served.
pub async fn bind(port: u16) -> Result<Server, Failure> {
    Server::bind((Ipv4Addr::LOCALHOST, port).into()).await.map_err(|error| {
        let problem = format!("port {port} can't be served: {error}. Choose another one with --port");
        Failure::usage(anyhow::anyhow!(problem))
    })
}
