//! The `paymux` command.
fn main() {}
