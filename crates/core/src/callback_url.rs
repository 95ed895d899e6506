//! Finding a payout again by its callback URL, for gateways that keep no reference of the merchant's.
//!
//! The reference travels in the callback URL as `paymux_ref`. A gateway's signature does not cover that
//! URL; `paymux_tag` (the first 16 hex digits of HMAC-SHA256 under the merchant's key over `paymux-ref:`
//! and the reference) keeps anybody else from writing another reference there.
//!
//! ```
//! use paymux_core::callback_url::{reference_in, with_reference};
//!
//! let url = with_reference("https://shop.example/hook?shop=7", &"ref-1".parse()?, &"key".into())?;
//! assert!(url.starts_with("https://shop.example/hook?shop=7&paymux_ref=ref-1&paymux_tag="));
//! let (_, query) = url.split_once('?').unwrap();
//! assert_eq!(reference_in(query, [&"key".into()]).unwrap().as_str(), "ref-1");
//! assert_eq!(reference_in(query, [&"another key".into()]), None);
//! # Ok::<(), paymux_core::Error>(())
//! ```

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::error::{Error, Result};
use crate::ids::Reference;

const REFERENCE: &str = "paymux_ref";
const TAG: &str = "paymux_tag";
const TAG_DIGITS: usize = 16;

fn mac(key: &SecretString, reference: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()).ok()?;
    mac.update(b"paymux-ref:");
    mac.update(reference.as_bytes());
    Some(mac)
}

/// The callback URL with reference and tag appended to what query it has.
///
/// # Errors
/// `InvalidRequest` when the URL has a `paymux_ref` or `paymux_tag` already; `Configuration` for a key
/// that cannot be used.
pub fn with_reference(
    callback_url: &str,
    reference: &Reference,
    key: &SecretString,
) -> Result<String> {
    let (url, fragment) = match callback_url.split_once('#') {
        Some((url, fragment)) => (url, Some(fragment)),
        None => (callback_url, None),
    };
    let query = url.split_once('?').map(|(_, query)| query);
    let is_taken = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .any(|(name, _)| name == REFERENCE || name == TAG);
    if is_taken {
        return Err(Error::invalid_request(format!(
            "the callback URL holds {REFERENCE} or {TAG}, which are added here; leave them out"
        )));
    }
    let digest = mac(key, reference.as_str())
        .ok_or_else(|| Error::configuration("the key cannot be used to tag the callback URL"))?
        .finalize()
        .into_bytes();
    let tag: String = hex::encode(digest).chars().take(TAG_DIGITS).collect();
    let pairs = form_urlencoded::Serializer::new(String::new())
        .append_pair(REFERENCE, reference.as_str())
        .append_pair(TAG, &tag)
        .finish();
    let joint = match query {
        None => "?",
        Some("") => "",
        Some(_) => "&",
    };
    let fragment = fragment.map(|text| format!("#{text}")).unwrap_or_default();
    Ok(format!("{url}{joint}{pairs}{fragment}"))
}

/// The reference in a query, if its tag is right under one of the keys. One that is there twice, or
/// has no tag or a wrong one, is none.
pub fn reference_in<'a>(
    query: &str,
    keys: impl IntoIterator<Item = &'a SecretString>,
) -> Option<Reference> {
    let mut references = Vec::new();
    let mut tags = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            REFERENCE => references.push(value.into_owned()),
            TAG => tags.push(value.into_owned()),
            _ => {}
        }
    }
    let ([reference], [tag]) = (references.as_slice(), tags.as_slice()) else {
        return None;
    };
    let tag = (tag.len() == TAG_DIGITS).then(|| hex::decode(tag).ok())??;
    let proven = keys
        .into_iter()
        .filter_map(|key| mac(key, reference))
        .any(|mac| mac.verify_truncated_left(&tag).is_ok());
    proven.then(|| Reference::received(reference.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "made-up-key";

    fn tagged(url: &str, reference: &str) -> String {
        with_reference(url, &reference.parse().unwrap(), &KEY.into()).unwrap()
    }

    fn query(url: &str) -> &str {
        let url = url.split('#').next().unwrap();
        url.split_once('?').unwrap().1
    }

    fn found(query: &str, key: &str) -> Option<Reference> {
        reference_in(query, [&"other".into(), &key.into()])
    }

    #[test]
    fn a_reference_comes_back_whatever_is_in_it() {
        for reference in ["ref-1", "a&b=c?d#e", "100 % ünïcode", "+", "a/b\\c\"'"] {
            for (url, start) in [
                (
                    "https://shop.example/hook",
                    "https://shop.example/hook?paymux_ref=",
                ),
                (
                    "https://shop.example/hook?",
                    "https://shop.example/hook?paymux_ref=",
                ),
                (
                    "https://shop.example/?a=1",
                    "https://shop.example/?a=1&paymux_ref=",
                ),
                (
                    "https://shop.example/?a=1#top",
                    "https://shop.example/?a=1&paymux_ref=",
                ),
            ] {
                let tagged = tagged(url, reference);
                assert!(tagged.starts_with(start), "{tagged}");
                assert_eq!(tagged.ends_with("#top"), url.ends_with("#top"));
                assert_eq!(found(query(&tagged), KEY).unwrap().as_str(), reference);
            }
        }
    }

    #[test]
    fn the_tag_is_the_published_one() {
        // printf 'paymux-ref:ref-1' | openssl dgst -sha256 -hmac made-up-key
        let url = tagged("https://shop.example/", "ref-1");
        assert!(url.ends_with("&paymux_tag=fb49badd08648ff7"), "{url}");
    }

    #[test]
    fn a_wrong_or_doubled_tag_is_ignored() {
        let url = tagged("https://shop.example/", "ref-1");
        let query = query(&url);
        assert!(found(query, "wrong").is_none());
        assert!(found(&query.replace("ref-1", "ref-2"), KEY).is_none());
        assert!(found(&format!("{query}&paymux_ref=ref-1"), KEY).is_none());
        assert!(found(&format!("{query}00"), KEY).is_none());
        for tag in ["", "&paymux_tag=", "&paymux_tag=zz", "&paymux_tag=00"] {
            assert!(found(&format!("paymux_ref=ref-1{tag}"), KEY).is_none());
        }
        let (untagged, tag) = query.split_once("&paymux_tag=").unwrap();
        let shortened = format!("{untagged}&paymux_tag={}", &tag[..2]);
        assert!(
            found(&shortened, KEY).is_none(),
            "a tag cannot be shortened"
        );
    }

    #[test]
    fn a_callback_url_with_a_reference_of_its_own_is_refused() {
        let url = "https://shop.example/?paymux_ref=mine";
        let error = with_reference(url, &"ref-1".parse().unwrap(), &KEY.into()).unwrap_err();
        assert!(error.message().contains("paymux_ref"), "{error}");
    }
}
