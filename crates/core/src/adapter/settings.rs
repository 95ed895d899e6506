//! What is set for the keys of an adapter's configuration.

use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};

use super::ConfigKeys;
use crate::error::{Error, Result};

/// Values by their keys, as they were given: nothing is checked until it is asked for, so that setters
/// cannot fail. What is wrong with a value is told with its key and its variable. `Debug` shows no
/// secret.
///
/// ```
/// use paymux_core::adapter::{Settings, config_keys};
///
/// config_keys! {
///     /// What can be configured.
///     pub enum ConfigKey of "my-gateway" {
///         /// The merchant's id.
///         MerchantId = "merchant_id" "PAYMUX_MY_GATEWAY_MERCHANT_ID",
///         /// Signs requests.
///         ApiKey = "api_key" "PAYMUX_MY_GATEWAY_API_KEY" secret,
///         /// Which digest.
///         Digest = "digest" "PAYMUX_MY_GATEWAY_DIGEST",
///     }
/// }
///
/// let mut settings = Settings::default();
/// settings.set(ConfigKey::Digest, "md6");
/// assert_eq!(
///     settings.require([ConfigKey::MerchantId, ConfigKey::ApiKey], "").unwrap_err().message(),
///     "not set: merchant_id (PAYMUX_MY_GATEWAY_MERCHANT_ID), api_key (PAYMUX_MY_GATEWAY_API_KEY)"
/// );
/// assert_eq!(
///     settings.one_of(ConfigKey::Digest, &["md5", "sha256"]).unwrap_err().message(),
///     r#"digest (PAYMUX_MY_GATEWAY_DIGEST) is "md6"; use md5 or sha256"#
/// );
/// ```
#[derive(Clone)]
pub struct Settings<K>(Vec<(K, SecretString)>);

impl<K> Default for Settings<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: ConfigKeys> Settings<K> {
    /// Sets a value, instead of what was set before.
    pub fn set(&mut self, key: K, value: impl Into<SecretString>) {
        self.0.retain(|(own, _)| *own != key);
        self.0.push((key, value.into()));
    }

    /// Takes from a look-up of variables what it has. A variable that is not set or empty changes
    /// nothing.
    pub fn read_vars(&mut self, variable: impl Fn(&str) -> Option<String>) {
        for key in K::all() {
            if let Some(value) = variable(key.env()).filter(|value| !value.is_empty()) {
                self.set(key, value);
            }
        }
    }

    /// What is set.
    #[must_use]
    pub fn text(&self, key: K) -> Option<&str> {
        self.secret(key).map(SecretString::expose_secret)
    }

    /// What is set, for a key that is secret.
    #[must_use]
    pub fn secret(&self, key: K) -> Option<&SecretString> {
        self.0
            .iter()
            .find_map(|(own, value)| (*own == key).then_some(value))
    }

    /// What is set, read as `T`.
    ///
    /// # Errors
    /// `Configuration` that names the key and its variable, and says what `T` has to say.
    pub fn parsed<T>(&self, key: K) -> Result<Option<T>>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        let read = |text: &str| {
            text.parse()
                .map_err(|why| Error::configuration(format!("{}: {why}", place(key))))
        };
        self.text(key).map(read).transpose()
    }

    /// What is set, where it is one of these words.
    ///
    /// # Errors
    /// `Configuration` that names the key, its variable and the words. Not for a key that is secret:
    /// the wrong value is shown.
    pub fn one_of(&self, key: K, words: &[&str]) -> Result<Option<&str>> {
        match self.text(key) {
            Some(word) if !words.contains(&word) => Err(Error::configuration(format!(
                "{} is {word:?}; use {}",
                place(key),
                any_of(words)
            ))),
            word => Ok(word),
        }
    }

    /// Whether all of these keys are set. `for_what` says what needs them, where not everything does,
    /// such as `payouts`.
    ///
    /// # Errors
    /// `Configuration` that names every key that is not set, and its variable.
    pub fn require(&self, keys: impl IntoIterator<Item = K>, for_what: &str) -> Result<()> {
        let missing: Vec<String> = keys
            .into_iter()
            .filter(|key| self.secret(*key).is_none())
            .map(place)
            .collect();
        let what = match for_what {
            "" => "not set".to_owned(),
            for_what => format!("not set, and needed for {for_what}"),
        };
        match missing.as_slice() {
            [] => Ok(()),
            missing => Err(Error::configuration(format!(
                "{what}: {}",
                missing.join(", ")
            ))),
        }
    }
}

fn place<K: ConfigKeys>(key: K) -> String {
    format!("{} ({})", key.name(), key.env())
}

/// `a, b or c`
fn any_of(words: &[&str]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        words => words.concat(),
    }
}

impl<K: ConfigKeys> fmt::Debug for Settings<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().map(|(key, value)| {
            let text = if key.is_secret() {
                "[REDACTED]"
            } else {
                value.expose_secret()
            };
            (key.name(), text)
        });
        f.debug_map().entries(shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, Outcome};

    crate::adapter::config_keys! {
        /// Keys.
        enum Key of "shop" {
            /// An id.
            Id = "id" "SHOP_ID",
            /// A secret.
            Password = "password" "SHOP_PASSWORD" secret,
            /// A number.
            Count = "count" "SHOP_COUNT",
        }
    }

    fn settings(values: &[(Key, &str)]) -> Settings<Key> {
        let mut settings = Settings::default();
        for (key, value) in values {
            settings.set(*key, *value);
        }
        settings
    }

    #[test]
    fn the_last_value_counts_and_empty_variables_do_not() {
        let mut settings = settings(&[(Key::Id, "one"), (Key::Id, "two"), (Key::Count, "1")]);
        assert_eq!(settings.text(Key::Id), Some("two"));
        settings.read_vars(|name| match name {
            "SHOP_ID" => Some(String::new()),
            "SHOP_COUNT" => Some("2".to_owned()),
            _ => None,
        });
        assert_eq!(settings.text(Key::Id), Some("two"));
        assert_eq!(settings.parsed::<u8>(Key::Count).unwrap(), Some(2));
        assert_eq!(settings.parsed::<u8>(Key::Password).unwrap(), None);
        assert!(settings.secret(Key::Password).is_none());
    }

    #[test]
    fn what_is_wrong_names_the_key_and_its_variable() {
        let settings = settings(&[(Key::Count, "many")]);
        for error in [
            settings.parsed::<u8>(Key::Count).unwrap_err(),
            settings.one_of(Key::Count, &["1", "2"]).unwrap_err(),
            settings
                .require([Key::Count, Key::Id, Key::Password], "sales")
                .unwrap_err(),
        ] {
            assert_eq!(
                (error.kind(), error.outcome()),
                (ErrorKind::Configuration, Outcome::NotSent)
            );
            let says = if error.message().starts_with("not set") {
                "not set, and needed for sales: id (SHOP_ID), password (SHOP_PASSWORD)"
            } else {
                "count (SHOP_COUNT)"
            };
            assert!(error.message().starts_with(says), "{error}");
        }
        assert_eq!(
            settings.one_of(Key::Count, &["many"]).unwrap(),
            Some("many")
        );
        assert!(settings.require([Key::Count], "").is_ok());
        let error = settings.one_of(Key::Count, &["1", "2", "3"]).unwrap_err();
        assert!(error.message().ends_with("; use 1, 2 or 3"), "{error}");
    }

    #[test]
    fn secrets_are_not_shown() {
        let settings = settings(&[(Key::Id, "shop-7"), (Key::Password, "canary")]);
        let shown = format!("{settings:?}");
        assert!(
            shown.contains("shop-7") && shown.contains("password"),
            "{shown}"
        );
        assert!(!shown.contains("canary"), "{shown}");
    }
}
