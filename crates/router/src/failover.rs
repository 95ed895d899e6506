//! The rule of failing over: what may happen after a provider failed. Nothing else decides it.
//!
//! The first question is always whether the call may have been carried out
//! ([`Error::outcome`](paymux_core::Error::outcome)), the second whether another provider could do better.
//!
//! | outcome | invoice, permanent address | payout |
//! |---|---|---|
//! | `NotSent` | the next provider, unless it was made before | the next provider, unless it was made before |
//! | `Rejected` | the next provider, where the reason surely lies with this one | stop |
//! | `Unknown` | the next provider; what may exist is remembered | **stop** |
//!
//! Money that was sent twice does not come back, so a payout goes elsewhere only when it surely went
//! nowhere. After `Rejected` the gateway knows the reference and has said no: whoever wants it paid
//! through another account decides that, not the router. An invoice that nobody pays costs nothing: it
//! may be made twice, and the one that was left behind stays in the story of the answer, so that money
//! which arrives there late finds its order.
//!
//! What is wrong everywhere (a price of zero) is found before anybody is tried. So a provider that finds
//! fault with a request before it sends anything has a limit of its own, and the next one may not; but
//! once a gateway itself has said that the request is wrong, nobody else is bothered with it. Where the
//! reason lies is told by the kind of error; see [`lies_with`].

use paymux_core::{Error, ErrorKind, Outcome};

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Try the next provider.
    Another,
    /// Tell the caller.
    Stop,
}

/// Where the reason of a failure lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// With this provider: another may do it.
    Provider,
    /// With what was done before under the same order or reference: elsewhere it would be done twice.
    Before,
    /// Perhaps with the request.
    Unclear,
}

const fn lies_with(kind: ErrorKind) -> Fault {
    match kind {
        ErrorKind::Duplicate | ErrorKind::Conflict | ErrorKind::InProgress => Fault::Before,
        // It lacks the asset or the amount is out of its range (`Unsupported`), its account is not set
        // up for it, it is busy, poor, ill or talks nonsense.
        ErrorKind::Unsupported
        | ErrorKind::Authentication
        | ErrorKind::Permission
        | ErrorKind::NotFound
        | ErrorKind::InsufficientFunds
        | ErrorKind::RateLimited
        | ErrorKind::Unavailable
        | ErrorKind::Timeout
        | ErrorKind::InvalidResponse
        | ErrorKind::Mismatch
        | ErrorKind::InvalidSignature
        | ErrorKind::Configuration => Fault::Provider,
        // `InvalidRequest`: the caller's mistake, or this provider's limit. `Refused`: a code that no
        // table maps. It may mean that the order was made before; whoever knows what it means tells the
        // adapter, and then it has a kind. A kind of a later version is no better known.
        _ => Fault::Unclear,
    }
}

/// After an invoice or a permanent address failed at one provider.
pub(crate) fn after_invoice_failure(error: &Error) -> Next {
    match (error.outcome(), lies_with(error.kind())) {
        (Outcome::Unknown, _) => Next::Another,
        (Outcome::NotSent, Fault::Provider | Fault::Unclear) => Next::Another,
        (Outcome::Rejected, Fault::Provider) => Next::Another,
        (Outcome::Rejected, Fault::Unclear) => Next::Stop,
        (Outcome::NotSent | Outcome::Rejected, Fault::Before) => Next::Stop,
    }
}

/// After a payout failed at one provider: [`Next::Another`] only where surely nothing was sent.
pub(crate) fn after_payout_failure(error: &Error) -> Next {
    match (error.outcome(), lies_with(error.kind())) {
        (Outcome::NotSent, Fault::Provider | Fault::Unclear) => Next::Another,
        (Outcome::NotSent, Fault::Before) => Next::Stop,
        (Outcome::Rejected | Outcome::Unknown, _) => Next::Stop,
    }
}

/// The right to send a payout once: there is one at the start of a call, and another only after a
/// failure that surely sent nothing. Sending takes it.
#[derive(Debug)]
pub(crate) struct Turn(());

impl Turn {
    /// For the first provider of a call.
    pub(crate) const fn first() -> Self {
        Self(())
    }

    /// For the next provider, if there may be one.
    pub(crate) fn after(error: &Error) -> Option<Self> {
        match after_payout_failure(error) {
            Next::Another => Some(Self(())),
            Next::Stop => None,
        }
    }
}

/// After a question that changes nothing failed at one provider.
pub(crate) fn after_question_failure(error: &Error) -> Next {
    match error.kind() {
        ErrorKind::InvalidRequest => Next::Stop,
        _ => Next::Another,
    }
}

#[cfg(test)]
mod tests {
    use super::Next::{Another, Stop};
    use super::*;

    /// Every kind there is, with what follows after `NotSent`, `Rejected` and `Unknown`: for an invoice
    /// and for a payout.
    const TABLE: [(ErrorKind, [Next; 3], [Next; 3]); 17] = [
        (
            ErrorKind::InvalidRequest,
            [Another, Stop, Another],
            [Another, Stop, Stop],
        ),
        (ErrorKind::Duplicate, [Stop, Stop, Another], [Stop; 3]),
        (ErrorKind::Conflict, [Stop, Stop, Another], [Stop; 3]),
        (ErrorKind::InProgress, [Stop, Stop, Another], [Stop; 3]),
        (
            ErrorKind::Refused,
            [Another, Stop, Another],
            [Another, Stop, Stop],
        ),
        (ErrorKind::Unsupported, [Another; 3], [Another, Stop, Stop]),
        (
            ErrorKind::Authentication,
            [Another; 3],
            [Another, Stop, Stop],
        ),
        (ErrorKind::Permission, [Another; 3], [Another, Stop, Stop]),
        (ErrorKind::NotFound, [Another; 3], [Another, Stop, Stop]),
        (
            ErrorKind::InsufficientFunds,
            [Another; 3],
            [Another, Stop, Stop],
        ),
        (ErrorKind::RateLimited, [Another; 3], [Another, Stop, Stop]),
        (ErrorKind::Unavailable, [Another; 3], [Another, Stop, Stop]),
        (ErrorKind::Timeout, [Another; 3], [Another, Stop, Stop]),
        (
            ErrorKind::InvalidResponse,
            [Another; 3],
            [Another, Stop, Stop],
        ),
        (ErrorKind::Mismatch, [Another; 3], [Another, Stop, Stop]),
        (
            ErrorKind::InvalidSignature,
            [Another; 3],
            [Another, Stop, Stop],
        ),
        (
            ErrorKind::Configuration,
            [Another; 3],
            [Another, Stop, Stop],
        ),
    ];

    const OUTCOMES: [Outcome; 3] = [Outcome::NotSent, Outcome::Rejected, Outcome::Unknown];

    #[test]
    fn every_kind_with_every_outcome() {
        for (kind, invoice, payout) in TABLE {
            for ((outcome, invoice), payout) in OUTCOMES.into_iter().zip(invoice).zip(payout) {
                let error = Error::new(kind, outcome, "made up");
                assert_eq!(
                    after_invoice_failure(&error),
                    invoice,
                    "{kind} {outcome} of an invoice"
                );
                assert_eq!(
                    after_payout_failure(&error),
                    payout,
                    "{kind} {outcome} of a payout"
                );
            }
        }
    }

    #[test]
    fn a_payout_goes_on_only_when_surely_nothing_was_sent() {
        for (kind, ..) in TABLE {
            for outcome in [Outcome::Rejected, Outcome::Unknown] {
                let error = Error::new(kind, outcome, "made up");
                assert!(Turn::after(&error).is_none(), "{kind} {outcome}");
            }
        }
    }

    #[test]
    fn a_question_is_asked_elsewhere_unless_it_is_wrong() {
        for (kind, ..) in TABLE {
            let error = Error::new(kind, Outcome::Rejected, "made up");
            let stops = kind == ErrorKind::InvalidRequest;
            assert_eq!(after_question_failure(&error) == Stop, stops, "{kind}");
        }
    }
}
