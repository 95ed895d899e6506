//! Where results, errors and progress go: one JSON value or text on stdout, all else on stderr.

pub(crate) mod json;
pub(crate) mod progress;
pub(crate) mod qr;
pub(crate) mod text;

use std::error::Error as _;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use paymux::PartialFailure;
use serde::Serialize;

use crate::args::Form;
use crate::failure::{Failure, exit};

/// How this run of the command prints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    form: Form,
}

impl Output {
    /// Decides before the command line is parsed, so that its mistakes are printed the right way too.
    pub(crate) fn guessed(raw: &[OsString]) -> Self {
        let on_terminal = io::stdout().is_terminal();
        let form = asked_form(raw).unwrap_or(if on_terminal { Form::Text } else { Form::Json });
        Self { form }
    }

    pub(crate) fn is_json(self) -> bool {
        self.form == Form::Json
    }

    /// Prints the result of a command.
    ///
    /// # Errors
    /// When stdout takes no more; a reader that has gone away is none.
    pub(crate) fn result(
        self,
        json: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        let shown = match self.form {
            Form::Json => json::value(json)?,
            Form::Text => text(),
        };
        print(&shown).map_err(|error| {
            Failure::other(format!(
                "cannot write to stdout: {error}; the result is {shown}"
            ))
        })
    }

    /// Tells a person something beside the result.
    pub(crate) fn note(self, line: &str) {
        // There is nobody left to tell when stderr is gone.
        let _ = writeln!(anstream::stderr(), "{line}");
    }

    /// Tells on stderr which of several providers are missing in a result.
    pub(crate) fn missing(self, failures: &[PartialFailure]) {
        for failure in failures {
            self.note(&format!(
                "{} is missing here: {}",
                failure.provider, failure.message
            ));
        }
    }

    /// Prints a failure and gives its exit code.
    pub(crate) fn failed(self, failure: &Failure, verbose: u8) -> ExitCode {
        if self.is_json() {
            match json::value(&failure.to_json()) {
                Ok(object) => {
                    if let Err(error) = print(&object) {
                        self.note(&format!("cannot write to stdout: {error}"));
                        self.note(&text::failure(failure));
                    }
                }
                Err(_) => self.note(&text::failure(failure)),
            }
        } else {
            if let Some(invoice) = failure.last_invoice() {
                // The error follows on stderr either way.
                let _ = print(&text::invoice(invoice));
            }
            self.note(&text::failure(failure));
        }
        if verbose > 0 {
            let mut cause = failure.error().source();
            while let Some(error) = cause {
                self.note(&text::cause(error));
                cause = error.source();
            }
        }
        ExitCode::from(failure.exit())
    }

    /// Prints why the command line was not taken: help and version as text, mistakes in the form of
    /// the run.
    pub(crate) fn parser_stopped(self, stopped: &clap::Error) -> ExitCode {
        if !stopped.use_stderr() {
            return match stopped.print() {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    self.note(&format!("cannot write to stdout: {error}"));
                    ExitCode::from(exit::OTHER)
                }
                _ => ExitCode::from(exit::DONE),
            };
        }
        if self.is_json() {
            return self.failed(&parser_failure(stopped), 0);
        }
        let _ = stopped.print();
        ExitCode::from(exit::USAGE)
    }
}

/// The form that the raw command line asks for, where it does so in a way that is understood.
fn asked_form(raw: &[OsString]) -> Option<Form> {
    let words: Vec<&str> = raw
        .iter()
        .skip(1)
        .map(|word| word.to_str().unwrap_or_default())
        .take_while(|word| *word != "--")
        .collect();
    let value = words.iter().enumerate().find_map(|(at, word)| match *word {
        "--output" => words.get(at + 1).copied(),
        _ => word.strip_prefix("--output="),
    });
    match value {
        Some("json") => Some(Form::Json),
        Some("text") => Some(Form::Text),
        _ => None,
    }
}

/// A mistake on the command line as an error object: what clap says without the usage text.
fn parser_failure(stopped: &clap::Error) -> Failure {
    use clap::error::ErrorKind::{DisplayHelpOnMissingArgumentOrSubcommand, MissingSubcommand};
    if matches!(
        stopped.kind(),
        DisplayHelpOnMissingArgumentOrSubcommand | MissingSubcommand
    ) {
        return Failure::usage("a command is missing")
            .with_hint("\"paymux --help\" lists the commands");
    }
    let told = stopped.render().to_string();
    let mut message = String::new();
    let mut hints = Vec::new();
    for paragraph in told.split("\n\n") {
        let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        if message.is_empty() {
            message = line.strip_prefix("error: ").unwrap_or(&line).to_owned();
        } else if let Some(tip) = line.strip_prefix("tip: ") {
            hints.push(tip.to_owned());
        } else if line.starts_with("Usage: ") {
            break;
        } else if line.starts_with("For more information") {
            continue;
        } else if line.starts_with('[') {
            message = format!("{message} {line}");
        }
    }
    hints.push("\"--help\" tells what can be typed".to_owned());
    Failure::usage(message).with_hint(hints.join("; "))
}

/// Prints to stdout. A reader that has gone away has seen what it wanted.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_found_wherever_it_stands() {
        let asked = |words: &[&str]| {
            let raw: Vec<OsString> = words.iter().map(OsString::from).collect();
            asked_form(&raw)
        };
        assert_eq!(
            asked(&["paymux", "--output", "json", "assets"]),
            Some(Form::Json)
        );
        assert_eq!(
            asked(&["paymux", "assets", "--output=text"]),
            Some(Form::Text)
        );
        assert_eq!(asked(&["paymux", "--output", "xml"]), None);
        assert_eq!(asked(&["paymux", "--output"]), None);
        assert_eq!(asked(&["paymux", "--", "--output=json"]), None);
        assert_eq!(asked(&["--output=json"]), None);
    }
}
