//! The calls that the documents have in each generation, with the members of their bodies and the JSON
//! types of those.

use super::Era;
use super::json_members::members;
use crate::wire_server::WireRequest;

/// The JSON type of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Boolean,
    Object,
    List,
}

type Members = &'static [(&'static str, Kind)];

/// What a call brings.
enum Shape {
    /// No body; of the query these alone.
    Query(&'static [&'static str]),
    /// A JSON object with the first members, and perhaps some of the second.
    Object(Members, Members),
    /// A body that the documents leave to the caller.
    AnyJson,
}

use Kind::{Boolean, List, Number, Object, Text};

const MD5_CREATE: Members = &[
    ("app_id", Text),
    ("price_amount", Number),
    ("price_currency", Text),
    ("order_id", Text),
    ("sign", Text),
];
/// `network` is in the table of the later pages alone; the type of the signature in answers and
/// notices.
const MD5_CREATE_MORE: Members = &[
    ("pay_currency", Text),
    ("network", Text),
    ("notify_url", Text),
    ("redirect_url", Text),
    ("sign_type", Text),
];
const MD5_QUERY: Members = &[
    ("app_id", Text),
    ("page_index", Number),
    ("page_size", Number),
    ("sign", Text),
];
const MD5_QUERY_MORE: Members = &[
    ("invoice_id", Text),
    ("order_id", Text),
    ("sign_type", Text),
];
const CREATE: Members = &[
    ("app_id", Text),
    ("price_amount", Number),
    ("price_currency", Text),
    ("order_id", Text),
];
const HMAC_CREATE_MORE: Members = &[
    ("pay_currency", Text),
    ("network", Text),
    ("notify_url", Text),
    ("redirect_url", Text),
    ("title", Text),
    ("description", Text),
    ("lang", Text),
    ("ext_args", Text),
    ("confirm_speed", Text),
];
const OAUTH_CREATE_MORE: Members = &[
    ("pay_currency", Text),
    ("network", Text),
    ("notify_url", Text),
    ("redirect_url", Text),
    ("title", Text),
    ("description", Text),
    ("lang", Text),
    ("ext_args", Text),
    ("confirm_speed", Text),
    ("payment_method_type", Text),
    ("host_to_host_mode", Boolean),
    ("buyer_info", Object),
];
const WITHDRAWAL: Members = &[
    ("network", Text),
    ("address", Text),
    ("asset_type", Text),
    ("amount", Number),
    ("auto_confirm", Boolean),
    ("include_fee", Boolean),
];
const WITHDRAWAL_MORE: Members = &[("dest_tag", Text), ("notify_url", Text), ("note", Text)];
const BATCH: Members = &[("network", Text), ("asset_type", Text), ("items", List)];
const PAYMENT: Members = &[
    ("from_account_id", Text),
    ("asset_type", Text),
    ("amount", Number),
    ("reason", Text),
];
const PAYMENT_MORE: Members = &[
    ("payment_method_id", Text),
    ("to_account_id", Text),
    ("reference", Text),
    ("note", Text),
    ("unique_id", Text),
];
const INVOICE_QUERY: &[&str] = &[
    "app_id",
    "invoice_id",
    "order_id",
    "status",
    "page_no",
    "page_size",
    "is_asc",
    "start",
    "end",
];

/// The parts of a path below `/v1.0/`.
pub(super) fn parts(path: &str) -> Vec<&str> {
    path.trim_start_matches("/v1.0/").split('/').collect()
}

fn shape(era: Era, method: &str, path: &str) -> Option<Shape> {
    match (era, method, path) {
        (Era::Md5, "POST", "/api/invoice/create") => {
            return Some(Shape::Object(MD5_CREATE, MD5_CREATE_MORE));
        }
        (Era::Md5, "POST", "/api/invoice/query") => {
            return Some(Shape::Object(MD5_QUERY, MD5_QUERY_MORE));
        }
        (Era::Md5, ..) => return None,
        _ if !path.starts_with("/v1.0/") => return None,
        _ => {}
    }
    let shape = match (era, method, parts(path).as_slice()) {
        (Era::Hmac, "POST", ["invoices"]) => Shape::Object(CREATE, HMAC_CREATE_MORE),
        (Era::OAuth, "POST", ["invoices"]) => Shape::Object(CREATE, OAUTH_CREATE_MORE),
        (_, "GET", ["invoices"]) => Shape::Query(INVOICE_QUERY),
        (_, "POST", ["ipn"]) => Shape::AnyJson,
        (
            _,
            "GET",
            ["invoices", _]
            | ["currencies" | "ips"]
            | ["rates", _]
            | ["rates", _, _]
            | ["wallet", "balances"],
        )
        | (Era::Hmac, "GET", ["wallet", "withdrawals" | "withdrawal-fees", _] | ["payouts", _])
        | (Era::OAuth, "GET", ["payments", _] | ["wallet", "accounts"]) => Shape::Query(&[]),
        (Era::Hmac, "POST", ["wallet", "withdrawals"]) => {
            Shape::Object(WITHDRAWAL, WITHDRAWAL_MORE)
        }
        (Era::Hmac, "POST", ["wallet", "withdrawals", "cancel"]) => {
            Shape::Object(&[("id", Text)], &[])
        }
        (Era::Hmac, "POST", ["payouts"]) => Shape::Object(BATCH, &[]),
        (Era::OAuth, "POST", ["payments"]) => Shape::Object(PAYMENT, PAYMENT_MORE),
        (Era::OAuth, "PUT", ["payments", _, "confirm" | "cancel"]) => {
            Shape::Object(&[], &[("note", Text)])
        }
        _ => return None,
    };
    Some(shape)
}

/// What is undocumented about method, path, query and body.
pub(super) fn complaint(era: Era, request: &WireRequest) -> Option<String> {
    let (method, path) = (request.method.as_str(), request.path());
    let Some(shape) = shape(era, method, path) else {
        return Some(format!("there is no {method} {path}"));
    };
    let body = std::str::from_utf8(&request.body).unwrap_or("no UTF-8");
    let content_type = request.header("content-type");
    let query = request.query();
    match shape {
        Shape::Query(allowed) => {
            let is_known = |(name, _): &(String, String)| allowed.contains(&name.as_str());
            if let Some((name, _)) = query.iter().find(|pair| !is_known(pair)) {
                return Some(format!("the query has {name}"));
            }
            (!body.is_empty() || content_type.is_some()).then(|| "a GET has a body".to_owned())
        }
        _ if !query.is_empty() => Some("there is a query beside the body".to_owned()),
        _ if content_type != Some("application/json") => {
            Some("content-type is not application/json, once".to_owned())
        }
        Shape::AnyJson => None,
        Shape::Object(needed, more) => of_members(body, needed, more),
    }
}

fn of_members(body: &str, needed: Members, more: Members) -> Option<String> {
    let found = match members(body) {
        Ok(found) => found,
        Err(why) => return Some(why),
    };
    for (name, _) in needed {
        if !found.iter().any(|member| member.name == *name) {
            return Some(format!("{name} is missing"));
        }
    }
    for (at, member) in found.iter().enumerate() {
        let name = &member.name;
        if found.iter().skip(at + 1).any(|other| other.name == *name) {
            return Some(format!("{name} is there twice"));
        }
        let Some((_, kind)) = needed.iter().chain(more).find(|(own, _)| own == name) else {
            return Some(format!("{name} is in no document"));
        };
        if kind_of(member.token) != Some(*kind) {
            return Some(format!("{name} is {}, and no {kind:?}", member.token));
        }
    }
    None
}

/// Amounts are plain digits: no exponent, no plus.
fn kind_of(token: &str) -> Option<Kind> {
    match token.as_bytes().first()? {
        b'"' => Some(Text),
        b'{' => Some(Object),
        b'[' => Some(List),
        b't' | b'f' => Some(Boolean),
        b'0'..=b'9' if token.bytes().all(|b| b == b'.' || b.is_ascii_digit()) => Some(Number),
        _ => None,
    }
}
