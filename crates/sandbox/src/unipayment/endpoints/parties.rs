//! `/beneficiaries` and their `/payment-methods`: JSON that passes through, with an id.

use super::{Answer, Call, Reply};
use crate::headers::check_json_content_type;
use crate::json::Json;
use crate::members::Members;
use crate::unipayment::parties::{Party, Record};
use crate::unipayment::refusal::Refusal;

/// The members of a body as they came, nulls and empty strings included.
fn whole_body(call: &Call<'_>) -> Result<Vec<(String, Json)>, Refusal> {
    check_json_content_type(call.headers)?;
    Ok(Members::read(call.body)?.into_pairs())
}

fn new_record(call: &Call<'_>) -> Result<Record, Refusal> {
    let members = whole_body(call)?;
    Ok(Record::new(call.gateway.randomness.uuid(), members))
}

fn unknown_party(call: &Call<'_>) -> Refusal {
    Refusal::not_found("beneficiary", call.id(0))
}

fn unknown_method(call: &Call<'_>) -> Refusal {
    Refusal::not_found("payment method", call.id(1))
}

/// Works on the beneficiary that the path names.
fn with_party(call: &Call<'_>, work: impl FnOnce(&mut Party) -> Result<Json, Refusal>) -> Answer {
    call.no_query()?;
    let mut book = call.gateway.book();
    let party = book.parties.find(call.id(0));
    let party = party.ok_or_else(|| unknown_party(call))?;
    work(party).map(Reply::data)
}

pub(super) fn create(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let record = new_record(call)?;
    let answer = record.to_json();
    call.gateway.book().parties.add(record);
    Ok(Reply::data(answer))
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let book = call.gateway.book();
    let all = book.parties.all().map(Record::to_json).collect();
    Ok(Reply::data(Json::Array(all)))
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    with_party(call, |party| Ok(party.record.to_json()))
}

pub(super) fn replace(call: &Call<'_>) -> Answer {
    let members = whole_body(call)?;
    with_party(call, |party| {
        party.record.replace(members);
        Ok(party.record.to_json())
    })
}

pub(super) fn remove(call: &Call<'_>) -> Answer {
    call.no_query()?;
    let removed = call.gateway.book().parties.remove(call.id(0));
    let removed = removed.ok_or_else(|| unknown_party(call))?;
    Ok(Reply::data(removed.record.to_json()))
}

pub(super) fn create_method(call: &Call<'_>) -> Answer {
    let record = new_record(call)?;
    with_party(call, |party| {
        let answer = record.to_json();
        party.methods.add(record);
        Ok(answer)
    })
}

pub(super) fn list_methods(call: &Call<'_>) -> Answer {
    with_party(call, |party| {
        let all = party.methods.all().iter().map(Record::to_json).collect();
        Ok(Json::Array(all))
    })
}

pub(super) fn get_method(call: &Call<'_>) -> Answer {
    with_party(call, |party| {
        let method = party.methods.find(call.id(1));
        method
            .map(|method| method.to_json())
            .ok_or_else(|| unknown_method(call))
    })
}

pub(super) fn replace_method(call: &Call<'_>) -> Answer {
    let members = whole_body(call)?;
    with_party(call, |party| {
        let method = party.methods.find(call.id(1));
        let method = method.ok_or_else(|| unknown_method(call))?;
        method.replace(members);
        Ok(method.to_json())
    })
}

pub(super) fn remove_method(call: &Call<'_>) -> Answer {
    with_party(call, |party| {
        let removed = party.methods.remove(call.id(1));
        removed
            .map(|method| method.to_json())
            .ok_or_else(|| unknown_method(call))
    })
}
