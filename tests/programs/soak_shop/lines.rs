//! The lines on stdin and stdout.

use std::io::{BufRead as _, Write as _};
use std::sync::mpsc;

use paymux_tests::soak_shop::{GO, Request, Said};
use tokio::sync::mpsc as requests;

/// What the program is asked for.
pub(crate) type Requests = requests::UnboundedReceiver<Request>;

/// Reads stdin on a thread of its own. The program ends with whoever started it.
pub(crate) fn listen() -> (Requests, mpsc::Receiver<()>) {
    let (asked, requests) = requests::unbounded_channel();
    let (told_to_go, gos) = mpsc::channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if line == GO {
                let _ = told_to_go.send(());
            } else {
                let request = serde_json::from_str(&line).expect("a request");
                let _ = asked.send(request);
            }
        }
        std::process::exit(0);
    });
    (requests, gos)
}

/// Says one thing; it is in the pipe when this returns.
pub(crate) fn say(said: &Said) {
    let mut line = serde_json::to_vec(said).unwrap();
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    if out.write_all(&line).and_then(|()| out.flush()).is_err() {
        std::process::exit(1);
    }
}
