//! TLS to PostgreSQL.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{LedgerError, LedgerErrorKind};

/// TLS as the URL's `sslmode` asks for it, none where it says `disable`: `require` checks the
/// certificate against the platform's store and the server's name.
///
/// `prefer`, which stands where nothing is said, does not check it: who may answer without TLS at all
/// needs no certificate, and the one that a server made for itself must not keep the ledger closed.
pub(super) fn connector(mode: SslMode) -> Result<Option<MakeRustlsConnect>, LedgerError> {
    if mode == SslMode::Disable {
        return Ok(None);
    }
    // Named here, so that it does not matter which provider the application installed.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions();
    let builder = builder.and_then(|builder| match mode {
        SslMode::Prefer => Ok(builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))),
        _ => builder.with_platform_verifier(),
    });
    builder
        .map(|builder| Some(MakeRustlsConnect::new(builder.with_no_client_auth())))
        .map_err(|error| {
            LedgerError::new(
                LedgerErrorKind::Other,
                format!("TLS to the ledger's PostgreSQL cannot be set up ({error})"),
            )
            .with_source(error)
        })
}

/// Takes every certificate whose key the server has.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
