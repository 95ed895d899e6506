//! Which database a URL names.

use std::path::PathBuf;

use crate::error::{LedgerError, LedgerErrorKind};

/// A database, read from its URL. A password in it is never shown.
pub(crate) enum DatabaseUrl {
    /// SQLite in memory, gone with the ledger.
    Memory,
    /// SQLite in a file.
    #[cfg_attr(
        not(feature = "sqlite"),
        allow(dead_code, reason = "named in an error alone")
    )]
    File(SqliteFile),
    /// PostgreSQL; the URL as it was given.
    #[cfg_attr(
        not(feature = "postgres"),
        allow(dead_code, reason = "named in an error alone")
    )]
    Postgres(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "sqlite"),
    allow(dead_code, reason = "read by SQLite alone")
)]
pub(crate) struct SqliteFile {
    pub(crate) path: PathBuf,
    /// Opened for reading alone.
    pub(crate) read_only: bool,
    /// How many pages the file may have.
    pub(crate) max_page_count: Option<u32>,
}

impl DatabaseUrl {
    pub(crate) fn parse(url: &str) -> Result<Self, LedgerError> {
        if url == "sqlite::memory:" {
            return Ok(Self::Memory);
        }
        if let Some(rest) = url.strip_prefix("sqlite://") {
            return sqlite_file(rest).map(Self::File);
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        // What follows the scheme may be a password: only the scheme is shown.
        let scheme = url.split(':').next().unwrap_or_default();
        Err(wrong(format!(
            "a database URL cannot begin with {scheme:?}; it begins with sqlite:// or postgres://"
        )))
    }
}

fn wrong(message: String) -> LedgerError {
    LedgerError::new(LedgerErrorKind::Url, message)
}

fn sqlite_file(rest: &str) -> Result<SqliteFile, LedgerError> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    if path.is_empty() || path.ends_with('/') {
        return Err(wrong(format!(
            "sqlite://{path} names no file; write sqlite:///absolute/path or sqlite://relative/path"
        )));
    }
    let mut file = SqliteFile {
        path: path.into(),
        read_only: false,
        max_page_count: None,
    };
    for option in query.split('&').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("mode", "ro")) => file.read_only = true,
            Some(("mode", "rwc")) => file.read_only = false,
            Some(("max_page_count", count)) => {
                file.max_page_count =
                    Some(count.parse().map_err(|_| {
                        wrong(format!("max_page_count={count} is no number of pages"))
                    })?);
            }
            _ => {
                return Err(wrong(format!(
                    "{option:?} is no option of a SQLite URL; there are mode=ro, mode=rwc and \
                     max_page_count=PAGES"
                )));
            }
        }
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(url: &str) -> SqliteFile {
        match DatabaseUrl::parse(url).unwrap() {
            DatabaseUrl::File(file) => file,
            _ => panic!("{url} is no file"),
        }
    }

    #[test]
    fn files_are_absolute_or_relative() {
        assert_eq!(
            file("sqlite:///var/lib/shop.db").path,
            PathBuf::from("/var/lib/shop.db")
        );
        assert_eq!(file("sqlite://shop.db").path, PathBuf::from("shop.db"));
        let limited = file("sqlite://a/b.db?mode=ro&max_page_count=64");
        assert!(limited.read_only);
        assert_eq!(limited.max_page_count, Some(64));
    }

    #[test]
    fn a_wrong_url_is_explained_and_its_password_is_not_shown() {
        for (url, says) in [
            ("mysql://root:canary@host/db", "\"mysql\""),
            ("sqlite://", "names no file"),
            ("sqlite://x.db?mode=fast", "mode=ro"),
            ("sqlite://x.db?max_page_count=many", "no number"),
        ] {
            let error = DatabaseUrl::parse(url).err().unwrap();
            assert_eq!(error.kind(), LedgerErrorKind::Url);
            assert!(error.to_string().contains(says), "{url}: {error}");
            assert!(!format!("{error:?}").contains("canary"));
        }
    }
}
