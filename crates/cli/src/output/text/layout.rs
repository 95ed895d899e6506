//! Aligned fields and tables.

use super::{BOLD, DIM};

/// Text of others with everything made visible that could steer a terminal: control characters and
/// marks that turn the direction of writing.
pub(crate) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for c in text.chars() {
        let steers = c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if steers {
            cleaned.extend(c.escape_unicode());
        } else {
            cleaned.push(c);
        }
    }
    cleaned
}

/// How many columns a text takes, colours aside.
fn width(text: &str) -> usize {
    anstream::adapter::strip_str(text)
        .to_string()
        .chars()
        .count()
}

fn padded(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

/// A heading and aligned lines under it; what is not known has no line.
pub(super) struct Fields {
    heading: String,
    lines: Vec<(&'static str, String)>,
}

impl Fields {
    pub(super) fn of(what: &str, name: &str) -> Self {
        Self {
            heading: format!("{BOLD}{}{BOLD:#} {}", clean(what), clean(name)),
            lines: Vec::new(),
        }
    }

    pub(super) fn with(mut self, label: &'static str, value: Option<String>) -> Self {
        self.lines.extend(value.map(|value| (label, value)));
        self
    }

    pub(super) fn text(self) -> String {
        let widest = self
            .lines
            .iter()
            .map(|(label, _)| width(label))
            .max()
            .unwrap_or(0);
        let mut text = self.heading;
        for (label, value) in self.lines {
            let mut label = format!("{DIM}{}{DIM:#}", padded(label, widest));
            for line in value.lines() {
                text.push_str(&format!("\n  {label}  {line}"));
                label = " ".repeat(widest);
            }
        }
        text
    }
}

/// A table with a heading, each column as wide as its widest cell.
pub(super) fn table(heading: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        return format!("{DIM}nothing to show{DIM:#}");
    }
    let mut widths: Vec<usize> = heading.iter().map(|name| width(name)).collect();
    for row in &rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(cell));
        }
    }
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, widest)| padded(cell, *widest))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    let names: Vec<String> = heading
        .iter()
        .map(|name| format!("{DIM}{name}{DIM:#}"))
        .collect();
    let mut text = line(&names);
    for row in &rows {
        text.push('\n');
        text.push_str(&line(row));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_their_colours() {
        let rows = vec![
            vec![
                "a".to_owned(),
                format!("{BOLD}long{BOLD:#}"),
                "z".to_owned(),
            ],
            vec!["äö".to_owned(), "b".to_owned(), String::new()],
        ];
        let text = table(&["X", "Y", "Z"], rows.into_iter());
        assert_eq!(
            anstream::adapter::strip_str(&text).to_string(),
            "X   Y     Z\na   long  z\näö  b"
        );
    }

    #[test]
    fn a_value_of_several_lines_stays_in_its_column() {
        let text = Fields::of("Payout", "1")
            .with("tx", Some("a\nb".to_owned()))
            .text();
        assert_eq!(
            anstream::adapter::strip_str(&text).to_string(),
            "Payout 1\n  tx  a\n      b"
        );
    }
}
