//! A PostgreSQL of the tests' own: made, started, and stopped at the end of the test process.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

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

/// A server that is to be started. It listens on a socket in its own folder, and nowhere else unless
/// it is told to.
pub(super) struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    /// Settings for its command line.
    settings: Vec<String>,
    port: Option<u16>,
}

impl Cluster {
    pub(super) fn new(name: &str) -> Result<Self, String> {
        let programs = programs()?;
        let folder = std::env::temp_dir().join(format!("paymux-pg-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        Ok(Self {
            folder,
            programs,
            settings: Vec::new(),
            port: None,
        })
    }

    /// Lets it speak TLS on a port of this machine.
    pub(super) fn with_tls(mut self, certificate_pem: &str, key_pem: &str) -> Result<Self, String> {
        for (name, pem) in [("certificate.pem", certificate_pem), ("key.pem", key_pem)] {
            let path = self.folder.join(name);
            let written = fs::write(&path, pem)
                // It takes no key that others may read.
                .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o600)));
            written.map_err(|error| error.to_string())?;
        }
        // Free a moment ago: nobody can be kept from taking it meanwhile.
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|socket| socket.local_addr())
            .map_err(|error| error.to_string())?
            .port();
        let file = |name: &str| self.folder.join(name).display().to_string();
        let settings = [
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", file("certificate.pem")),
            format!("ssl_key_file={}", file("key.pem")),
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
        ];
        self.settings.extend(settings);
        self.port = Some(port);
        Ok(self)
    }

    /// The port that it listens on, where it does.
    pub(super) const fn port(&self) -> Option<u16> {
        self.port
    }

    /// Starts it, and gives its URL. A second process watches for the end of this one and stops it
    /// then.
    pub(super) fn start(self) -> Result<String, String> {
        let user = owner_for_server(&self.folder)?;
        let data = self.folder.join("data");
        run(user
            .command(&self.programs.join("initdb"))
            .args([
                "--no-sync",
                "--auth=trust",
                "--username=paymux",
                "--encoding=UTF8",
                "--locale=C",
                "-D",
            ])
            .arg(&data))?;
        let log = self.folder.join("log");
        let mut server = user.command(&self.programs.join("postgres"));
        server
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&self.folder)
            .args(["-c", "listen_addresses=", "-c", "max_connections=300"])
            // Nothing here outlives a crash of the machine.
            .args(["-c", "fsync=off"])
            .args(self.settings.iter().flat_map(|setting| ["-c", setting]))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).map_err(|error| error.to_string())?);
        let child = server.spawn().map_err(|error| error.to_string())?;
        stop_with_this_process(&child, &self.folder);
        let socket = self.folder.display().to_string().replace('/', "%2F");
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        let url = format!("postgres://paymux@{socket}{port}/postgres");
        let began = Instant::now();
        loop {
            match Client::connect(&url, NoTls) {
                Ok(_) => return Ok(url),
                Err(error) if began.elapsed() > Duration::from_secs(30) => {
                    let log = fs::read_to_string(&log).unwrap_or_default();
                    return Err(format!("the server does not start: {error}; {log}"));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
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
        .args(["-R", "postgres"])
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
