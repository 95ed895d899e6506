//! The gateway's codes as kinds of errors.
//!
//! The page of codes is not published with the endpoints, so nothing is mapped by default: a code
//! that is not in the table is [`ErrorKind::Refused`](paymux_core::ErrorKind::Refused), with the code
//! in the error. Whoever knows what a code means adds it.

pub use paymux_core::adapter::ErrorCodes;
