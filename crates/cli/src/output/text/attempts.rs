//! Where a request went that could have gone to several providers.

use paymux::attempts::AttemptVerdict;
use paymux::{Outcome, ProviderAttempt};

use super::clean;

/// What became of one provider.
pub(crate) fn attempt(attempt: &ProviderAttempt) -> String {
    let provider = &attempt.provider;
    let id = attempt.id.as_deref().map(clean);
    match attempt.verdict {
        AttemptVerdict::Excluded => format!("{provider} was left out{}", reason(attempt)),
        AttemptVerdict::NotTried => format!("{provider} was not needed"),
        AttemptVerdict::Made => match id {
            Some(id) => format!("{provider} did it, {id}"),
            None => format!("{provider} did it"),
        },
        _ => {
            let kind = attempt
                .kind
                .map_or_else(String::new, |it| format!(" ({it})"));
            let may_be = match id {
                Some(id) if attempt.may_have_executed() => format!(", {id}"),
                _ => String::new(),
            };
            let outcome = match attempt.outcome {
                Some(Outcome::NotSent) => ", nothing was sent",
                Some(Outcome::Rejected) => ", it refused",
                Some(Outcome::Unknown) => ", it may have happened all the same",
                None => "",
            };
            format!(
                "{provider} failed{kind}{outcome}{may_be}{}",
                reason(attempt)
            )
        }
    }
}

fn reason(attempt: &ProviderAttempt) -> String {
    attempt
        .reason
        .as_deref()
        .map_or_else(String::new, |reason| format!(": {}", clean(reason)))
}

/// Those that could not do it, a line for each.
pub(super) fn in_vain(attempts: &[ProviderAttempt]) -> Option<String> {
    let is_in_vain = |attempt: &&ProviderAttempt| {
        matches!(
            attempt.verdict,
            AttemptVerdict::Excluded | AttemptVerdict::Failed
        )
    };
    let lines: Vec<String> = attempts.iter().filter(is_in_vain).map(attempt).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use paymux::{Error, ErrorKind, ProviderName};

    use super::*;

    fn name(text: &str) -> ProviderName {
        text.parse().unwrap()
    }

    #[test]
    fn each_verdict_is_a_sentence() {
        let failed = |outcome, id: Option<&str>| {
            let error = Error::new(ErrorKind::Unavailable, outcome, "no\u{1b}answer");
            let error = match id {
                Some(id) => error.with_id(id),
                None => error,
            };
            ProviderAttempt::failed(name("eu"), &error)
        };
        for (told, sentence) in [
            (
                ProviderAttempt::excluded(name("eu"), "it has no payouts"),
                "eu was left out: it has no payouts",
            ),
            (ProviderAttempt::not_tried(name("eu")), "eu was not needed"),
            (
                ProviderAttempt::made(name("eu"), "eu:T1"),
                "eu did it, eu:T1",
            ),
            (
                failed(Outcome::NotSent, None),
                "eu failed (unavailable), nothing was sent: no\\u{1b}answer",
            ),
            (
                failed(Outcome::Rejected, None),
                "eu failed (unavailable), it refused: no\\u{1b}answer",
            ),
            (
                failed(Outcome::Unknown, Some("eu:T1")),
                "eu failed (unavailable), it may have happened all the same, eu:T1: no\\u{1b}answer",
            ),
        ] {
            assert_eq!(attempt(&told), sentence);
        }
    }

    #[test]
    fn only_what_went_wrong_is_worth_a_line() {
        let made = ProviderAttempt::made(name("eu"), "eu:T1");
        let rest = ProviderAttempt::not_tried(name("us"));
        assert_eq!(in_vain(&[made.clone(), rest]), None);
        let left_out = ProviderAttempt::excluded(name("us"), "it has no payouts");
        let lines = in_vain(&[left_out, made]).unwrap();
        assert_eq!(lines, "us was left out: it has no payouts");
    }
}
