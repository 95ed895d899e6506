//! No secret in `Debug`, errors, causes or logs, whatever succeeds or fails.

mod halo;
mod shown;
mod unipayment;
