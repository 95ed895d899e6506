//! Whom a webhook is for, where its route does not say.

use std::sync::Arc;

use paymux_core::{PaymentProvider, Providers, RawWebhook, WebhookClaim};

/// Why nobody takes a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unaddressed {
    /// It names no account of a provider that is here.
    Nobody,
    /// Several providers may be meant.
    Several,
}

/// The provider whose account a webhook names; where it names none that is known, the only one that
/// does not look. It proves nothing: that one has to prove it.
pub(crate) fn addressee<'p>(
    providers: &'p Providers,
    webhook: &RawWebhook,
) -> Result<&'p Arc<dyn PaymentProvider>, Unaddressed> {
    let mut own = Vec::new();
    let mut unclear = Vec::new();
    for provider in providers.iter() {
        match provider.webhook_claim(webhook) {
            WebhookClaim::Own => own.push(provider),
            WebhookClaim::Unclear => unclear.push(provider),
            WebhookClaim::Foreign => {}
        }
    }
    let claimants = if own.is_empty() { unclear } else { own };
    match claimants.as_slice() {
        [one] => Ok(one),
        [] => Err(Unaddressed::Nobody),
        _ => Err(Unaddressed::Several),
    }
}

#[cfg(test)]
mod tests {
    use paymux_core::mock::MockProvider;

    use super::*;

    fn taken_by(claims: &[(&'static str, WebhookClaim)]) -> Result<String, Unaddressed> {
        let mut providers = Providers::new();
        for (name, claim) in claims.iter().copied() {
            let mut provider = MockProvider::named(name);
            let invoices = &mut provider.invoices;
            invoices.expect_webhook_claim().return_const(claim);
            providers.add(Arc::new(provider)).unwrap();
        }
        addressee(&providers, &RawWebhook::new("{}")).map(|provider| provider.name().to_string())
    }

    #[test]
    fn the_account_decides_and_then_who_does_not_look() {
        use WebhookClaim::{Foreign, Own, Unclear};

        let eu = Ok("eu".to_owned());
        assert_eq!(taken_by(&[("eu", Own), ("us", Foreign)]), eu);
        assert_eq!(
            taken_by(&[("asia", Unclear), ("eu", Own), ("us", Unclear)]),
            eu
        );
        assert_eq!(taken_by(&[("eu", Unclear), ("us", Foreign)]), eu);
    }

    #[test]
    fn what_two_would_take_or_nobody_is_for_nobody() {
        use WebhookClaim::{Foreign, Own, Unclear};

        let several = Err(Unaddressed::Several);
        assert_eq!(taken_by(&[("eu", Own), ("us", Own)]), several);
        assert_eq!(
            taken_by(&[("asia", Unclear), ("eu", Own), ("us", Own)]),
            several
        );
        assert_eq!(taken_by(&[("eu", Unclear), ("us", Unclear)]), several);
        assert_eq!(taken_by(&[("eu", Foreign)]), Err(Unaddressed::Nobody));
        assert_eq!(taken_by(&[]), Err(Unaddressed::Nobody));
    }
}
