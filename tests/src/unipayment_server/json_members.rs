//! The members of a JSON object with their values as they stand on the wire, scanned byte by byte:
//! what is signed is never read and written again.

/// One member: its name, decoded, and its value as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'a> {
    /// The name, its escapes resolved.
    pub name: String,
    /// The value's own characters.
    pub token: &'a str,
}

impl Member<'_> {
    /// The value, where it is a string: its escapes resolved.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        self.token.starts_with('"').then(|| unquoted(self.token))
    }
}

/// The members of an object, in the order of the wire, repeated ones too.
///
/// # Errors
/// Text, for what is no JSON object.
pub fn members(json: &str) -> Result<Vec<Member<'_>>, String> {
    serde_json::from_str::<&serde_json::value::RawValue>(json)
        .map_err(|why| format!("it is no JSON: {why}"))?;
    let mut rest = json
        .trim()
        .strip_prefix('{')
        .ok_or("it is no JSON object")?
        .trim_start();
    let mut found = Vec::new();
    while !rest.starts_with('}') {
        let (name, after) = rest.split_at(token_length(rest));
        let after = after.trim_start().strip_prefix(':').ok_or("no colon")?;
        let after = after.trim_start();
        let (token, after) = after.split_at(token_length(after));
        found.push(Member {
            name: unquoted(name),
            token,
        });
        let after = after.trim_start();
        rest = after.strip_prefix(',').unwrap_or(after).trim_start();
    }
    Ok(found)
}

/// The value of the one member of this name, as it stands.
#[must_use]
pub fn token_of<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let found = members(json).ok()?;
    let mut tokens = found.into_iter().filter(|member| member.name == name);
    match (tokens.next(), tokens.next()) {
        (Some(member), None) => Some(member.token),
        _ => None,
    }
}

fn unquoted(token: &str) -> String {
    serde_json::from_str(token).expect("a JSON string")
}

/// How long the value is that the text begins with.
fn token_length(text: &str) -> usize {
    let (mut depth, mut in_string, mut is_escaped) = (0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' if depth == 0 => return at + 1,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' | b' ' | b'\n' | b'\r' | b'\t' | b':' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_as_they_were_sent() {
        let json = r#" {"a": 10.860,"b":"x\"}, \u00e9", "c" :{"d":[1,"]"]},"e":null ,"f":true}"#;
        let found = members(json).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|member| (member.name.as_str(), member.token))
            .collect();
        assert_eq!(
            found,
            [
                ("a", "10.860"),
                ("b", r#""x\"}, \u00e9""#),
                ("c", r#"{"d":[1,"]"]}"#),
                ("e", "null"),
                ("f", "true"),
            ]
        );
        assert_eq!(members("{}").unwrap(), []);
        assert_eq!(token_of(r#"{"a":1,"a":2}"#, "a"), None);
        assert!(members("[1]").is_err() && members("{\"a\":1} x").is_err());
    }
}
