//! TLS to PostgreSQL: certificates are checked against the platform's store.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{LedgerError, LedgerErrorKind};

pub(super) fn connector() -> Result<MakeRustlsConnect, LedgerError> {
    // Named here, so that it does not matter which provider the application installed.
    let provider = Arc::new(aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map(|builder| MakeRustlsConnect::new(builder.with_no_client_auth()))
        .map_err(|error| {
            LedgerError::new(
                LedgerErrorKind::Other,
                format!("TLS to the ledger's PostgreSQL cannot be set up ({error})"),
            )
            .with_source(error)
        })
}
