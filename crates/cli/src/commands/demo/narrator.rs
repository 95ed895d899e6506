//! Telling the demo as it goes, slowly enough to follow.

use std::io::{self, IsTerminal};
use std::time::Duration;

use crate::output::{print, text};

/// A pause after each thing that happened.
const PACE: Duration = Duration::from_millis(350);

/// Tells what happens, or nothing at all while JSON is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Narrator {
    speaks: bool,
}

impl Narrator {
    pub(super) const fn new(speaks: bool) -> Self {
        Self { speaks }
    }

    pub(super) fn title(self, title: &str) {
        self.tell(&format!("\n{}", text::bold(title)));
    }

    pub(super) fn line(self, line: &str) {
        self.tell(&format!("  {line}"));
    }

    pub(super) fn block(self, block: &str) {
        for line in block.lines() {
            self.line(line);
        }
    }

    /// Lets a person read along.
    pub(super) async fn pause(self) {
        if self.speaks && io::stdout().is_terminal() {
            tokio::time::sleep(PACE).await;
        }
    }

    fn tell(self, line: &str) {
        if self.speaks {
            // What cannot be told does not stop the demo; its result will meet the same end.
            let _ = print(line);
        }
    }
}
