//! The gateway's codes as kinds of errors.
//!
//! No list of codes is published, so nothing is mapped by default: a code that is not in the table
//! is judged by the HTTP status, and is [`ErrorKind::Refused`](paymux_core::ErrorKind::Refused) where
//! that says nothing. Whoever knows what a code means adds it.

pub use paymux_core::adapter::ErrorCodes;
