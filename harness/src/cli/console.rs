//! Prints results on standard output, and everything else on standard error.

use std::io::Write as _;

use super::exit::Failure;
use super::lines::{shortened, without_commands};
use crate::wire::{escape_for_people, escape_lines_for_people};

/// Prints a result. A closed pipe is not an error.
///
/// # Errors
/// Standard output can't be written.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    match out.write_all(without_commands(text).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Failure::internal),
    }
}

/// Prints a result on standard error, where standard output is for something else.
pub(super) fn print_aside(text: &str) {
    let mut out = anstream::stderr().lock();
    // If standard error is closed, nobody can read an error about it.
    let _lost = out.write_all(without_commands(text).as_bytes());
}

/// Prints a remark for people on one line of standard error. It escapes a target's or a file's words in the text.
pub fn say(text: &str) {
    write_line("", &escape_for_people(text));
}

/// Prints an error on standard error, shortened and escaped.
pub fn say_error(text: &str) {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    write_line(&format!("{style}error:{style:#} "), &shortened(&escape_lines_for_people(text)));
}

fn write_line(before: &str, text: &str) {
    let mut out = anstream::stderr().lock();
    // If standard error is closed, nobody can read an error about it.
    let _lost = writeln!(out, "{}", without_commands(&format!("{before}{text}")));
}

/// Whether standard output is coloured, and how wide it is.
pub(super) fn terminal() -> (bool, usize) {
    let color = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    let width = console_width().unwrap_or(100).clamp(60, 120);
    (color, width)
}

fn console_width() -> Option<usize> {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns
        .or_else(|| rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| usize::from(size.ws_col)))
        .filter(|width| *width > 0)
}
