//! How waiting goes, on stderr.

use std::io::{self, IsTerminal, Write};
use std::time::Instant;

use super::text;

/// One line that renews itself on a terminal; elsewhere a line for each change.
#[derive(Debug)]
pub(crate) struct Progress {
    is_live: bool,
    started: Instant,
    state: String,
}

impl Progress {
    pub(crate) fn start(waiting_for: &str) -> Self {
        let progress = Self {
            is_live: io::stderr().is_terminal(),
            started: Instant::now(),
            state: waiting_for.to_owned(),
        };
        progress.tick();
        progress
    }

    /// Something changed.
    pub(crate) fn changed(&mut self, state: String) {
        self.state = state;
        if self.is_live {
            self.tick();
        } else {
            let _ = writeln!(anstream::stderr(), "{}", self.state);
        }
    }

    /// Time passed.
    pub(crate) fn tick(&self) {
        if self.is_live {
            let elapsed = format!("{} s", self.started.elapsed().as_secs());
            clear_line();
            let mut stderr = anstream::stderr().lock();
            let _ = write!(stderr, "{}  {}", self.state, text::dim(&elapsed));
            let _ = stderr.flush();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_live {
            clear_line();
        }
    }
}

/// Not through `anstream`, which takes this for a colour and leaves it out where there are none.
fn clear_line() {
    let _ = write!(io::stderr(), "\r\u{1b}[2K");
}
