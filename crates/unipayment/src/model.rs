//! The gateway's own requests, answers and notices, member by member as its documents name them
//! (unipayment.readme.io, pages "create_invoice", "invoice-object", "ipn-payment-notification",
//! "ipn-withdrawal-notification", "ipn-deposit").
//!
//! One set of types reads all three generations. Reading is lenient where the generations differ:
//! members that are not known are ignored, members that carry no money may be missing or null, words
//! may be their numbers, and money is taken as a string or a number, always digit for digit.

mod answer;
mod create_invoice;
mod invoice;
mod invoice_filter;
mod network;
mod notice;
mod page;
mod payment;
mod rate;
mod time;
mod transfer;
mod wallet;
mod withdrawal;
mod withdrawal_filter;

pub use answer::Answer;
pub use create_invoice::{BuyerInfo, CreateInvoice};
pub use invoice::{
    ConfirmSpeed, ErrorStatus, Invoice, InvoiceStatus, PaymentMethodType, Transaction,
};
pub use invoice_filter::InvoiceFilter;
pub use network::NetworkCode;
pub use notice::{InvoiceNotice, Notice, NoticeMembers, OtherNotice};
pub use page::Page;
pub use payment::{CreatePayment, PAYMENT_REASONS, Payment};
pub use rate::Rate;
pub use transfer::{
    DepositDetail, DepositNotice, DepositStatus, PaymentNotice, PaymentStatus, TransferDestination,
    TransferMethod, WithdrawalNotice, WithdrawalStatus,
};
pub use wallet::{CurrencyInfo, WalletBalance};
pub use withdrawal::{
    Batch, BatchItem, BatchStatus, CreateBatch, CreateWithdrawal, FeeType, NewBatchItem,
    Withdrawal, WithdrawalFee,
};
pub use withdrawal_filter::WithdrawalFilter;
