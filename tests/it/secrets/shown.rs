//! What was shown, in whatever way.

use std::error::Error as _;
use std::fmt::Debug;

use paymux_core::Error;
use paymux_test_bench::CapturedLog;

/// Everything that was shown, to be searched for secrets.
#[derive(Default)]
pub(super) struct Shown(String);

impl Shown {
    pub(super) fn debug(&mut self, what: &impl Debug) {
        self.0.push_str(&format!("{what:?}\n{what:#?}\n"));
    }

    pub(super) fn error(&mut self, error: &Error) {
        self.debug(error);
        self.0.push_str(&format!("{error}\n{:?}\n", error.hint()));
        let mut cause = error.source();
        while let Some(inner) = cause {
            self.0.push_str(&format!("{inner}\n{inner:?}\n"));
            cause = inner.source();
        }
    }

    pub(super) fn result<T: Debug>(&mut self, result: &Result<T, Error>) {
        match result {
            Ok(value) => self.debug(value),
            Err(error) => self.error(error),
        }
    }

    /// Adds what was logged, which has to name these.
    pub(super) fn log(&mut self, log: &CapturedLog, expected: &[&str]) {
        let log = log.text();
        for expected in expected {
            assert!(log.contains(expected), "{expected} is not logged: {log}");
        }
        self.0.push_str(&log);
    }

    /// # Panics
    /// When one of the secrets is anywhere in it.
    pub(super) fn holds_none_of<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) {
        assert!(!self.0.is_empty());
        for secret in secrets {
            let at = self.0.find(secret);
            let around = at.map(|at| &self.0[at.saturating_sub(200)..at]);
            assert!(around.is_none(), "a secret is shown after: {around:?}");
        }
    }
}
