//! `paymux export`.

use std::io::{self, BufWriter, Write};

use paymux::Error;
use paymux::ledger::Export;

use super::Context;
use crate::args::{ExportArgs, ExportForm};
use crate::failure::Failure;
use crate::output::json::lines::BareLines;

pub(super) async fn run(context: &Context<'_>, asked: ExportArgs) -> Result<(), Failure> {
    let mut export = Export::new(asked.subject.into(), asked.format.into());
    export.since = asked.since;
    export.until = asked.until;
    let ledger = context.ledger().await?;
    let stdout = BufWriter::new(io::stdout());
    let mut out: Box<dyn Write + Send> = match asked.format {
        ExportForm::Jsonl => Box::new(BareLines::new(stdout)),
        ExportForm::Csv => Box::new(stdout),
    };
    match ledger.export(&export, &mut out).await {
        Ok(_) => flushed(&mut out),
        Err(error) if reader_has_gone(&error) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn flushed(stdout: &mut impl Write) -> Result<(), Failure> {
    match stdout.flush() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::other(format!(
            "cannot write to stdout: {error}; the export is not whole"
        ))),
        _ => Ok(()),
    }
}

/// A reader that has gone away has seen what it wanted.
fn reader_has_gone(error: &Error) -> bool {
    std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<io::Error>())
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
