//! Where a gateway is: scheme, host and port, and nothing else.

use paymux_core::{Error, Result};
use url::{Host, Url};

/// A checked base URL, and whether it is this machine.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl {
    pub(crate) url: Url,
    pub(crate) is_loopback: bool,
}

impl BaseUrl {
    /// The text is not repeated in errors: somebody may have put a password in it.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        const RIGHT: &str = "write scheme, host and port only, such as https://api.example";
        let wrong = |what: &str| Error::configuration(format!("the base URL {what}; {RIGHT}"));

        let url = Url::parse(text.trim()).map_err(|why| wrong(&format!("is no URL ({why})")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("is neither https nor http"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("holds a user name or password"));
        }
        if !matches!(url.path(), "" | "/") {
            return Err(wrong("has a path"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has a query or fragment"));
        }
        let is_loopback = match url.host() {
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(wrong("has no host")),
        };
        if url.scheme() == "http" && !is_loopback {
            return Err(Error::configuration(
                "the base URL is plain http, which is accepted for this machine only (localhost, 127.0.0.0/8, ::1); use https",
            ));
        }
        Ok(Self { url, is_loopback })
    }
}

#[cfg(test)]
mod tests {
    use paymux_core::ErrorKind;

    use super::*;

    #[test]
    fn scheme_host_and_port_are_enough() {
        for (text, is_loopback) in [
            ("https://api.pay.halochat.io", false),
            ("https://api.example:8443/", false),
            ("https://127.0.0.1:8443", true),
            ("http://localhost:8080", true),
            ("http://127.3.2.1", true),
            ("http://[::1]:9", true),
        ] {
            assert_eq!(
                BaseUrl::parse(text).unwrap().is_loopback,
                is_loopback,
                "{text}"
            );
        }
    }

    #[test]
    fn anything_more_or_less_is_refused_without_repeating_it() {
        for (text, says) in [
            ("api.example", "no URL"),
            ("", "no URL"),
            ("ftp://api.example", "neither https nor http"),
            ("https://api.example/v1", "a path"),
            ("https://api.example?key=canary", "a query"),
            ("https://api.example#canary", "fragment"),
            ("https://user:canary@api.example", "password"),
            ("http://api.example", "plain http"),
            ("http://localhost.example", "plain http"),
            ("http://128.0.0.1", "plain http"),
            ("http://[::2]", "plain http"),
        ] {
            let error = BaseUrl::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.message().contains(says), "{text}: {error}");
            assert!(!error.message().contains("canary"), "{error}");
        }
    }
}
