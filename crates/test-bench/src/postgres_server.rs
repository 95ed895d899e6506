//! A PostgreSQL for the tests: the one that the environment names, or one of our own that ends with
//! the test process.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test stops where its database does not work"
)]

mod cluster;

use std::io::Write as _;
use std::sync::OnceLock;

use postgres::{Client, NoTls};

use cluster::Cluster;

const GIVEN: &str = "PAYMUX_TEST_POSTGRES_URL";
const REQUIRED: &str = "PAYMUX_TEST_REQUIRE_POSTGRES";

/// Where databases can be made, as a URL whose database is to be replaced; `None` where there is no
/// PostgreSQL, which was said then.
pub fn server() -> Option<&'static str> {
    static SERVER: OnceLock<Option<String>> = OnceLock::new();
    SERVER
        .get_or_init(|| {
            if let Ok(url) = std::env::var(GIVEN) {
                return Some(url);
            }
            match Cluster::new("sql").and_then(Cluster::start) {
                Ok(url) => Some(url),
                Err(why) => {
                    skip(&format!(
                        "every PostgreSQL test of this program, since {why}; set {GIVEN} to a \
                         server's URL or install its programs"
                    ));
                    None
                }
            }
        })
        .as_deref()
}

/// Starts a server of its own that speaks TLS on a port of this machine, under this certificate, and
/// gives the port; `None` where PostgreSQL's programs are not installed, which is said then. It lets in
/// those without TLS too.
pub fn tls_server(certificate_pem: &str, key_pem: &str) -> Option<u16> {
    let started = Cluster::new("tls").and_then(|cluster| {
        let cluster = cluster.with_tls(certificate_pem, key_pem)?;
        let port = cluster.port();
        cluster.start().map(|_| port)
    });
    match started {
        Ok(port) => port,
        Err(why) => {
            skip(&format!("the tests of TLS to PostgreSQL, since {why}"));
            None
        }
    }
}

/// Says that tests are skipped, unless that is not to happen.
fn skip(which: &str) {
    assert!(
        std::env::var_os(REQUIRED).is_none(),
        "{REQUIRED} is set, and these would be skipped: {which}"
    );
    // Written past the macros, whose text is not shown for tests that pass.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {which}");
}

/// The URL of a new, empty database; `None` where there is no PostgreSQL.
pub fn new_database() -> Option<String> {
    let server = server()?;
    let name = format!("paymux_{}", uuid::Uuid::now_v7().simple());
    with_client(server, |client| {
        client
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .unwrap();
    });
    Some(with_database(server, &name))
}

/// The client has a runtime of its own, which cannot start inside another.
fn with_client<T: Send>(url: &str, work: impl FnOnce(&mut Client) -> T + Send) -> T {
    std::thread::scope(|scope| {
        scope
            .spawn(|| work(&mut Client::connect(url, NoTls).unwrap()))
            .join()
            .unwrap()
    })
}

/// Takes a database away, whoever is connected to it.
pub fn drop_database(url: &str) {
    let statement = format!("DROP DATABASE {} WITH (FORCE)", name_of(url));
    if let Some(server) = server() {
        with_client(server, |client| {
            // What stays behind harms nobody: a test that failed is to be told for its own reason.
            let _ = client.batch_execute(&statement);
        });
    }
}

/// Makes a database as empty as a new one, which takes much longer to make. Whoever is connected to it
/// is cut off.
pub fn empty(url: &str) {
    with_client(url, |client| {
        client
            .batch_execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid();
                 DROP SCHEMA public CASCADE; CREATE SCHEMA public",
            )
            .unwrap();
    });
}

/// Changes a setting of a database; connections that are made from now on have it.
pub fn alter(url: &str, setting: &str) {
    let statement = format!("ALTER DATABASE {} {setting}", name_of(url));
    with_client(server().unwrap(), |client| {
        client.batch_execute(&statement).unwrap();
    });
}

/// Cuts every connection to a database.
pub fn cut_connections(url: &str) {
    with_client(server().unwrap(), |client| {
        client
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
                &[&name_of(url)],
            )
            .unwrap();
    });
}

/// Every row of every table of the ledger, as text.
pub fn everything_in(url: &str) -> String {
    with_client(url, |client| {
        let tables = client
            .query(
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
                &[],
            )
            .unwrap();
        let mut text = String::new();
        for table in tables {
            let table: String = table.get(0);
            let rows = client
                .query(&format!("SELECT CAST(t AS text) FROM {table} t"), &[])
                .unwrap();
            for row in rows {
                text.push_str(row.get(0));
                text.push('\n');
            }
        }
        text
    })
}

/// What a query finds; every column has to be text.
pub fn rows(url: &str, sql: &str) -> Vec<Vec<String>> {
    with_client(url, |client| {
        let rows = client.query(sql, &[]).unwrap();
        rows.iter()
            .map(|row| {
                (0..row.len())
                    .map(|column| row.get::<_, Option<String>>(column).unwrap_or_default())
                    .collect()
            })
            .collect()
    })
}

fn name_of(url: &str) -> String {
    let path = url.split('?').next().unwrap();
    path.rsplit('/').next().unwrap().to_owned()
}

fn with_database(url: &str, name: &str) -> String {
    let (start, query) = url
        .split_once('?')
        .map_or((url, None), |(a, b)| (a, Some(b)));
    let authority = start.find("//").map_or(0, |at| at + 2);
    let end = start[authority..]
        .find('/')
        .map_or(start.len(), |at| authority + at);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}/{name}{query}", &start[..end])
}
