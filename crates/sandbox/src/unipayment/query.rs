//! The query of a request, read strictly.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::unipayment::refusal::Refusal;

/// The throw-away parameter that the SDKs add to lists.
const IGNORED: &str = "rd";
const LARGEST_PAGE: usize = 100;

/// What is left to read of a query.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

/// Which page of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageWanted {
    /// From 1 on.
    pub(super) number: usize,
    pub(super) size: usize,
}

impl PageWanted {
    pub(super) fn checked(
        (number_name, number): (&str, Option<i64>),
        size: Option<i64>,
    ) -> Result<Self, Refusal> {
        let number = usize::try_from(number.unwrap_or(1)).unwrap_or(0);
        let size = usize::try_from(size.unwrap_or(10)).unwrap_or(0);
        if number == 0 {
            return Err(Refusal::bad_parameter(format!(
                "{number_name} must be 1 or more"
            )));
        }
        if !(1..=LARGEST_PAGE).contains(&size) {
            return Err(Refusal::bad_parameter(format!(
                "page_size must be 1 to {LARGEST_PAGE}"
            )));
        }
        Ok(Self { number, size })
    }
}

impl Query {
    pub(super) fn read(query: Option<&str>) -> Result<Self, Refusal> {
        let pairs = url::form_urlencoded::parse(query.unwrap_or("").as_bytes());
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in pairs.filter(|(name, _)| name != IGNORED) {
            if parameters.iter().any(|(known, _)| *known == name) {
                let reason = format!("the parameter {name:?} is there twice; give it once");
                return Err(Refusal::bad_parameter(reason));
            }
            parameters.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(parameters))
    }

    /// A parameter that has a value; an empty one counts as left out.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        let (_, value) = self.0.remove(at);
        (!value.is_empty()).then_some(value)
    }

    fn number(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.take(name) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            Refusal::bad_parameter(format!("{name} is {text:?} and must be an integer"))
        })
    }

    /// Whether the oldest come first; `True` and `False` count in any case.
    pub(super) fn ascending(&mut self) -> Result<bool, Refusal> {
        match self.take("is_asc") {
            None => Ok(false),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(text) => Err(Refusal::bad_parameter(format!(
                "is_asc is {text:?} and must be true or false"
            ))),
        }
    }

    pub(super) fn page(&mut self) -> Result<PageWanted, Refusal> {
        let number = self.number("page_no")?;
        let size = self.number("page_size")?;
        PageWanted::checked(("page_no", number), size)
    }

    /// A day or a time; without a zone it is UTC.
    pub(super) fn time(&mut self, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
        let Some(text) = self.take(name) else {
            return Ok(None);
        };
        let zoned = DateTime::parse_from_rfc3339(&text).map(|time| time.to_utc());
        let plain = || text.parse::<NaiveDateTime>().map(|time| time.and_utc());
        let day = || {
            let day = text.parse::<NaiveDate>();
            day.map(|day| day.and_time(NaiveTime::MIN).and_utc())
        };
        let time = zoned.or_else(|_| plain()).or_else(|_| day());
        time.map(Some).map_err(|_| {
            Refusal::bad_parameter(format!(
                "{name} is {text:?} and must be a time such as 2023-05-05T03:35:19 or a day such as \
                 2023-05-05"
            ))
        })
    }

    /// Refuses what nobody asked for.
    pub(super) fn end(self) -> Result<(), Refusal> {
        let unknown: Vec<String> = self.0.into_iter().map(|(name, _)| name).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let reason = format!("this endpoint knows no parameter {unknown:?}");
        Err(Refusal::bad_parameter(reason))
    }
}
