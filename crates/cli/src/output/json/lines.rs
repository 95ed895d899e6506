//! JSON Lines under the gateways' own ids.

use std::io::{Result, Write};

use serde_json::Value;

use super::bare::without_owner;

/// Writes JSON Lines on: every `id` beside a `provider` is the gateway's own, wherever it stands.
#[derive(Debug)]
pub(crate) struct BareLines<W> {
    out: W,
    /// The beginning of a line.
    begun: Vec<u8>,
}

impl<W: Write> BareLines<W> {
    pub(crate) const fn new(out: W) -> Self {
        Self {
            out,
            begun: Vec::new(),
        }
    }

    fn line(&mut self) -> Result<()> {
        let mut value: Value = serde_json::from_slice(&self.begun)?;
        self.begun.clear();
        make_bare(&mut value);
        serde_json::to_writer(&mut self.out, &value)?;
        self.out.write_all(b"\n")
    }
}

impl<W: Write> Write for BareLines<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.line()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        self.out.flush()
    }
}

fn make_bare(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(make_bare),
        Value::Object(members) => {
            let owner = members.get("provider").and_then(Value::as_str);
            let id = members.get("id").and_then(Value::as_str);
            if let (Some(owner), Some(id)) = (owner, id) {
                let bare = without_owner(id, owner).to_owned();
                members.insert("id".to_owned(), bare.into());
            }
            members.values_mut().for_each(make_bare);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_taken_away_at_every_depth_and_in_any_pieces() {
        let lines = concat!(
            r#"{"id":"T1","provider":"eu","invoice":{"id":"eu:T1","provider":"eu","attempts":"#,
            r#"[{"id":"us:T0","provider":"us"},{"id":null,"provider":"asia"}]},"price":"5.10"}"#,
            "\n",
            r#"{"subject":"eu:T1"}"#,
            "\n"
        );
        let mut out = BareLines::new(Vec::new());
        for piece in lines.as_bytes().chunks(7) {
            out.write_all(piece).unwrap();
        }
        assert_eq!(
            String::from_utf8(out.out).unwrap(),
            concat!(
                r#"{"id":"T1","invoice":{"attempts":[{"id":"T0","provider":"us"},"#,
                r#"{"id":null,"provider":"asia"}],"id":"T1","provider":"eu"},"price":"5.10","provider":"eu"}"#,
                "\n",
                r#"{"subject":"eu:T1"}"#,
                "\n"
            )
        );
    }
}
