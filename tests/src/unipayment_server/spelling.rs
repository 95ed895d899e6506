//! The ways in which the documents spell one and the same answer.

/// How money is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Money {
    /// As strings: `"10.86"`.
    Strings,
    /// As numbers with this many digits after the point at least.
    Numbers(usize),
}

/// How an answer about an invoice is spelt, where that is not as in the example.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spelling {
    /// The member that has the signature's type: `sing_type` in the example, `sign_type` in notices.
    pub signature_type: Option<&'static str>,
    /// The member that has the link for the payer.
    pub link: Option<&'static str>,
    /// How money is written.
    pub money: Option<Money>,
    /// Whether words of an enumeration are their numbers of 2022.
    pub numbers_for_words: bool,
}

const MONEY: [&str; 7] = [
    "price_amount",
    "pay_amount",
    "exchange_rate",
    "paid_amount",
    "confirmed_amount",
    "refunded_price_amount",
    "amount",
];

/// The words of an invoice's enumerations with their numbers (2022 SDKs).
const WORDS: [(&str, &[(&str, &str)]); 3] = [
    (
        "status",
        &[
            ("New", "1"),
            ("Paid", "2"),
            ("Confirmed", "3"),
            ("Complete", "4"),
            ("Expired", "5"),
            ("Invalid", "6"),
        ],
    ),
    (
        "error_status",
        &[
            ("None", "0"),
            ("PaidLate", "1"),
            ("PaidPartial", "2"),
            ("PaidOver", "3"),
            ("Marked", "4"),
        ],
    ),
    (
        "confirm_speed",
        &[("None", "0"), ("High", "1"), ("Medium", "2"), ("Low", "3")],
    ),
];

impl Spelling {
    pub(super) fn apply(self, body: &str) -> String {
        let mut body = body.to_owned();
        if let Some(name) = self.signature_type {
            body = body.replace("\"sing_type\"", &format!("\"{name}\""));
        }
        if let Some(name) = self.link {
            for own in ["cashier_url", "invoice_url"] {
                body = body.replace(&format!("\"{own}\""), &format!("\"{name}\""));
            }
        }
        if let Some(money) = self.money {
            for name in MONEY {
                body = respelled(&body, name, |token| money.spelt(token));
            }
        }
        if self.numbers_for_words {
            for (name, words) in WORDS {
                body = respelled(&body, name, |token| {
                    let word = token.trim_matches('"');
                    let number = words.iter().find(|(own, _)| *own == word);
                    number.map_or(token, |(_, number)| number).to_owned()
                });
            }
        }
        body
    }
}

impl Money {
    fn spelt(self, token: &str) -> String {
        let digits = token.trim_matches('"');
        if digits == "null" {
            return token.to_owned();
        }
        match self {
            Self::Strings => format!("\"{digits}\""),
            Self::Numbers(decimals) => {
                let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
                let fraction = format!("{:0<decimals$}", fraction.trim_end_matches('0'));
                match fraction.as_str() {
                    "" => whole.to_owned(),
                    fraction => format!("{whole}.{fraction}"),
                }
            }
        }
    }
}

/// The body with another value wherever a member of this name has a string, a number or a word.
pub fn respelled(body: &str, name: &str, spell: impl Fn(&str) -> String) -> String {
    let member = format!("\"{name}\":");
    let mut parts = body.split(member.as_str());
    let mut spelt = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let value = part.trim_start();
        let (space, _) = part.split_at(part.len() - value.len());
        let end = match value.strip_prefix('"') {
            Some(text) => text.find('"').map_or(value.len(), |end| end + 2),
            None => value.find([',', '}', '\n']).unwrap_or(value.len()),
        };
        let (token, after) = value.split_at(end);
        spelt.push_str(&format!("{member}{space}{}{after}", spell(token)));
    }
    spelt
}
