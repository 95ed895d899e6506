//! The members of a request, read with strict types.

use url::Url;

use crate::halo::amounts::Amount;
use crate::halo::refusal::Refusal;
use crate::json::Json;

/// What is left to read of a request body.
#[derive(Debug)]
pub(super) struct Members(Vec<(String, Json)>);

impl Members {
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        if body.is_empty() {
            return Err(Refusal::bad_parameter(
                "the body is empty; a call without parameters sends {}",
            ));
        }
        match Json::parse(body) {
            Ok(Json::Object(members)) => Ok(Self(members)),
            Ok(other) => Err(Refusal::bad_parameter(format!(
                "the body is {} and must be a JSON object",
                other.kind()
            ))),
            Err(error) => Err(Refusal::bad_parameter(error.to_string())),
        }
    }

    fn take(&mut self, name: &str) -> Option<Json> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    pub(super) fn optional_text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::String(text)) if text.is_empty() => Err(Refusal::bad_parameter(format!(
                "{name} is empty; leave it out where it is not needed"
            ))),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong_type(name, "a string", &other)),
        }
    }

    pub(super) fn text(&mut self, name: &str) -> Result<String, Refusal> {
        self.optional_text(name)?.ok_or_else(|| missing(name))
    }

    pub(super) fn optional_integer(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Number(digits)) => match digits.get().parse() {
                Ok(value) => Ok(Some(value)),
                Err(_) => Err(Refusal::bad_parameter(format!(
                    "{name} is {} and must be an integer",
                    digits.get()
                ))),
            },
            Some(other) => Err(wrong_type(name, "an integer", &other)),
        }
    }

    pub(super) fn integer(&mut self, name: &str) -> Result<i64, Refusal> {
        self.optional_integer(name)?.ok_or_else(|| missing(name))
    }

    /// A money member, not yet checked against its token.
    pub(super) fn optional_amount(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Amount>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::String(text)) => Amount::parse(name, &text).map(Some),
            Some(Json::Number(digits)) => Err(Refusal::bad_parameter(format!(
                "{name} is the number {0} and must be a string: \"{0}\"",
                digits.get()
            ))),
            Some(other) => Err(wrong_type(name, "a decimal string", &other)),
        }
    }

    pub(super) fn amount(&mut self, name: &'static str) -> Result<Amount, Refusal> {
        self.optional_amount(name)?.ok_or_else(|| missing(name))
    }

    /// An absolute `http` or `https` URL with a host.
    pub(super) fn optional_url(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        let Some(text) = self.optional_text(name)? else {
            return Ok(None);
        };
        let fits = Url::parse(&text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.has_host() && url.fragment().is_none()
        });
        if fits {
            return Ok(Some(text));
        }
        Err(Refusal::bad_parameter(format!(
            "{name} is {text:?} and must be an absolute http or https URL without a fragment"
        )))
    }

    /// Refuses what nobody asked for.
    pub(super) fn end(self) -> Result<(), Refusal> {
        let unknown: Vec<String> = self.0.into_iter().map(|(name, _)| name).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        Err(Refusal::bad_parameter(format!(
            "this endpoint knows no member {unknown:?}"
        )))
    }
}

fn missing(name: &str) -> Refusal {
    Refusal::bad_parameter(format!("{name} is missing"))
}

fn wrong_type(name: &str, right: &str, found: &Json) -> Refusal {
    Refusal::bad_parameter(format!("{name} is {} and must be {right}", found.kind()))
}
