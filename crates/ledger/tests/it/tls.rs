//! TLS to PostgreSQL: who is trusted is the platform's word, and what asks for TLS gets nothing less.

use std::path::{Path, PathBuf};
use std::process::Command;

use paymux_ledger::{Ledger, LedgerSettings};
use paymux_test_bench::postgres_server;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use crate::engines::runtime;

const CHILD: &str = "PAYMUX_TEST_TLS_URL";
const OPENED: &str = "it was let in";

/// Opens the database that the environment names, and says how that went; see the test after it. The
/// certificates that a process trusts are read once, so each case needs one of its own.
#[test]
fn opened_over_tls_by_a_child() {
    let Ok(url) = std::env::var(CHILD) else {
        return;
    };
    runtime().block_on(async {
        match Ledger::open(&url, LedgerSettings::new()).await {
            Ok(ledger) => {
                ledger.check().await.unwrap();
                println!("{OPENED}");
            }
            Err(error) => println!("{}: {error}", error.kind()),
        }
    });
}

/// What a process says that trusts the certificates in this file.
fn told_by_a_child(url: &str, trusted: &Path) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "tls::opened_over_tls_by_a_child"])
        .env(CHILD, url)
        .env("SSL_CERT_FILE", trusted)
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}");
    told
}

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Certificate and key of a server with this name.
    fn certify(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    fn write(&self, folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, self.0.pem()).unwrap();
        path
    }
}

#[test]
fn a_certificate_that_is_trusted_connects_and_no_other_does() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let (certificate, key) = ours.certify("localhost");
    let Some(port) = postgres_server::tls_server(&certificate, &key) else {
        return;
    };
    let ours = ours.write(folder.path(), "ours.pem");
    let theirs = theirs.write(folder.path(), "theirs.pem");
    let url = |host: &str| {
        format!("postgres://paymux@{host}:{port}/postgres?hostaddr=127.0.0.1&sslmode=require")
    };
    let told = told_by_a_child(&url("localhost"), &ours);
    assert!(told.contains(OPENED), "{told}");
    for (url, trusted, says) in [
        (url("localhost"), &theirs, "UnknownIssuer"),
        (url("another.example"), &ours, "not valid for name"),
    ] {
        let told = told_by_a_child(&url, trusted);
        assert!(!told.contains(OPENED), "{told}");
        assert!(
            told.contains("unavailable: the ledger's PostgreSQL"),
            "{told}"
        );
        assert!(
            told.contains("certificate") && told.contains(says),
            "{told}"
        );
    }
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_required() {
    let Some(server) = postgres_server::server() else {
        return;
    };
    // The socket of a server speaks no TLS.
    if !server.contains("%2F") {
        return;
    }
    let open = async |mode: &str| {
        let url = format!("{server}?sslmode={mode}");
        Ledger::open(&url, LedgerSettings::new()).await
    };
    runtime().block_on(async {
        let error = open("require").await.unwrap_err();
        assert!(error.message().contains("does not support TLS"), "{error}");
    });
}
