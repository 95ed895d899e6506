//! The members of a request, read with strict types.

use url::Url;

use crate::amounts::Amount;
use crate::json::Json;

/// What is wrong with the members of a request. Each gateway makes a refusal of its own of it.
#[derive(Debug)]
pub(crate) struct MemberError(pub(crate) String);

/// What is left to read of a request body.
#[derive(Debug)]
pub(crate) struct Members(Vec<(String, Json)>);

impl Members {
    pub(crate) fn read(body: &[u8]) -> Result<Self, MemberError> {
        if body.is_empty() {
            return Err(MemberError(
                "the body is empty; a call without parameters sends {}".to_owned(),
            ));
        }
        match Json::parse(body) {
            Ok(Json::Object(members)) => Ok(Self(members)),
            Ok(other) => Err(MemberError(format!(
                "the body is {} and must be a JSON object",
                other.kind()
            ))),
            Err(error) => Err(MemberError(error.to_string())),
        }
    }

    /// Leaves out nulls and empty strings, which some gateways take for members not given.
    pub(crate) fn without_empty(mut self) -> Self {
        self.0.retain(|(_, value)| match value {
            Json::Null => false,
            Json::String(text) => !text.is_empty(),
            _ => true,
        });
        self
    }

    /// All that is left, for what is kept as it came.
    pub(crate) fn into_pairs(self) -> Vec<(String, Json)> {
        self.0
    }

    pub(crate) fn pairs(&self) -> &[(String, Json)] {
        &self.0
    }

    /// Takes a member of any type.
    pub(crate) fn take(&mut self, name: &str) -> Option<Json> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    pub(crate) fn optional_text(&mut self, name: &str) -> Result<Option<String>, MemberError> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::String(text)) if text.is_empty() => Err(MemberError(format!(
                "{name} is empty; leave it out where it is not needed"
            ))),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong_type(name, "a string", &other)),
        }
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<String, MemberError> {
        self.optional_text(name)?.ok_or_else(|| missing(name))
    }

    pub(crate) fn optional_integer(&mut self, name: &str) -> Result<Option<i64>, MemberError> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Number(digits)) => match digits.get().parse() {
                Ok(value) => Ok(Some(value)),
                Err(_) => Err(MemberError(format!(
                    "{name} is {} and must be an integer",
                    digits.get()
                ))),
            },
            Some(other) => Err(wrong_type(name, "an integer", &other)),
        }
    }

    pub(crate) fn integer(&mut self, name: &str) -> Result<i64, MemberError> {
        self.optional_integer(name)?.ok_or_else(|| missing(name))
    }

    /// A money member, not yet checked against its token.
    pub(crate) fn optional_amount(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Amount>, MemberError> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::String(text)) => Amount::parse(name, &text).map(Some),
            Some(Json::Number(digits)) => Err(MemberError(format!(
                "{name} is the number {0} and must be a string: \"{0}\"",
                digits.get()
            ))),
            Some(other) => Err(wrong_type(name, "a decimal string", &other)),
        }
    }

    pub(crate) fn amount(&mut self, name: &'static str) -> Result<Amount, MemberError> {
        self.optional_amount(name)?.ok_or_else(|| missing(name))
    }

    /// A money member that may be a number too.
    pub(crate) fn optional_money(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Amount>, MemberError> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::String(text)) => Amount::parse(name, &text).map(Some),
            Some(Json::Number(digits)) => Amount::parse(name, digits.get()).map(Some),
            Some(other) => Err(wrong_type(name, "a number or a decimal string", &other)),
        }
    }

    pub(crate) fn money(&mut self, name: &'static str) -> Result<Amount, MemberError> {
        self.optional_money(name)?.ok_or_else(|| missing(name))
    }

    pub(crate) fn optional_boolean(&mut self, name: &str) -> Result<Option<bool>, MemberError> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Bool(value)) => Ok(Some(value)),
            Some(other) => Err(wrong_type(name, "true or false", &other)),
        }
    }

    pub(crate) fn optional_object(
        &mut self,
        name: &str,
    ) -> Result<Option<Vec<(String, Json)>>, MemberError> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Object(members)) => Ok(Some(members)),
            Some(other) => Err(wrong_type(name, "an object", &other)),
        }
    }

    /// An array of objects that is not empty.
    pub(crate) fn objects(&mut self, name: &str) -> Result<Vec<Self>, MemberError> {
        let elements = match self.take(name).ok_or_else(|| missing(name))? {
            Json::Array(elements) => elements,
            other => return Err(wrong_type(name, "an array", &other)),
        };
        if elements.is_empty() {
            return Err(MemberError(format!("{name} is empty")));
        }
        let objects = elements.into_iter().map(|element| match element {
            Json::Object(members) => Ok(Self(members)),
            other => Err(wrong_type(
                &format!("an element of {name}"),
                "an object",
                &other,
            )),
        });
        objects.collect()
    }

    /// An absolute `http` or `https` URL with a host.
    pub(crate) fn optional_url(&mut self, name: &str) -> Result<Option<String>, MemberError> {
        let Some(text) = self.optional_text(name)? else {
            return Ok(None);
        };
        let fits = Url::parse(&text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.has_host() && url.fragment().is_none()
        });
        if fits {
            return Ok(Some(text));
        }
        Err(MemberError(format!(
            "{name} is {text:?} and must be an absolute http or https URL without a fragment"
        )))
    }

    /// Refuses what nobody asked for.
    pub(crate) fn end(self) -> Result<(), MemberError> {
        let unknown: Vec<String> = self.0.into_iter().map(|(name, _)| name).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        Err(MemberError(format!(
            "this endpoint knows no member {unknown:?}"
        )))
    }
}

fn missing(name: &str) -> MemberError {
    MemberError(format!("{name} is missing"))
}

fn wrong_type(name: &str, right: &str, found: &Json) -> MemberError {
    MemberError(format!("{name} is {} and must be {right}", found.kind()))
}
