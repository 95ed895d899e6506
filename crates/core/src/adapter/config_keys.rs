//! The keys of an adapter's configuration.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use crate::error::Error;

/// The keys of an adapter's configuration, as [`config_keys!`](macro@super::config_keys) makes them.
pub trait ConfigKeys:
    Copy + Eq + Debug + Display + FromStr<Err = Error> + Send + Sync + 'static
{
    /// The name in configuration files, such as `app_id`.
    fn name(self) -> &'static str;

    /// The environment variable, such as `PAYMUX_NATIVE_CHECKOUT_APP_ID`.
    fn env(self) -> &'static str;

    /// Whether its value must be shown nowhere.
    fn is_secret(self) -> bool;

    /// Every key.
    fn all() -> impl Iterator<Item = Self>;
}

/// What can be configured of an adapter: an enum with `ALL`, `name`, `env` and `is_secret`, its
/// [`ConfigKeys`], and its way from and to the name. Which keys are required is the adapter's own.
///
/// ```
/// use paymux_core::adapter::config_keys;
///
/// config_keys! {
///     /// What can be configured.
///     pub enum ConfigKey of "my-gateway" {
///         /// The merchant's id.
///         MerchantId = "merchant_id" "PAYMUX_MY_GATEWAY_MERCHANT_ID",
///         /// Signs requests.
///         ApiKey = "api_key" "PAYMUX_MY_GATEWAY_API_KEY" secret,
///     }
/// }
///
/// assert_eq!(ConfigKey::ALL.len(), 2);
/// assert_eq!("api_key".parse::<ConfigKey>()?, ConfigKey::ApiKey);
/// assert!(ConfigKey::ApiKey.is_secret());
/// assert_eq!(
///     "key".parse::<ConfigKey>().unwrap_err().message(),
///     r#""key" is no setting of my-gateway; use one of merchant_id, api_key"#
/// );
/// # Ok::<(), paymux_core::Error>(())
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __config_keys {
    (
        $(#[$doc:meta])*
        $vis:vis enum $name:ident of $type_name:literal {
            $($(#[$key_doc:meta])* $key:ident = $file:literal $env:literal $($secret:ident)?,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        $vis enum $name {
            $($(#[$key_doc])* $key,)+
        }

        impl $name {
            /// Every key.
            $vis const ALL: [Self; [$($file),+].len()] = [$(Self::$key),+];

            /// The name in configuration files.
            #[must_use]
            $vis const fn name(self) -> &'static str {
                match self {
                    $(Self::$key => $file,)+
                }
            }

            /// The environment variable.
            #[must_use]
            $vis const fn env(self) -> &'static str {
                match self {
                    $(Self::$key => $env,)+
                }
            }

            /// Whether its value must be shown nowhere.
            #[must_use]
            $vis const fn is_secret(self) -> bool {
                match self {
                    $(Self::$key => $crate::__config_keys!(@secret $($secret)?),)+
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::Error;

            fn from_str(name: &str) -> ::std::result::Result<Self, $crate::Error> {
                match name {
                    $($file => ::std::result::Result::Ok(Self::$key),)+
                    _ => ::std::result::Result::Err($crate::Error::configuration(::std::format!(
                        "{name:?} is no setting of {}; use one of {}",
                        $type_name,
                        [$($file),+].join(", ")
                    ))),
                }
            }
        }

        impl $crate::adapter::ConfigKeys for $name {
            fn name(self) -> &'static str {
                self.name()
            }

            fn env(self) -> &'static str {
                self.env()
            }

            fn is_secret(self) -> bool {
                self.is_secret()
            }

            fn all() -> impl ::std::iter::Iterator<Item = Self> {
                Self::ALL.into_iter()
            }
        }
    };
    (@secret) => { false };
    (@secret secret) => { true };
}
