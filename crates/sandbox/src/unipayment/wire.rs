//! How the gateway writes things: amounts, enumerations, times, envelopes.

pub(super) mod invoices;
pub(super) mod payouts;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::json::Json;
use crate::unipayment::settings::{EnumSpelling, Generation, MoneySpelling, UniPaymentSettings};

/// How amounts and enumerations are written in one place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    money: Money,
    enums: EnumSpelling,
}

#[derive(Debug, Clone, Copy)]
enum Money {
    /// `10`
    Plain,
    /// `10.0`
    Point,
    /// `"10"`
    Text,
}

impl Style {
    fn new(settings: &UniPaymentSettings, shown: Money, enums: EnumSpelling) -> Self {
        let money = match settings.money {
            MoneySpelling::AsShown => shown,
            MoneySpelling::Numbers => Money::Plain,
            MoneySpelling::Strings => Money::Text,
        };
        Self { money, enums }
    }

    /// Of the first generation's create answer.
    pub(super) fn of_md5_create(settings: &UniPaymentSettings) -> Self {
        Self::new(settings, Money::Text, settings.enums)
    }

    /// Of all other answers.
    pub(super) fn of_answer(generation: Generation, settings: &UniPaymentSettings) -> Self {
        let shown = match generation {
            Generation::Md5 => Money::Plain,
            Generation::Hmac | Generation::OAuth => Money::Point,
        };
        Self::new(settings, shown, settings.enums)
    }

    /// Of notices, whose enumerations are names always.
    pub(super) fn of_notice(generation: Generation, settings: &UniPaymentSettings) -> Self {
        let shown = match generation {
            Generation::Hmac => Money::Plain,
            Generation::Md5 | Generation::OAuth => Money::Point,
        };
        Self::new(settings, shown, EnumSpelling::Names)
    }

    pub(super) fn amount(self, amount: Decimal) -> Json {
        let digits = amount.normalize().to_string();
        match self.money {
            Money::Text => Json::String(digits),
            Money::Point if !digits.contains('.') => Json::number(format!("{digits}.0")),
            Money::Point | Money::Plain => Json::number(digits),
        }
    }

    pub(super) fn word(self, word: &str, number: u32) -> Json {
        match self.enums {
            EnumSpelling::Names => Json::String(word.to_owned()),
            EnumSpelling::Numbers => Json::number(number.to_string()),
        }
    }
}

/// The members of an object, in the order in which they are written.
#[derive(Debug)]
pub(super) struct Fields {
    style: Style,
    members: Vec<(String, Json)>,
}

impl Fields {
    pub(super) fn new(style: Style) -> Self {
        Self {
            style,
            members: Vec::new(),
        }
    }

    pub(super) fn json(mut self, name: &str, value: Json) -> Self {
        self.members.push((name.to_owned(), value));
        self
    }

    pub(super) fn text(self, name: &str, value: impl Into<String>) -> Self {
        self.json(name, Json::String(value.into()))
    }

    pub(super) fn optional(self, name: &str, value: Option<impl Into<String>>) -> Self {
        let value = value.map_or(Json::Null, |value| Json::String(value.into()));
        self.json(name, value)
    }

    pub(super) fn amount(self, name: &str, amount: Decimal) -> Self {
        let value = self.style.amount(amount);
        self.json(name, value)
    }

    pub(super) fn word(self, name: &str, (word, number): (&str, u32)) -> Self {
        let value = self.style.word(word, number);
        self.json(name, value)
    }

    /// A count, which is a number however money is written.
    pub(super) fn count(self, name: &str, count: impl ToString) -> Self {
        self.json(name, Json::number(count.to_string()))
    }

    /// A time as answers have it.
    pub(super) fn time(self, name: &str, time: DateTime<Utc>) -> Self {
        self.text(name, zoneless(time))
    }

    pub(super) fn optional_time(self, name: &str, time: Option<DateTime<Utc>>) -> Self {
        self.optional(name, time.map(zoneless))
    }

    pub(super) fn end(self) -> Json {
        Json::Object(self.members)
    }
}

/// A time without its zone, which is UTC: `2023-05-05T03:35:19`.
pub(super) fn zoneless(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// A time with up to seven digits after the second, zeros at the end left out:
/// `2022-09-14T05:02:54.559933Z`.
pub(super) fn precise(time: DateTime<Utc>) -> String {
    let ticks = format!("{:07}", time.timestamp_subsec_nanos() / 100);
    let whole = zoneless(time);
    match ticks.trim_end_matches('0') {
        "" => format!("{whole}Z"),
        fraction => format!("{whole}.{fraction}Z"),
    }
}

/// The time to the tick of 100 nanoseconds in which the gateway counts.
pub(super) fn to_tick(time: DateTime<Utc>) -> DateTime<Utc> {
    let beyond = i64::from(time.timestamp_subsec_nanos() % 100);
    time - chrono::TimeDelta::nanoseconds(beyond)
}

/// An answer: `code` and `msg` in the order of the generation's examples, and what there is besides.
pub(super) fn envelope(generation: Generation, code: &str, msg: &str, data: Option<Json>) -> Json {
    let code = ("code".to_owned(), Json::String(code.to_owned()));
    let msg = ("msg".to_owned(), Json::String(msg.to_owned()));
    let head = match generation {
        Generation::Hmac => [code, msg],
        Generation::Md5 | Generation::OAuth => [msg, code],
    };
    let data = data.map(|data| ("data".to_owned(), data));
    Json::Object(head.into_iter().chain(data).collect())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::{precise, to_tick, zoneless};

    #[test]
    fn times_are_written_as_in_the_examples() {
        for (time, written) in [
            (
                "2022-09-14T04:57:54.559930799Z",
                "2022-09-14T04:57:54.5599307Z",
            ),
            ("2022-09-14T05:02:54.559933Z", "2022-09-14T05:02:54.559933Z"),
            ("2023-09-05T09:42:42Z", "2023-09-05T09:42:42Z"),
        ] {
            let time: DateTime<Utc> = time.parse().unwrap();
            assert_eq!(precise(time), written);
            assert_eq!(precise(to_tick(time)), written);
            assert!(written.starts_with(&zoneless(time)));
            assert_eq!(zoneless(time).len(), 19);
        }
    }
}
