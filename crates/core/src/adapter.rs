//! For those who write adapters: what every gateway's crate does the same way.
//!
//! | what | for which room |
//! |---|---|
//! | [`read_object`], [`read_list`], [`reading_error`] | `model`, `client`: answers as wire types, with errors that name the member and none of the content |
//! | [`lenient`] | `model`: members that the gateway's documents are loose about |
//! | [`words!`] | `model`: open sets of words, such as statuses |
//! | [`config_keys!`], [`Settings`] | `config`: the keys with their variables, and what is set for them |
//! | [`ErrorCodes`] | `error`: the gateway's codes as kinds |
//! | [`Operation`] | `provider`: names provider and operation in an error, and boxes invoices and payouts |
//!
//! Amounts are read by [`decimal`](crate::decimal). [`Error::mismatch`](crate::Error::mismatch) is for
//! an answer that is not what was asked for, [`Error::invalid_response`](crate::Error::invalid_response)
//! for one that cannot be understood.

mod config_keys;
mod error_codes;
mod json;
pub mod lenient;
mod operation;
mod settings;
mod words;

pub use config_keys::ConfigKeys;
pub use error_codes::ErrorCodes;
pub use json::{read_list, read_object, reading_error};
pub use operation::Operation;
pub use settings::Settings;

#[doc(inline)]
pub use crate::__config_keys as config_keys;
#[doc(inline)]
pub use crate::__words as words;

/// What the macros need of other crates, so that who uses them needs none.
#[doc(hidden)]
pub mod __private {
    pub use serde;
}
