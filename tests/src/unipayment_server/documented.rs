//! The bodies that the documents show, and bodies written from the tables where they show none.

use serde_json::value::RawValue;

use super::shapes::parts;
use super::{Era, data_of, token_of};
use crate::wire_server::WireRequest;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../fixtures/unipayment/", $name, ".json"))
    };
}

/// The documents' own request for a new invoice of the first generation.
pub const MD5_REQUEST: &str = fixture!("2022_create_invoice_request");
/// The documents' own request for a new invoice of v1.0.
pub const V1_REQUEST: &str = fixture!("v1_create_invoice_request");
/// An older draft of the first generation's answer, which names no invoice.
pub const MD5_DRAFT: &str = fixture!("2022_create_invoice_response_draft");
/// The answer to a new invoice of the first generation.
pub const MD5_CREATED: &str = fixture!("create_invoice");
/// The answer to a query of the first generation.
pub const MD5_PAGE: &str = fixture!("query_invoices");
/// The answer to a new invoice of v1.0 (2023).
pub const V1_CREATED: &str = fixture!("v1_create_invoice_response");
/// The answer to a new invoice of v1.0 as the SDKs of 2022 show it, with numbers for words.
pub const V1_CREATED_2022: &str = fixture!("v1_create_invoice_response_2022_int_enums");
/// The answer to a new invoice of v2.
pub const V2_CREATED: &str = fixture!("v2_create_invoice_response");
/// The answer to a check of a webhook.
pub const IPN_VERIFIED: &str = fixture!("check_ipn_response");
/// A webhook of the first generation.
pub const MD5_NOTICE: &str = fixture!("2022_ipn_invoice_new");
/// A webhook of v1.0: an invoice was made (2023).
pub const V1_NOTICE: &str = fixture!("v1_ipn_invoice_created_2023");
/// A webhook of v1.0: an invoice was made (2022), with seven digits of a second.
pub const V1_NOTICE_2022: &str = fixture!("v1_ipn_invoice_created_2022");
/// A webhook of v1.0: an invoice expired.
pub const V1_NOTICE_EXPIRED: &str = fixture!("v1_ipn_invoice_expired_2022");
/// A webhook of v1.0: a withdrawal, whose event contradicts its status.
pub const V1_NOTICE_WITHDRAWAL: &str = fixture!("v1_ipn_withdrawal_2023");
/// A webhook of v2: a payment.
pub const V2_NOTICE_PAYMENT: &str = fixture!("v2_ipn_payment_initiated");
/// A webhook of v2: a deposit by a bank.
pub const V2_NOTICE_BANK_DEPOSIT: &str = fixture!("v2_ipn_deposit_bank");
/// A webhook of v2: a deposit on a chain; its last two members are not shown.
pub const V2_NOTICE_DEPOSIT: &str = fixture!("v2_ipn_deposit_crypto_partial");
/// A withdrawal, written from its table with the values of the documented notice.
pub const WITHDRAWAL: &str = fixture!("table_withdrawal");
/// A payment, written from its table with the values of the documented notice.
pub const PAYMENT: &str = fixture!("table_payment");

/// The answer to a request that is as documented.
pub(super) fn body(era: Era, request: &WireRequest) -> Option<String> {
    let path = request.path();
    if era == Era::Md5 {
        return match path {
            "/api/invoice/create" => Some(MD5_CREATED.to_owned()),
            "/api/invoice/query" => Some(queried(&request.body)),
            _ => None,
        };
    }
    let is_v1 = era == Era::Hmac;
    let by_era = |v1: &'static str, v2: &'static str| if is_v1 { v1 } else { v2 };
    let created = by_era(V1_CREATED, V2_CREATED);
    let body = match (request.method.as_str(), parts(path).as_slice()) {
        ("GET", ["invoices"]) => return Some(page_of(data_of(created), "page_no")),
        (_, ["invoices", ..]) => created,
        (_, ["ipn"]) => IPN_VERIFIED,
        (_, ["currencies"]) => by_era(
            fixture!("table_v1_currencies"),
            fixture!("table_v2_currencies"),
        ),
        (_, ["ips"]) => fixture!("table_ips"),
        (_, ["rates", _]) => fixture!("table_v1_rates"),
        (_, ["rates", _, _]) => by_era(fixture!("table_v1_rate"), fixture!("table_v2_rate")),
        (_, ["wallet", "balances"]) => {
            by_era(fixture!("table_v1_balances"), fixture!("table_v2_balances"))
        }
        (_, ["wallet", "withdrawals", "cancel"]) => r#"{"code":"OK","msg":"","data":null}"#,
        (_, ["wallet", "withdrawals", ..]) => WITHDRAWAL,
        (_, ["wallet", "withdrawal-fees", _]) => fixture!("table_withdrawal_fees"),
        (_, ["payouts", ..]) => fixture!("table_batch"),
        (_, ["payments", ..]) => PAYMENT,
        _ => return None,
    };
    Some(body.to_owned())
}

/// The documented page; of a query by the id of an invoice that one alone.
fn queried(query: &[u8]) -> String {
    let query = String::from_utf8_lossy(query);
    let Some(id) = token_of(&query, "invoice_id") else {
        return MD5_PAGE.to_owned();
    };
    let models = data_of(MD5_PAGE).and_then(|page| token_of(page, "models"));
    let models: Vec<&RawValue> =
        serde_json::from_str(models.unwrap_or("[]")).expect("models are a list");
    let mut found = models.into_iter().map(RawValue::get);
    let found = found.find(|model| token_of(model, "invoice_id") == Some(id));
    page_of(found, "page_index")
}

/// The page object around an invoice.
fn page_of(invoice: Option<&str>, number: &str) -> String {
    let (count, invoice) = (usize::from(invoice.is_some()), invoice.unwrap_or_default());
    format!(
        r#"{{"code": "OK", "msg": "", "data": {{"models": [{invoice}], "{number}": 1, "page_size": 10, "total": {count}, "page_count": 1}}}}"#
    )
}
