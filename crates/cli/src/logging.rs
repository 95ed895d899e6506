//! What the libraries tell about their work, on stderr.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Nothing but errors, since a failure that matters is printed with its causes; with `-v` what paymux
/// does, with `-vv` every detail of it. Other crates never go beyond warnings: theirs could show
/// requests.
pub(crate) fn start(verbose: u8) {
    let filter = match verbose {
        0 => "error",
        1 => "warn,paymux=debug",
        _ => "warn,paymux=trace",
    };
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(colour)
        .without_time()
        .init();
}
