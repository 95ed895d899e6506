//! What can be wrong with a provider.

/// One thing that is wrong with a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// Nothing: the control.
    None,

    /// An invoice comes back with another order.
    OrderSwapped,
    /// A created invoice does not know its order.
    OrderForgotten,
    /// An invoice names another provider.
    ProviderMisnamed,
    /// An invoice nobody paid is settled.
    SettledUnpaid,
    /// What is due is another amount when it is read.
    DueChangesOnRead,
    /// The destination is another address when it is read.
    DestinationChangesOnRead,
    /// The time to pay ends before it begins.
    ExpiresBeforeCreation,
    /// Another invoice comes back than was asked for.
    AnotherInvoiceFetched,

    /// An id that nobody gave out is found.
    UnknownIdFound,
    /// An id that nobody gave out is a failure of unknown outcome.
    UnknownIdInDoubt,

    /// A request that no gateway can honour is put right and sent.
    BadRequestsMended,
    /// A request that no gateway can honour is a failure of unknown outcome.
    BadRequestsInDoubt,

    /// Prices lose their decimals.
    PriceRounded,
    /// What arrived is rounded to whole tokens.
    ReceivedRounded,
    /// What remains is what was due, whatever arrived.
    RemainingStands,

    /// A payment in part is not told as underpaid.
    UnderpaidUntold,
    /// A payment in part is taken for the whole.
    PartTakenForWhole,
    /// An invoice that was underpaid once stays so.
    UnderpaidForever,
    /// A settled invoice is told as confirmed.
    NeverSettles,

    /// Too much is not told.
    OverpaidUntold,
    /// The excess is rounded to whole tokens.
    ExcessRounded,

    /// A word that nobody knows is taken for paid.
    UnknownWordSettles,
    /// A word that nobody knows is taken for an end.
    UnknownWordExpires,
    /// A word that nobody knows is lost.
    UnknownWordForgotten,

    /// A webhook without proof is believed.
    ForgedWebhooksBelieved,
    /// A webhook that was altered is believed, as it is now.
    AlteredWebhooksBelieved,
    /// A webhook without its headers is believed.
    BareWebhooksBelieved,
    /// A webhook is believed however old it is.
    OldWebhooksBelieved,
    /// The same webhook is another event each time.
    EventsNotRepeatable,
    /// Events have no dedup key.
    DedupKeyEmpty,
    /// The dedup key depends on headers.
    DedupKeyOfHeaders,
    /// The body that was proven is not the body that is kept.
    BodyRewritten,
    /// The proof is another than the capabilities promise.
    ProofMisstated,
    /// An event names another provider.
    EventMisnamesProvider,
    /// A refused webhook is answered as if it were taken.
    RefusalsAnsweredWithSuccess,
    /// A doubled header is another kind of failure.
    DoubledHeadersUnavailable,

    /// Whoever has no key is let in.
    WrongKeyAccepted,
    /// A webhook under a wrong key cannot be checked, although its proof needs nobody.
    WrongKeyUnavailable,
    /// A wrong key is a failure of unknown outcome.
    WrongKeyInDoubt,
    /// `Debug` shows a key.
    SecretInDebug,
    /// A failure's message shows a key.
    SecretInMessage,
    /// A failure's cause shows a key.
    SecretInSource,

    /// A payout is told with another amount.
    PayoutAmountChanged,
    /// A payout is told with another amount when it is read.
    PayoutAmountChangesOnRead,
    /// A created payout does not know its reference.
    PayoutReferenceForgotten,
    /// A payout never ends.
    PayoutNeverEnds,
    /// A payout that nobody made is found.
    UnknownPayoutFound,
    /// A wrong destination is replaced and paid.
    DestinationsMended,
    /// A wrong destination is a failure of unknown outcome.
    DestinationsInDoubt,

    /// The catalogue is empty.
    CatalogEmpty,
    /// Every asset is in the catalogue twice.
    CatalogOfTwins,
    /// A quote is zero.
    QuoteOfZero,
    /// A quote is for another price.
    QuoteForAnotherPrice,
    /// A quote is in another asset.
    QuoteInAnotherAsset,
    /// More can be sent than there is.
    BalanceAboveTotal,
}
