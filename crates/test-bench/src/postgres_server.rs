//! A PostgreSQL for the tests: the one that the environment names, or one of our own that ends with
//! the test process.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test stops where its database does not work"
)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

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
            match start() {
                Ok(url) => Some(url),
                Err(why) => {
                    assert!(
                        std::env::var_os(REQUIRED).is_none(),
                        "{REQUIRED} is set and there is no PostgreSQL: {why}"
                    );
                    // Written past the macros, whose text is not shown for tests that pass.
                    let _ = writeln!(
                        std::io::stderr(),
                        "SKIPPED: every PostgreSQL test of this program, since {why}; set {GIVEN} \
                         to a server's URL or install its programs"
                    );
                    None
                }
            }
        })
        .as_deref()
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

fn programs() -> Result<PathBuf, String> {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|entry| entry.path().join("bin"))
        .chain(
            std::env::var_os("PATH")
                .iter()
                .flat_map(std::env::split_paths),
        )
        .filter(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
        .collect();
    found.sort();
    found
        .pop()
        .ok_or_else(|| "initdb and postgres are not installed".to_owned())
}

/// Starts a server that listens on a socket in its own folder and nowhere else. A second process
/// watches for the end of this one and stops the server then.
fn start() -> Result<String, String> {
    let programs = programs()?;
    let folder = std::env::temp_dir().join(format!("paymux-pg-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let user = owner_for_server(&folder)?;
    let data = folder.join("data");
    let run = |command: &mut Command| -> Result<(), String> {
        let output = command.output().map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    };
    run(user
        .command(&programs.join("initdb"))
        .args([
            "--no-sync",
            "--auth=trust",
            "--username=paymux",
            "--encoding=UTF8",
            "--locale=C",
            "-D",
        ])
        .arg(&data))?;
    let mut server = user.command(&programs.join("postgres"));
    server
        .arg("-D")
        .arg(&data)
        .arg("-k")
        .arg(&folder)
        .args(["-c", "listen_addresses=", "-c", "max_connections=300"])
        // Nothing here outlives a crash of the machine.
        .args(["-c", "fsync=off"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.join("log")).map_err(|error| error.to_string())?);
    let child = server.spawn().map_err(|error| error.to_string())?;
    stop_with_this_process(&child, &folder);
    let socket = folder.display().to_string().replace('/', "%2F");
    let url = format!("postgres://paymux@{socket}/postgres");
    let began = Instant::now();
    loop {
        match Client::connect(&url, NoTls) {
            Ok(_) => return Ok(url),
            Err(error) if began.elapsed() > Duration::from_secs(30) => {
                let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
                return Err(format!("the server does not start: {error}; {log}"));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// Whom the server runs as: it refuses to run as root.
enum Owner {
    Ourselves,
    Postgres,
}

impl Owner {
    fn command(&self, program: &Path) -> Command {
        match self {
            Self::Ourselves => Command::new(program),
            Self::Postgres => {
                let mut command = Command::new("setpriv");
                command
                    .args([
                        "--reuid=postgres",
                        "--regid=postgres",
                        "--clear-groups",
                        "--",
                    ])
                    .arg(program)
                    .current_dir("/");
                command
            }
        }
    }
}

fn owner_for_server(folder: &Path) -> Result<Owner, String> {
    use std::os::unix::fs::MetadataExt as _;
    let ours = fs::metadata(folder)
        .map_err(|error| error.to_string())?
        .uid();
    if ours != 0 {
        return Ok(Owner::Ourselves);
    }
    let given = Command::new("chown")
        .arg("postgres")
        .arg(folder)
        .status()
        .map_err(|error| error.to_string())?;
    if given.success() {
        Ok(Owner::Postgres)
    } else {
        Err("this runs as root and there is no user postgres".to_owned())
    }
}

/// Statics are not dropped, and a test process may be killed: a shell of its own waits for its end.
fn stop_with_this_process(server: &Child, folder: &Path) {
    let wait = r#"while kill -0 "$1" 2>/dev/null; do sleep 0.2; done
        kill -INT "$2" 2>/dev/null; sleep 1; kill -QUIT "$2" 2>/dev/null; rm -rf "$3""#;
    let start = r#"setsid sh -c "$1" sh "$2" "$3" "$4" </dev/null >/dev/null 2>&1 &"#;
    let started = Command::new("sh")
        .args(["-c", start, "sh", wait])
        .arg(std::process::id().to_string())
        .arg(server.id().to_string())
        .arg(folder)
        .status()
        .unwrap();
    assert!(started.success());
}
