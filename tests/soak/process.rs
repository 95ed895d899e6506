//! A shop that runs as a process of its own, is asked for things, and killed.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use paymux_tests::soak_shop::{Answer, GO, Handled, Request, Said, Setup, What};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{Notify, mpsc, oneshot, watch};

/// The process was killed before it answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Killed;

/// An event that a handler saw, and in which process that was.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) process: u64,
    pub(crate) event: Handled,
    /// Whether leases of the living may have ended just before.
    pub(crate) leases_ended: bool,
}

/// What processes have said, whichever of them.
#[derive(Debug, Default)]
pub(crate) struct Hearing {
    pub(crate) heard: Mutex<Vec<Heard>>,
    /// How many webhooks each process took in.
    pub(crate) applied: Mutex<HashMap<u64, u64>>,
    /// Set while leases of the living may end, since the clock was moved.
    pub(crate) leases_end: AtomicBool,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
    steps: Mutex<Vec<String>>,
    kill: Notify,
    is_to_end: AtomicBool,
}

pub(crate) struct Process {
    pub(crate) number: u64,
    shared: Arc<Shared>,
    lines: mpsc::UnboundedSender<String>,
    next: AtomicU64,
    ended: watch::Receiver<bool>,
}

impl Process {
    /// Starts a shop. It is killed when it comes to the step of this number.
    pub(crate) fn start(
        number: u64,
        setup: &Setup,
        kill_at: Option<usize>,
        hearing: Arc<Hearing>,
        ports: Arc<Mutex<Vec<u16>>>,
    ) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_soak-shop"))
            .arg(serde_json::to_string(setup).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (lines, to_write) = mpsc::unbounded_channel();
        tokio::spawn(write(child.stdin.take().unwrap(), to_write));
        let out = child.stdout.take().unwrap();
        let shared = Arc::new(Shared::default());
        let (ended_sender, ended) = watch::channel(false);
        let listener = Listener {
            number,
            shared: Arc::clone(&shared),
            lines: lines.clone(),
            kill_at,
            hearing,
            ports,
            port: None,
        };
        tokio::spawn(async move {
            listener.listen(child, out).await;
            let _ = ended_sender.send(true);
        });
        Self {
            number,
            shared,
            lines,
            next: AtomicU64::new(0),
            ended,
        }
    }

    /// Asks for something and waits for the answer.
    pub(crate) async fn ask(&self, what: What) -> Result<Answer, Killed> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        self.shared.waiting.lock().unwrap().insert(number, sender);
        let request = Request { number, what };
        let _ = self.lines.send(serde_json::to_string(&request).unwrap());
        tokio::select! {
            biased;
            answer = answer => answer.map_err(|_| Killed),
            () = self.ended() => Err(Killed),
        }
    }

    /// Asks for something that cannot fail.
    pub(crate) async fn must(&self, what: What) -> Result<(), Killed> {
        match self.ask(what.clone()).await? {
            Answer::Failed { message, .. } => panic!("{what:?} failed: {message}"),
            _ => Ok(()),
        }
    }

    /// Waits for something outside, for as long as the process lives.
    pub(crate) async fn meanwhile<T>(&self, outside: impl Future<Output = T>) -> Result<T, Killed> {
        tokio::select! {
            done = outside => Ok(done),
            () = self.ended() => Err(Killed),
        }
    }

    /// Kills it with no warning, and waits until it is dead and all it had said was heard.
    pub(crate) async fn kill(&self) {
        self.shared.is_to_end.store(true, Ordering::SeqCst);
        self.shared.kill.notify_one();
        self.ended().await;
    }

    /// Is done when the process is dead.
    pub(crate) async fn ended(&self) {
        let mut ended = self.ended.clone();
        let _ = ended.wait_for(|ended| *ended).await;
    }

    /// The steps that it has come to.
    pub(crate) fn steps(&self) -> Vec<String> {
        self.shared.steps.lock().unwrap().clone()
    }
}

async fn write(mut stdin: ChildStdin, mut lines: mpsc::UnboundedReceiver<String>) {
    while let Some(line) = lines.recv().await {
        if stdin
            .write_all(format!("{line}\n").as_bytes())
            .await
            .is_err()
        {
            return;
        }
    }
}

struct Listener {
    number: u64,
    shared: Arc<Shared>,
    lines: mpsc::UnboundedSender<String>,
    kill_at: Option<usize>,
    hearing: Arc<Hearing>,
    ports: Arc<Mutex<Vec<u16>>>,
    port: Option<u16>,
}

impl Listener {
    async fn listen(mut self, mut child: Child, out: ChildStdout) {
        let mut lines = BufReader::new(out).lines();
        let mut is_dying = false;
        loop {
            let line = tokio::select! {
                line = lines.next_line() => line,
                () = self.shared.kill.notified(), if !is_dying => {
                    is_dying = true;
                    child.start_kill().unwrap();
                    continue;
                }
            };
            // What was in the pipe when it died was said.
            let Ok(Some(line)) = line else { break };
            // A line may be cut by death.
            let Ok(said) = serde_json::from_str::<Said>(&line) else {
                assert!(is_dying, "the shop says {line:?}");
                continue;
            };
            if self.hear(said) {
                is_dying = true;
                self.shared.is_to_end.store(true, Ordering::SeqCst);
                child.start_kill().unwrap();
            }
        }
        let status = child.wait().await.unwrap();
        if let Some(port) = self.port {
            self.ports.lock().unwrap().retain(|own| *own != port);
        }
        let was_to_end = self.shared.is_to_end.load(Ordering::SeqCst);
        self.shared.waiting.lock().unwrap().clear();
        assert!(was_to_end, "the shop ended by itself: {status}");
    }

    /// Takes in one thing; whether the process is to be killed now.
    fn hear(&mut self, said: Said) -> bool {
        match said {
            Said::Listens(port) => {
                self.port = Some(port);
                self.ports.lock().unwrap().push(port);
            }
            Said::Step(name) => {
                let mut steps = self.shared.steps.lock().unwrap();
                steps.push(name);
                if self.kill_at == Some(steps.len()) {
                    return true;
                }
                let _ = self.lines.send(GO.to_owned());
            }
            Said::Handled(event) => self.hearing.heard.lock().unwrap().push(Heard {
                process: self.number,
                event,
                leases_ended: self.hearing.leases_end.load(Ordering::SeqCst),
            }),
            Said::Applied(count) => {
                let mut applied = self.hearing.applied.lock().unwrap();
                *applied.entry(self.number).or_default() += count;
            }
            Said::Answer { number, answer } => {
                let waiting = self.shared.waiting.lock().unwrap().remove(&number);
                if let Some(waiting) = waiting {
                    let _ = waiting.send(answer);
                }
            }
        }
        false
    }
}
