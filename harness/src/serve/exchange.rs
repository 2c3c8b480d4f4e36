//! One exchange: reads a whole request and writes its answer as HTTP.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use mfa_reference::wire::{HttpRequest, HttpResponse};

use super::answer::{Answer, Answerer};
use super::refusal::Refusal;
use super::response::{BODY_TIMEOUT, MAX_BODY, into_http};
use crate::clock::Clock;

/// Ends a connection without a response.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the connection is closed without a response")]
pub(super) struct HungUp;

/// How much of a too large body is read and dropped, in bytes, so that its sender can read the refusal: closing a
/// connection with unread bytes resets it, and the response is lost.
const MAX_DROPPED: usize = 16 * MAX_BODY;

pub(super) async fn respond(
    request: Request<Incoming>,
    answerer: &Mutex<Box<dyn Answerer>>,
) -> Result<Response<Full<Bytes>>, HungUp> {
    let (head, body) = request.into_parts();
    let body = match tokio::time::timeout(BODY_TIMEOUT, whole(body)).await {
        Ok(Ok(body)) => body,
        Ok(Err(refusal)) => return Ok(refusal.response()),
        Err(_) => return Ok(Refusal::TooSlow.response()),
    };
    let answer = answerer.lock().unwrap_or_else(PoisonError::into_inner).answer(HttpRequest {
        method: head.method.as_str(),
        target: head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str),
        content_type: text(&head.headers, &CONTENT_TYPE),
        authorization: text(&head.headers, &AUTHORIZATION),
        body: &body,
    });
    let response = response(answer).await?;
    Ok(into_http(response).unwrap_or_else(|error| Refusal::Unsayable(error).response()))
}

async fn response(mut answer: Answer) -> Result<HttpResponse, HungUp> {
    loop {
        match answer {
            Answer::Response(response, Duration::ZERO) => return Ok(response),
            Answer::Response(response, after) => {
                Clock::system().wait(after).await;
                return Ok(response);
            }
            Answer::HangUp => return Err(HungUp),
            Answer::Silence => std::future::pending().await,
            Answer::Later(after, finish) => {
                Clock::system().wait(after).await;
                answer = (finish.0)();
            }
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Reads a body to its end, or until it has to be refused.
async fn whole<B>(body: B) -> Result<Vec<u8>, Refusal>
where
    B: Body<Data = Bytes>,
{
    let mut body = std::pin::pin!(body);
    let mut read = 0;
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(Refusal::Broken) };
        let Some(data) = frame.data_ref() else { continue };
        read += data.len();
        if read <= MAX_BODY {
            bytes.extend_from_slice(data);
        } else if read > MAX_DROPPED {
            break;
        }
    }
    if read <= MAX_BODY { Ok(bytes) } else { Err(Refusal::TooLarge) }
}
