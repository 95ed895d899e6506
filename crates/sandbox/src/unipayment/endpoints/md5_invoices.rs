//! The first generation: `/api/invoice/create`, `/api/invoice/query`.

use super::invoices::{Wanted, page_url};
use super::{Answer, Call, Reply, page};
use crate::headers::check_json_content_type;
use crate::members::Members;
use crate::unipayment::invoices::Invoice;
use crate::unipayment::query::PageWanted;
use crate::unipayment::refusal::{Refusal, RefusalKind};
use crate::unipayment::settings::Generation;
use crate::unipayment::wire::Style;
use crate::unipayment::wire::invoices::{md5_created, md5_model};

/// The members of a call whose `sign` is right.
fn signed_members(call: &Call<'_>) -> Result<Members, Refusal> {
    check_json_content_type(call.headers)?;
    let mut members = Members::read(call.body)?;
    let rule = call.own_settings().md5_rule;
    rule.check(members.pairs(), &call.gateway.keys.app_key)
        .map_err(|reason| Refusal::new(RefusalKind::BadSignature, reason))?;
    members.take("sign");
    members.take("sign_type");
    members.take("sing_type");
    Ok(members.without_empty())
}

pub(super) fn create(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let mut members = signed_members(call)?;
    let wanted = Wanted::read(call, &mut members)?;
    members.end()?;
    let invoice_id = call.gateway.randomness.uuid();
    let invoice = wanted.make(call, invoice_id, "UNKNOWN".to_owned())?;
    let cashier_url = page_url(call, &invoice.invoice_id);
    let qrcode_url = format!("{}/qrcode/{}", call.gateway.base_url, invoice.invoice_id);
    let settings = call.own_settings();
    let data = md5_created(&invoice, (cashier_url, qrcode_url), settings);
    Ok(Reply::data(call.gateway.notary.signed(data)))
}

/// The path and members of this call are **ours**; the answer is that of the documents' example.
pub(super) fn query(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let mut members = signed_members(call)?;
    call.check_app_id(&members.text("app_id")?)?;
    let invoice_id = members.optional_text("invoice_id")?;
    let order_id = members.optional_text("order_id")?;
    let number = ("page_index", members.optional_integer("page_index")?);
    let wanted = PageWanted::checked(number, members.optional_integer("page_size")?)?;
    members.end()?;
    if invoice_id.is_none() && order_id.is_none() {
        let reason = "invoice_id and order_id are missing; send one of them or both";
        return Err(Refusal::bad_parameter(reason));
    }
    let book = call.gateway.book();
    let fits = |invoice: &&Invoice| {
        invoice_id
            .as_ref()
            .is_none_or(|id| *id == invoice.invoice_id)
            && order_id.as_ref().is_none_or(|id| *id == invoice.order_id)
    };
    let found: Vec<&Invoice> = book.invoices.all().iter().rev().filter(fits).collect();
    let settings = call.own_settings();
    let app_id = &call.gateway.keys.app_id;
    let write = |invoice: &&Invoice| md5_model(app_id, invoice, settings);
    let style = Style::of_answer(Generation::Md5, settings);
    Ok(Reply::data(page(
        &found,
        wanted,
        "page_index",
        write,
        style,
    )))
}
