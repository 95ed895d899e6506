//! Laws of keys: a wrong one opens nothing, and none is ever shown.

use super::{Harness, Verdict, Violation, law};
use crate::error::{Error, ErrorKind, Outcome};
use crate::webhook::RawWebhook;

/// With a wrong key nothing is made, and the error says that the gateway refused it.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn wrong_keys_are_refused(harness: &dyn Harness) -> Verdict {
    match harness
        .impostor()
        .create_invoice(&harness.new_invoice())
        .await
    {
        Ok(invoice) => Err(Violation(format!("a wrong key made {invoice:?}"))),
        Err(error) => law(
            matches!(
                error.kind(),
                ErrorKind::Authentication
                    | ErrorKind::Permission
                    | ErrorKind::Refused
                    | ErrorKind::InvalidSignature
            ) && !error.may_have_executed(),
            || format!("a wrong key is {error:?}"),
        ),
    }
}

/// No secret is in any text that a provider, its answers or its errors show.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn secrets_are_never_shown(harness: &dyn Harness) -> Verdict {
    let canaries = harness.canaries();
    law(!canaries.is_empty(), || {
        "the harness names no canary".to_owned()
    })?;
    let mut shown = vec![
        format!("{:?}", harness.provider()),
        format!("{:#?}", harness.impostor()),
        format!("{:?}", harness.provider().capabilities()),
    ];
    let invoice = harness
        .provider()
        .create_invoice(&harness.new_invoice())
        .await?;
    shown.push(format!("{invoice:?}"));
    shown.push(format!("{:?}", invoice.snapshot()));
    let forged = RawWebhook::new("{}").with_header("X-Sign", "00");
    let failures = [
        harness
            .impostor()
            .create_invoice(&harness.new_invoice())
            .await
            .err(),
        harness.impostor().fetch_invoice(invoice.id()).await.err(),
        harness.provider().verify_webhook(&forged).await.err(),
    ];
    for error in failures.into_iter().flatten() {
        law(error.outcome() != Outcome::Unknown, || {
            format!("a refusal is of unknown outcome: {error:?}")
        })?;
        shown.extend(texts(&error));
    }
    for text in shown {
        for canary in &canaries {
            law(!text.contains(canary.as_str()), || {
                "a secret is shown (not repeated here)".to_owned()
            })?;
        }
    }
    Ok(())
}

fn texts(error: &Error) -> Vec<String> {
    let mut texts = vec![error.to_string(), format!("{error:?}")];
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        texts.push(cause.to_string());
        source = cause.source();
    }
    texts
}
