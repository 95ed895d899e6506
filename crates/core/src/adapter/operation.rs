//! Where an error happened, and the shapes that core's traits give out.

use crate::error::{Error, Result};
use crate::ids::{ProviderName, Reference};
use crate::provider::{Invoice, Payout};

/// An operation of a provider. It names itself in the errors of what was done for it, unless one is
/// named already, and turns the adapter's own invoices and payouts into core's.
///
/// ```
/// use paymux_core::adapter::Operation;
/// use paymux_core::{Error, Invoice, InvoiceId, InvoiceSnapshot, InvoiceStatus, ProviderName, Result};
///
/// # fn read(name: &ProviderName, id: &InvoiceId) -> Result<InvoiceSnapshot> {
/// #     Ok(InvoiceSnapshot::new(name.clone(), id.clone(), InvoiceStatus::Pending))
/// # }
/// fn fetch_invoice(name: &ProviderName, id: &InvoiceId) -> Result<Box<dyn Invoice>> {
///     Operation::new(name, "fetch_invoice").invoice(read(name, id))
/// }
/// # let name = ProviderName::from_static("eu");
/// # assert_eq!(fetch_invoice(&name, &InvoiceId::received("I1"))?.id().as_str(), "I1");
///
/// let failed: Result<()> = Operation::new(&name, "quote").result(Err(Error::unsupported("no prices")));
/// assert_eq!(failed.unwrap_err().to_string(), "eu: quote: no prices");
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Operation<'a> {
    provider: &'a ProviderName,
    name: &'static str,
    reference: Option<&'a Reference>,
}

impl<'a> Operation<'a> {
    /// An operation of this provider instance, by the name of the trait's method.
    #[must_use]
    pub const fn new(provider: &'a ProviderName, name: &'static str) -> Self {
        Self {
            provider,
            name,
            reference: None,
        }
    }

    /// Names the payout in the errors too.
    #[must_use]
    pub const fn with_reference(mut self, reference: &'a Reference) -> Self {
        self.reference = Some(reference);
        self
    }

    /// What was done for it.
    ///
    /// # Errors
    /// The same, named.
    pub fn result<T>(self, result: Result<T>) -> Result<T> {
        result.map_err(|error| self.error(error))
    }

    /// An invoice, as core's traits give it out.
    ///
    /// # Errors
    /// The same, named.
    pub fn invoice<I: Invoice + 'static>(self, result: Result<I>) -> Result<Box<dyn Invoice>> {
        self.result(result)
            .map(|invoice| Box::new(invoice) as Box<dyn Invoice>)
    }

    /// A payout, as core's traits give it out.
    ///
    /// # Errors
    /// The same, named.
    pub fn payout<P: Payout + 'static>(self, result: Result<P>) -> Result<Box<dyn Payout>> {
        self.result(result)
            .map(|payout| Box::new(payout) as Box<dyn Payout>)
    }

    fn error(self, error: Error) -> Error {
        let error = error
            .with_provider(self.provider.clone())
            .with_operation(self.name);
        match self.reference {
            Some(reference) => error.with_reference(reference.clone()),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, Outcome};
    use crate::ids::PayoutId;
    use crate::snapshot::PayoutSnapshot;
    use crate::status::PayoutStatus;

    #[test]
    fn errors_are_named_and_otherwise_the_same() {
        let name = ProviderName::from_static("eu");
        let reference = Reference::received("ref-1");
        let operation = Operation::new(&name, "create_payout").with_reference(&reference);
        let error = Error::new(ErrorKind::Timeout, Outcome::Unknown, "no answer").with_id("P1");
        let error = operation.payout::<PayoutSnapshot>(Err(error)).unwrap_err();
        assert_eq!(error.provider(), Some(&name));
        assert_eq!(error.operation(), Some("create_payout"));
        assert_eq!(error.reference(), Some(&reference));
        assert_eq!(error.id(), Some("P1"));
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::Timeout, Outcome::Unknown)
        );

        let inner = Error::unsupported("no").with_operation("token");
        let error = operation.result::<()>(Err(inner)).unwrap_err();
        assert_eq!(error.operation(), Some("token"));
    }

    #[test]
    fn the_way_back_to_the_own_type_stays_open() {
        let name = ProviderName::from_static("eu");
        let own = PayoutSnapshot::new(
            name.clone(),
            PayoutId::received("P1"),
            PayoutStatus::Pending,
        );
        let payout = Operation::new(&name, "fetch_payout")
            .payout(Ok(own))
            .unwrap();
        assert!(payout.as_any().is::<PayoutSnapshot>());
    }
}
