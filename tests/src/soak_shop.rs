//! What the program `soak-shop` is told and what it says: a line of JSON each, on its stdin and stdout.
//!
//! The program is a shop with a ledger, started to be killed. It does what it is asked; where it is
//! [set up](Setup::stops) to stop at every step, it says the step and waits for [`GO`].

use serde::{Deserialize, Serialize};

/// The line that lets the program go on from a step.
pub const GO: &str = "go";

/// The one argument of the program, as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setup {
    /// The ledger's URL.
    pub database: String,
    /// The gateways, the most important one first.
    pub gateways: Vec<Gateway>,
    /// Whether invoices and payouts go through a router over them; otherwise they go to the first.
    pub routed: bool,
    /// Where the gateways' webhooks come in, without a slash at the end.
    pub front_door: String,
    /// Whether it stops at every step.
    pub stops: bool,
    /// By how many seconds the ledger's clock is ahead of the machine's.
    pub ahead: u64,
    /// How long a call is believed to live, in milliseconds.
    pub lease: u64,
    /// How long a gateway may take to answer, in milliseconds.
    pub patience: u64,
    /// How it works when nobody asks it to.
    pub works: Works,
}

/// How the program works when nobody asks it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Works {
    /// Not at all.
    WhenAsked,
    /// As an application does: `work` and `deliver`, all the time. Its handler is clumsy: it fails at
    /// some events when it first sees them.
    AllTheTime,
    /// All the time, telling how much was done.
    Counted,
}

/// A gateway and the account at it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Gateway {
    /// The provider's name.
    pub name: String,
    /// What it is.
    pub kind: GatewayKind,
    /// Where it is.
    pub base_url: String,
    /// The account.
    pub app_id: String,
    /// The secret of Native Checkout and of UniPayment's first generation.
    pub app_key: String,
    /// UniPayment's client id.
    pub client_id: String,
    /// UniPayment's client secret.
    pub client_secret: String,
}

/// What a gateway is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GatewayKind {
    /// HaloPay's Native Checkout.
    NativeCheckout,
    /// UniPayment's first generation: webhooks have weak proofs.
    UniPaymentMd5,
    /// UniPayment's second generation: webhooks are proven by a call.
    UniPaymentHmac,
}

/// Something to be done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// The number under which the answer comes.
    pub number: u64,
    /// What.
    pub what: What,
}

/// What is to be done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum What {
    /// Make the order's invoice, of 5 USD.
    CreateInvoice {
        /// The merchant's order.
        order: String,
    },
    /// Send a payout.
    CreatePayout {
        /// The merchant's reference.
        reference: String,
        /// The amount in whole USDT.
        amount: String,
    },
    /// Do what is due: webhooks, polls.
    Work,
    /// Hand over the events that are due.
    Deliver,
    /// Find out about what is in doubt.
    Recover,
    /// Say what became of a payout: made under this provider and id, or not made.
    Settle {
        /// The merchant's reference.
        reference: String,
        /// Provider and gateway's id; nothing where it was not made.
        made: Option<(String, String)>,
    },
    /// Set the ledger's clock this much ahead of the machine's.
    Ahead {
        /// In seconds.
        seconds: u64,
    },
}

/// What the program says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Said {
    /// It takes webhooks on this port of 127.0.0.1.
    Listens(u16),
    /// It has come to this step and waits.
    Step(String),
    /// Its handler has this event in its hands.
    Handled(Handled),
    /// It took in so many webhooks by itself.
    Applied(u64),
    /// The answer to a request.
    Answer {
        /// The request's number.
        number: u64,
        /// What came of it.
        answer: Answer,
    },
}

/// An event as the handler saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handled {
    /// The event's id.
    pub id: String,
    /// What it tells, such as `invoice.changed`.
    pub kind: String,
    /// The payout's reference, or the order with its attempt and provider.
    pub subject: String,
    /// Counts the events of the subject.
    pub sequence: u64,
    /// The state before.
    pub was: String,
    /// The state after.
    pub became: String,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It is done.
    Done,
    /// An invoice or a payout, by the gateway's id (with its owner, where a router made it).
    Made {
        /// The id.
        id: String,
        /// Its status.
        status: String,
    },
    /// What recovery left open, by reference or order.
    Open(Vec<Open>),
    /// It failed.
    Failed {
        /// The kind of error.
        kind: String,
        /// What is known of its effect.
        outcome: String,
        /// The message.
        message: String,
    },
}

/// A doubt that recovery left open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// The payout's reference, where it is one.
    pub reference: Option<String>,
    /// The invoice's order, where it is one.
    pub order: Option<String>,
    /// Why nothing could be found out.
    pub reason: String,
}
