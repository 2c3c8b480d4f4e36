//! The frame: style and script are part of the page, and its policy allows no others.

use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

/// The style that all pages share.
const BASE: &str = include_str!("base.css");

/// A page without its body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'p> {
    /// The title of the document.
    pub title: &'p str,
    /// The page's own style.
    pub style: &'p str,
    /// The page's own script.
    pub script: Option<&'p str>,
}

impl Frame<'_> {
    /// The page with this body.
    pub(crate) fn around(&self, body: &Markup) -> String {
        let style = format!("{BASE}{}", self.style);
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy(&style, self.script));
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    title { (self.title) }
                    // Without it a browser requests /favicon.ico.
                    link rel="icon" href="data:,";
                    style { (PreEscaped(&style)) }
                }
                body {
                    (body)
                    @if let Some(script) = self.script { script { (PreEscaped(script)) } }
                }
            }
        };
        page.into_string() + "\n"
    }
}

/// The policy: it allows the page's own style and script by their digests, and the empty icon.
fn policy(style: &str, script: Option<&str>) -> String {
    let digest = |text: &str| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text.as_bytes())));
    format!(
        "default-src 'none'; img-src data:; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        digest(style),
        script.map_or_else(|| "'none'".to_owned(), digest)
    )
}
