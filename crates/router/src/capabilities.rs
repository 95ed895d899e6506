//! What a router can promise: what all of its providers can.

use paymux_core::{Capabilities, Correlation, Hints, Idempotency, PaymentProvider, Proof};

/// The least of all. An order id that is sent twice may go to another provider the second time, so of
/// several none can promise that it is the same invoice.
pub(crate) fn of_all<'a>(
    providers: impl Iterator<Item = &'a dyn PaymentProvider> + Clone,
) -> Capabilities {
    let all = || providers.clone().map(PaymentProvider::capabilities);
    let weakest = all()
        .map(|own| own.webhook_proof)
        .min_by_key(|proof| proof.strength());
    let mut capabilities = Capabilities::new(weakest.unwrap_or(Proof::Weak));
    capabilities.asset_required = all().all(|own| own.asset_required);
    capabilities.idempotency = match (all().next(), all().nth(1)) {
        (Some(only), None) => only.idempotency,
        _ => Idempotency::None,
    };
    capabilities.payout_correlation = providers
        .clone()
        .filter(|provider| provider.payouts().is_some())
        .map(|provider| provider.capabilities().payout_correlation)
        .min_by_key(|correlation| match correlation {
            Correlation::Reference => 2,
            Correlation::CallbackUrl => 1,
            _ => 0,
        })
        .unwrap_or(Correlation::None);
    capabilities.hints = Hints {
        description: all().all(|own| own.hints.description),
        return_url: all().all(|own| own.hints.return_url),
        metadata: all().all(|own| own.hints.metadata),
    };
    let expiry = all().next().and_then(|own| own.expiry);
    capabilities.expiry = expiry.filter(|_| all().all(|own| own.expiry == expiry));
    capabilities
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use paymux_core::ExpiryLimits;
    use paymux_core::mock::{MockPayoutApi, MockProvider};

    use super::*;

    fn of(providers: &[&MockProvider]) -> Capabilities {
        let all: Vec<&dyn PaymentProvider> = providers
            .iter()
            .map(|provider| *provider as &dyn PaymentProvider)
            .collect();
        of_all(all.iter().copied())
    }

    fn strong() -> MockProvider {
        let mut provider = MockProvider::named("strong");
        provider.capabilities.asset_required = true;
        provider.capabilities.idempotency = Idempotency::Replayed;
        provider.capabilities.payout_correlation = Correlation::Reference;
        provider.capabilities.hints = Hints {
            description: true,
            return_url: true,
            metadata: true,
        };
        provider.capabilities.expiry = Some(ExpiryLimits {
            default: Duration::from_secs(900),
        });
        provider.payouts = Some(MockPayoutApi::new());
        provider
    }

    #[test]
    fn one_alone_keeps_what_it_can() {
        let strong = strong();
        assert_eq!(of(&[&strong]), strong.capabilities);
    }

    #[test]
    fn several_promise_what_each_can() {
        let (strong, mut other) = (strong(), MockProvider::named("other"));
        other.capabilities.webhook_proof = Proof::Checked;
        other.capabilities.hints.return_url = true;
        let both = of(&[&strong, &other]);
        assert_eq!(both.webhook_proof, Proof::Checked);
        assert!(!both.asset_required);
        assert_eq!(both.idempotency, Idempotency::None);
        // The other has no payouts, so it does not weaken how they are found again.
        assert_eq!(both.payout_correlation, Correlation::Reference);
        assert!(both.hints.return_url && !both.hints.description && !both.hints.metadata);
        assert_eq!(both.expiry, None);
        other.payouts = Some(MockPayoutApi::new());
        assert_eq!(of(&[&strong, &other]).payout_correlation, Correlation::None);
    }
}
