//! What a scripted gateway does with one call.

use std::time::Duration;

use crate::error::{Error, ErrorKind, Outcome};

/// What a scripted gateway does with one call.
///
/// | act | carried out | the caller gets |
/// |---|---|---|
/// | [`answer`](Self::answer) | yes | the answer |
/// | [`not_sent`](Self::not_sent) | no | an error of outcome `NotSent` |
/// | [`rejected`](Self::rejected) | no | an error of outcome `Rejected` |
/// | [`lost_answer`](Self::lost_answer) | yes | an error of outcome `Unknown` |
/// | [`cut_before_work`](Self::cut_before_work) | no | an error of outcome `Unknown` |
/// | [`hangs`](Self::hangs) | yes | nothing, ever |
///
/// What was not sent or was rejected can never have been carried out: there is no way to say so. A
/// call that only reads has nothing to carry out, so its lost answer is `NotSent`, as it is for every
/// provider.
///
/// Three delays may be put into an act, one after the other. They say what becomes of a call whose
/// caller goes away meanwhile:
///
/// | delay | a caller that goes away meanwhile |
/// |---|---|
/// | [`connecting_for`](Self::connecting_for) | has sent nothing |
/// | [`working_for`](Self::working_for) | has sent it: it is carried out at the end of the delay all the same |
/// | [`after`](Self::after) | has sent it, and it is carried out already |
///
/// ```
/// use std::time::Duration;
/// use paymux_core::ErrorKind;
/// use paymux_core::scripted::Act;
///
/// let slow = Act::answer().after(Duration::from_secs(20));
/// assert!(slow.is_carried_out());
/// let busy = Act::rejected(ErrorKind::RateLimited).with_retry_after(Duration::from_secs(5));
/// assert!(!busy.is_carried_out());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Act {
    pub(super) course: Course,
    pub(super) connecting: Duration,
    pub(super) working: Duration,
    pub(super) answering: Duration,
    tells_id: bool,
    code: Option<String>,
    retry_after: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    Answered,
    NotSent(ErrorKind),
    Rejected(ErrorKind),
    LostAnswer(ErrorKind),
    CutBeforeWork(ErrorKind),
    Hangs,
}

impl Act {
    const fn of(course: Course) -> Self {
        Self {
            course,
            connecting: Duration::ZERO,
            working: Duration::ZERO,
            answering: Duration::ZERO,
            tells_id: false,
            code: None,
            retry_after: None,
        }
    }

    /// It is carried out and answered.
    pub const fn answer() -> Self {
        Self::of(Course::Answered)
    }

    /// It never reaches the gateway: a dead line, or a term that the provider cannot honour.
    pub const fn not_sent(kind: ErrorKind) -> Self {
        Self::of(Course::NotSent(kind))
    }

    /// The gateway says no.
    pub const fn rejected(kind: ErrorKind) -> Self {
        Self::of(Course::Rejected(kind))
    }

    /// It is carried out, and the answer does not come back.
    pub const fn lost_answer() -> Self {
        Self::of(Course::LostAnswer(ErrorKind::Unavailable))
    }

    /// The connection breaks before the gateway did anything, and the caller cannot know.
    pub const fn cut_before_work() -> Self {
        Self::of(Course::CutBeforeWork(ErrorKind::Unavailable))
    }

    /// It is carried out, and the caller waits for ever.
    pub const fn hangs() -> Self {
        Self::of(Course::Hangs)
    }

    /// Sets the kind of the error that it ends with; an act without an error has none.
    pub const fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.course = match self.course {
            Course::Answered => Course::Answered,
            Course::Hangs => Course::Hangs,
            Course::NotSent(_) => Course::NotSent(kind),
            Course::Rejected(_) => Course::Rejected(kind),
            Course::LostAnswer(_) => Course::LostAnswer(kind),
            Course::CutBeforeWork(_) => Course::CutBeforeWork(kind),
        };
        self
    }

    /// The error of a lost answer tells the gateway's id of what was made, as one that differs from
    /// the request does.
    pub const fn telling_id(mut self) -> Self {
        self.tells_id = true;
        self
    }

    /// Sets the gateway's own code in the error.
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Sets how long the error asks to wait.
    pub const fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The delay before anything is sent.
    pub const fn connecting_for(mut self, delay: Duration) -> Self {
        self.connecting = delay;
        self
    }

    /// The delay between sending and carrying out.
    pub const fn working_for(mut self, delay: Duration) -> Self {
        self.working = delay;
        self
    }

    /// The delay before the answer, or the error, when everything is done.
    pub const fn after(mut self, delay: Duration) -> Self {
        self.answering = delay;
        self
    }

    /// Whether the gateway carries it out, provided that the caller waits until it is sent.
    #[must_use]
    pub const fn is_carried_out(&self) -> bool {
        matches!(
            self.course,
            Course::Answered | Course::LostAnswer(_) | Course::Hangs
        )
    }

    /// What a caller that waits learns of a call that makes something; `None` where it gets an answer,
    /// or waits for ever.
    #[must_use]
    pub const fn outcome(&self) -> Option<Outcome> {
        match self.course {
            Course::Answered | Course::Hangs => None,
            Course::NotSent(_) => Some(Outcome::NotSent),
            Course::Rejected(_) => Some(Outcome::Rejected),
            Course::LostAnswer(_) | Course::CutBeforeWork(_) => Some(Outcome::Unknown),
        }
    }

    /// What the caller gets at the end, where it is an error. `made` is the id of what was made.
    pub(super) fn error(&self, changes_something: bool, made: Option<&str>) -> Option<Error> {
        let (kind, message) = match self.course {
            Course::Answered | Course::Hangs => return None,
            Course::NotSent(kind) => (kind, "nothing was sent"),
            Course::Rejected(kind) => (kind, "the gateway says no"),
            Course::LostAnswer(kind) | Course::CutBeforeWork(kind) => {
                (kind, "the connection broke before an answer came")
            }
        };
        let outcome = match self.outcome()? {
            Outcome::Unknown if !changes_something => Outcome::NotSent,
            outcome => outcome,
        };
        let mut error = Error::new(kind, outcome, message);
        if let Some(code) = &self.code {
            error = error.with_code(code.as_str());
        }
        if let Some(wait) = self.retry_after {
            error = error.with_retry_after(wait);
        }
        if let Some(id) = made.filter(|_| self.tells_id) {
            error = error.with_id(id);
        }
        Some(error)
    }
}
