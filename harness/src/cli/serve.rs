//! `serve`

use std::net::Ipv4Addr;

use super::args::ServeArgs;
use super::dispatch::{print, say};
use super::exit::{CONFORMS, Failure, Outcome};
use super::interrupt::asked_to_stop;
use super::place::handler;
use crate::serve::Server;

pub(super) async fn serve(args: &ServeArgs) -> Outcome {
    let server = Server::bind((Ipv4Addr::LOCALHOST, args.port).into()).await.map_err(|error| {
        let problem = format!("port {} can't be served: {error}. Give another one with --port", args.port);
        Failure::usage(anyhow::anyhow!(problem))
    })?;
    print(&format!("http://{}\n", server.local_addr()))?;
    say("serving the reference until Ctrl-C");
    server.run(handler(args.seed), asked_to_stop()).await;
    Ok(CONFORMS)
}
