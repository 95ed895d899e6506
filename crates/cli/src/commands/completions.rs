//! `paymux completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Args;
use crate::failure::Failure;
use crate::output;

/// Prints a completion script, always as text.
pub(super) fn run(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "paymux", &mut script);
    output::print(String::from_utf8_lossy(&script).trim_end())
        .map_err(|error| Failure::other(format!("cannot write to stdout: {error}")))
}
