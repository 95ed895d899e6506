//! payment-qr-code/create.

use super::{Answer, enabled_token, success};
use crate::addresses::tron::address_of;
use crate::halo::book::QrCode;
use crate::halo::gateway::Gateway;
use crate::halo::wire::CreatedQrCode;
use crate::members::Members;
use crate::settings::Settings;

/// The id of the first code; the documents' example is 115.
const FIRST_ID: usize = 101;

pub(super) fn create(gateway: &Gateway, settings: &Settings, mut members: Members) -> Answer {
    let name = members.text("name")?;
    let currency_id = members.integer("currency_id")?;
    let amount = members.optional_amount("amount")?;
    members.end()?;
    let token = enabled_token(currency_id, settings)?;
    let amount = match amount {
        Some(amount) => amount.zero_or_more(token.decimals)?,
        None => rust_decimal::Decimal::ZERO,
    };
    let mut book = gateway.book();
    let id = FIRST_ID.saturating_add(book.qr_codes.all().len());
    let code = QrCode {
        id: i64::try_from(id).unwrap_or(i64::MAX),
        name,
        currency_id,
        amount,
        address: address_of(gateway.randomness.account()),
        payments: Vec::new(),
    };
    let answer = success(CreatedQrCode {
        id: code.id,
        address: &code.address,
    });
    book.qr_codes.add(code.address.clone(), code);
    answer
}
