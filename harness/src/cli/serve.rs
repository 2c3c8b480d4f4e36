//! `serve`

use std::net::Ipv4Addr;

use super::console::{print, say};
use super::exit::{CONFORMS, Failure, Outcome};
use super::interrupt::asked_to_stop;
use super::target_session::handler;
use super::verbs::ServeArgs;
use crate::fault::serve::connections;
use crate::fault::{fault, variant};
use crate::serve::Server;

pub(super) async fn serve(args: &ServeArgs) -> Outcome {
    let altered = match (&args.fault, &args.variant) {
        (Some(name), _) => {
            let fault = fault(name).map_err(Failure::usage)?;
            Some((fault.service.make(), format!("a service with the fault {name}: {}", fault.what)))
        }
        (None, Some(name)) => {
            let variant = variant(name).map_err(Failure::usage)?;
            Some((variant.service.make(), format!("the variant {name}: {}", variant.what)))
        }
        (None, None) => None,
    };
    let server = Server::bind((Ipv4Addr::LOCALHOST, args.port).into()).await.map_err(|error| {
        let problem = format!("port {} can't be served: {error}. Give another one with --port", args.port);
        Failure::usage(anyhow::anyhow!(problem))
    })?;
    print(&format!("http://{}\n", server.local_addr()))?;
    if let Some((altered, what)) = altered {
        say(&format!("serving until Ctrl-C {what}"));
        server.run_each(connections(altered, args.seed), asked_to_stop()).await;
    } else {
        say("serving the reference until Ctrl-C");
        server.run(handler(args.seed), asked_to_stop()).await;
    }
    Ok(CONFORMS)
}
