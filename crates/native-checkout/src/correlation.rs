//! Finding a payout again by its callback URL.
//!
//! The gateway keeps no reference of the merchant's for a payout, so the reference travels in the
//! callback URL as `paymux_ref`. The gateway's signature does not cover that URL; `paymux_tag` (the
//! first 16 hex digits of HMAC-SHA256 under the app key over `paymux-ref:` and the reference) keeps
//! anybody else from writing another reference there.

use hmac::Mac;
use paymux_core::Reference;
#[cfg(feature = "client")]
use paymux_core::{Error, Result};
use secrecy::SecretString;
use subtle::ConstantTimeEq;

use crate::sign::{Keys, mac};

const REFERENCE: &str = "paymux_ref";
const TAG: &str = "paymux_tag";
const TAG_BYTES: usize = 8;

fn tag(key: &SecretString, reference: &str) -> Option<[u8; TAG_BYTES]> {
    let digest = mac(key, &[b"paymux-ref:", reference.as_bytes()])
        .ok()?
        .finalize()
        .into_bytes();
    digest.first_chunk().copied()
}

/// The callback URL with reference and tag appended to what query it has.
#[cfg(feature = "client")]
pub(crate) fn tagged_url(
    callback_url: &str,
    reference: &Reference,
    key: &SecretString,
) -> Result<String> {
    let mut url = url::Url::parse(callback_url)
        .map_err(|why| Error::invalid_request(format!("the callback URL is no URL: {why}")))?;
    if url
        .query_pairs()
        .any(|(name, _)| name == REFERENCE || name == TAG)
    {
        return Err(Error::invalid_request(format!(
            "the callback URL holds {REFERENCE} or {TAG}, which are added here; leave them out"
        )));
    }
    let tag = tag(key, reference.as_str())
        .ok_or_else(|| Error::configuration("the app key cannot be used"))?;
    url.query_pairs_mut()
        .append_pair(REFERENCE, reference.as_str())
        .append_pair(TAG, &hex::encode(tag));
    Ok(url.into())
}

/// The reference in a query, if its tag is right under one of the keys.
pub(crate) fn reference_in(query: &str, keys: &Keys) -> Option<Reference> {
    let mut references = Vec::new();
    let mut tags = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            REFERENCE => references.push(value.into_owned()),
            TAG => tags.push(value.into_owned()),
            _ => {}
        }
    }
    let ([reference], [told]) = (references.as_slice(), tags.as_slice()) else {
        return None;
    };
    let mut bytes = [0; TAG_BYTES];
    hex::decode_to_slice(told, &mut bytes).ok()?;
    let proven = keys
        .iter()
        .filter_map(|key| tag(key, reference))
        .any(|own| bool::from(own.ct_eq(&bytes)));
    proven.then(|| Reference::received(reference.as_str()))
}

#[cfg(feature = "client")]
#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "made-up-key";

    fn keys(keys: &[&str]) -> Keys {
        Keys::new(
            "app".to_owned(),
            keys.iter().map(|key| SecretString::from(*key)).collect(),
        )
        .unwrap()
    }

    fn tagged(url: &str, reference: &str) -> String {
        tagged_url(url, &reference.parse().unwrap(), &KEY.into()).unwrap()
    }

    fn query(url: &str) -> &str {
        url.split_once('?').unwrap().1
    }

    #[test]
    fn a_reference_comes_back_whatever_is_in_it() {
        for reference in ["ref-1", "a&b=c?d#e", "100 % ünïcode", "+", "a/b\\c\"'"] {
            let url = tagged("https://shop.example/hook?shop=7", reference);
            assert!(url.starts_with("https://shop.example/hook?shop=7&paymux_ref="));
            let found = reference_in(query(&url), &keys(&["other", KEY])).unwrap();
            assert_eq!(found.as_str(), reference);
        }
    }

    #[test]
    fn a_wrong_or_doubled_tag_is_ignored() {
        let url = tagged("https://shop.example/", "ref-1");
        let query = query(&url);
        assert!(reference_in(query, &keys(&["other"])).is_none());
        assert!(reference_in(&query.replace("ref-1", "ref-2"), &keys(&[KEY])).is_none());
        assert!(reference_in(&format!("{query}&paymux_ref=ref-1"), &keys(&[KEY])).is_none());
        assert!(reference_in("paymux_ref=ref-1", &keys(&[KEY])).is_none());
        assert!(reference_in("paymux_ref=ref-1&paymux_tag=zz", &keys(&[KEY])).is_none());
    }

    #[test]
    fn a_callback_url_with_a_reference_of_its_own_is_refused() {
        let error = tagged_url(
            "https://shop.example/?paymux_ref=mine",
            &"ref-1".parse().unwrap(),
            &KEY.into(),
        )
        .unwrap_err();
        assert!(error.message().contains("paymux_ref"), "{error}");
    }
}
