//! The repository keeps its own rules.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("tests is a folder of the root")
        .to_owned()
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below a folder with this extension, build output and hidden folders left out.
fn files(folder: impl AsRef<Path>, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|own| own == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "there are no files *.{extension}");
    found
}

fn sources_of(krate: &str) -> Vec<PathBuf> {
    files(Path::new("crates").join(krate).join("src"), "rs")
}

fn crates() -> Vec<String> {
    let folders = fs::read_dir(root().join("crates")).unwrap();
    folders
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn the_changelog_has_this_version() {
    let version = env!("CARGO_PKG_VERSION");
    let changelog = read("CHANGELOG.md");
    let is_heading = |line: &str| line.starts_with("## ") && line.contains(version);
    assert!(
        changelog.lines().any(is_heading),
        "CHANGELOG.md has no heading with {version}"
    );
}

/// The names in the first column of every table of Markdown whose head begins with `feature`.
fn features_in_tables(markdown: &str) -> BTreeSet<String> {
    let mut features = BTreeSet::new();
    let mut in_table = false;
    for line in markdown.lines() {
        let line = line.trim_start_matches("//!").trim();
        let Some(cells) = line.strip_prefix('|') else {
            in_table = false;
            continue;
        };
        let first = cells.split('|').next().unwrap_or_default().trim();
        if first.to_lowercase().starts_with("feature") {
            in_table = true;
        } else if in_table && let Some(name) = first.strip_prefix('`') {
            let name = name.split('`').next().unwrap_or_default();
            features.insert(name.to_owned());
        }
    }
    features
}

#[test]
fn the_feature_tables_are_those_of_the_manifest() {
    let manifest: toml::Table = read("crates/paymux/Cargo.toml").parse().unwrap();
    let features = manifest["features"].as_table().unwrap();
    let expected: BTreeSet<String> = features
        .keys()
        .filter(|name| *name != "default")
        .cloned()
        .collect();
    for file in ["README.md", "crates/paymux/src/lib.rs"] {
        assert_eq!(features_in_tables(&read(file)), expected, "{file}");
    }
}

#[test]
fn no_source_file_is_long() {
    for krate in crates() {
        for file in sources_of(&krate) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            assert!(lines <= 600, "{} has {lines} lines", file.display());
        }
    }
}

#[test]
fn nothing_is_left_undone_or_skipped() {
    // Put together here, so that this file does not find itself.
    let forbidden = [
        concat!("#[", "ignore"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
    ];
    for file in files("", "rs") {
        let text = fs::read_to_string(&file).unwrap();
        for word in forbidden {
            assert!(!text.contains(word), "{} has {word}", file.display());
        }
    }
}

#[test]
fn no_float_comes_near_money() {
    for krate in [
        "core",
        "http",
        "native-checkout",
        "paymux",
        "router",
        "unipayment",
    ] {
        for file in sources_of(krate) {
            let text = fs::read_to_string(&file).unwrap();
            for (number, line) in text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                let mut words = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let float = words.find(|word| {
                    matches!(*word, "f32" | "f64")
                        || word.ends_with("_f64")
                        || word.ends_with("_f32")
                });
                let place = format!("{}:{}", file.display(), number + 1);
                assert_eq!(float, None, "{place}");
            }
        }
    }
}

/// The targets of a page's links, code left out.
fn links(markdown: &str) -> Vec<&str> {
    let mut in_code = false;
    let mut links = Vec::new();
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if !in_code {
            let targets = line.split("](").skip(1);
            links.extend(targets.filter_map(|rest| rest.split(')').next()));
        }
    }
    links
}

#[test]
fn links_of_pages_lead_to_files() {
    let mut pages = files("", "md");
    pages.retain(|page| !page.starts_with(root().join("tests")));
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let folder = page.parent().unwrap();
        for link in links(&text) {
            let target = link.split('#').next().unwrap_or_default();
            let is_elsewhere = target.contains("://") || target.starts_with("mailto:");
            if !is_elsewhere && !target.is_empty() {
                let path = folder.join(target);
                assert!(path.exists(), "{}: {link}", page.display());
            }
        }
    }
    let readme = read("README.md");
    assert!(!links(&readme).is_empty(), "the README links to nothing");
}

/// What pages show as Rust is compiled as tests of this package's library.
#[test]
fn the_code_that_pages_show_is_compiled() {
    let compiled = read("tests/src/lib.rs");
    let mut pages = files("docs", "md");
    pages.push(root().join("README.md"));
    for page in pages {
        let shows_rust = fs::read_to_string(&page).unwrap().contains("\n```rust");
        let name = page.strip_prefix(root()).unwrap().display().to_string();
        let included = format!("include_str!(\"../../{name}\")");
        assert!(!shows_rust || compiled.contains(&included), "{name}");
    }
    assert!(read("README.md").contains("\n```rust"));
}
