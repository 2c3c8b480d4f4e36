//! The program: see `mfa-conformance --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    mfa_conformance::cli::main()
}
