//! The `paymux` command: invoices, payouts and webhooks of any gateway from the shell.
//!
//! What scripts may depend on (JSON, names, exit codes) is told in `docs/cli.md`.

mod args;
mod chosen;
mod commands;
mod database;
mod failure;
mod generation;
mod hint;
mod interruption;
mod logging;
mod observer;
mod order;
mod output;
mod power;
mod routed;
mod setup;

use std::process::ExitCode;

fn main() -> ExitCode {
    let raw: Vec<_> = std::env::args_os().collect();
    let output = output::Output::guessed(&raw);
    let args = match args::parse(&raw) {
        Ok(args) => args,
        Err(stopped) => return output.parser_stopped(&stopped),
    };
    logging::start(args.verbose);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("cannot start the asynchronous runtime: {error}");
            return output.failed(&failure::Failure::other(message), args.verbose);
        }
    };
    let verbose = args.verbose;
    let ended = runtime.block_on(commands::run(args, &output));
    // A question that was never answered must not keep the process alive.
    runtime.shutdown_background();
    match ended {
        Ok(exit) => ExitCode::from(exit),
        Err(failure) => output.failed(&failure, verbose),
    }
}
