//! What goes wrong in a history at random: by its seed, and nothing else.

use std::time::Duration;

use paymux_sandbox::{FaultRule, WebhookFault};
use paymux_tests::chance::request_fault;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::world::Gateways;

/// Gateways answer within this, or not at all.
pub(crate) const PATIENCE: Duration = Duration::from_millis(250);

/// Where requests go wrong.
const ENDPOINTS: [&str; 6] = [
    "/api/payout/create",
    "/api/order/create",
    "/api/*",
    "POST /v1.0/wallet/withdrawals",
    "POST /v1.0/invoices",
    "/v1.0/*",
];

/// One life of the shop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Life {
    /// How long it lives until it is killed.
    pub(crate) length: Duration,
    /// How much later than the one before it starts, in seconds of the ledger's clock: within the
    /// lease of what that one held, or long after it.
    pub(crate) later: u64,
}

#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) gateways: Gateways,
    pub(crate) orders: u32,
    pub(crate) payouts: u32,
    pub(crate) lives: Vec<Life>,
    pub(crate) faults: Vec<FaultRule>,
    /// What payers and blocks do next comes from these.
    pub(crate) dice: StdRng,
}

impl Script {
    pub(crate) fn of(seed: u64) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        let gateways = match dice.random_range(0..6) {
            0 => Gateways::Halo,
            1 => Gateways::UniPayment,
            2 => Gateways::RoutedAroundOneThatIsDown,
            3 => Gateways::RoutedOverTwo,
            _ => Gateways::RoutedOverTwoReversed,
        };
        let mut faults = Vec::new();
        for _ in 0..dice.random_range(2..12) {
            faults.push(request_fault(&mut dice, &ENDPOINTS, PATIENCE));
        }
        for _ in 0..dice.random_range(2..16) {
            faults.push(webhook_fault(&mut dice, gateways));
        }
        let lives = (0..dice.random_range(2..6))
            .map(|_| Life {
                length: Duration::from_millis(dice.random_range(20..400)),
                later: [0, 0, 1, 3600][dice.random_range(0..4)],
            })
            .collect();
        Self {
            gateways,
            orders: dice.random_range(2..6),
            payouts: dice.random_range(2..8),
            lives,
            faults,
            dice,
        }
    }
}

fn webhook_fault(dice: &mut StdRng, gateways: Gateways) -> FaultRule {
    // What is not signed may be taken until its proof can be made: then it cannot be told from the
    // genuine one that it came instead of.
    let is_signed = matches!(
        gateways,
        Gateways::Halo | Gateways::RoutedAroundOneThatIsDown
    );
    let fault = match dice.random_range(0..if is_signed { 7 } else { 5 }) {
        0 | 1 => WebhookFault::Doubled,
        2 | 3 => WebhookFault::Delayed {
            millis: dice.random_range(5..150),
        },
        4 => WebhookFault::Lost,
        5 => WebhookFault::AlteredByte,
        _ => WebhookFault::WrongSignature,
    };
    FaultRule::webhook(fault)
        .skip(dice.random_range(0..6))
        .times(dice.random_range(1..4))
}
