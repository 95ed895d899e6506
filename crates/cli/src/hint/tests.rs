use paymux::setup::ProviderType;

use super::*;

fn unknown() -> Error {
    Error::new(
        ErrorKind::Timeout,
        Outcome::Unknown,
        "no answer within 30 s",
    )
}

fn payout(found_by: FoundBy) -> Task {
    Task::CreatePayout { found_by }
}

fn new_invoice(order_id: &str, can_search: bool) -> Task {
    Task::CreateInvoice {
        order_id: order_id.parse().unwrap(),
        can_search,
    }
}

fn unipayment(name: &str, auth: &str) -> Setup {
    let setup = Setup::new(name.parse().unwrap(), "unipayment").unwrap();
    setup.with("auth", auth).unwrap()
}

#[test]
fn an_unknown_payout_is_never_to_be_sent_again() {
    for found_by in [FoundBy::Webhook, FoundBy::Reference, FoundBy::Nothing] {
        for error in [
            unknown(),
            unknown().with_id("T1"),
            unknown().with_hint("the clock is off"),
        ] {
            let hint = for_error(&payout(found_by), &error, None).unwrap();
            assert!(hint.contains("never send it again"), "{hint}");
            assert_eq!(
                hint.contains("payout get T1"),
                error.id().is_some(),
                "{hint}"
            );
            assert_eq!(
                hint.contains("webhook"),
                found_by == FoundBy::Webhook && error.id().is_none()
            );
            assert_eq!(hint.contains("clock"), error.hint().is_some());
        }
    }
}

#[test]
fn a_payout_in_doubt_is_settled_by_who_looked_it_up() {
    let settle = "and say what you found with \"paymux recover --settle ref-1 --made eu:ID --who NAME --why \
                  TEXT\", or --not-made where it surely was not";
    let error = |kind| {
        Error::new(kind, Outcome::Unknown, "eu may have paid")
            .with_provider("eu".parse().unwrap())
            .with_reference("ref-1".parse().unwrap())
    };
    let hint = |found_by, error| for_error(&payout(found_by), &error, None).unwrap();
    let lost = error(ErrorKind::Timeout);
    assert_eq!(
        hint(FoundBy::Reference, lost),
        format!(
            "it may have been paid by eu: never send it again; look for the note ref-1 in the gateway's own \
             pages, {settle}"
        )
    );
    let before = error(ErrorKind::Conflict).with_hint("recover it, wait for its webhook");
    assert_eq!(
        hint(FoundBy::Nothing, before),
        format!(
            "never send it again; look for it in the gateway's own pages by amount, address and time, {settle}"
        )
    );
}

#[test]
fn what_another_run_does_is_waited_for() {
    let running = |outcome| Error::new(ErrorKind::InProgress, outcome, "running");
    for (task, outcome, says) in [
        (
            payout(FoundBy::Webhook),
            Outcome::Unknown,
            "never paid twice",
        ),
        (
            new_invoice("o", true),
            Outcome::NotSent,
            "two live invoices",
        ),
    ] {
        let hint = for_error(&task, &running(outcome), None).unwrap();
        assert!(hint.contains("in 20 seconds"), "{hint}");
        assert!(hint.contains(says), "{hint}");
    }
}

#[test]
fn the_command_in_a_hint_asks_the_same_provider() {
    let error = unknown().with_provider("eu".parse().unwrap());
    assert_eq!(
        for_error(&new_invoice("o", true), &error, None).unwrap(),
        "the invoice may exist; find out with \"paymux --provider eu invoice list --order-id o\" \
         before another one is made"
    );
    let error = error.with_id("T1");
    assert_eq!(
        for_error(&new_invoice("o", true), &error, None).unwrap(),
        "the invoice may exist; find out with \"paymux --provider eu invoice get T1\""
    );
    // As the router gives it out.
    let error = error.with_id("eu:T1");
    assert_eq!(
        for_error(&payout(FoundBy::Nothing), &error, None).unwrap(),
        "it may have been paid by eu: never send it again; find out with \"paymux payout get eu:T1\""
    );
}

#[test]
fn a_command_in_a_hint_can_be_pasted() {
    let hint = for_error(&new_invoice("it's 1; rm", true), &unknown(), None).unwrap();
    assert!(hint.contains(r"--order-id 'it'\''s 1; rm'"), "{hint}");
    assert_eq!(quoted("ORDER_1-a.b"), "ORDER_1-a.b");
}

#[test]
fn credentials_are_named_where_the_instance_has_them() {
    let error = Error::new(ErrorKind::Authentication, Outcome::Rejected, "no");
    let hint = |setup: &Setup| for_error(&Task::Other, &error, Some(setup)).unwrap();
    let halo = ProviderType::named("native-checkout").unwrap().setup();
    assert!(
        hint(&halo).contains("PAYMUX_NATIVE_CHECKOUT_APP_ID and PAYMUX_NATIVE_CHECKOUT_APP_KEY")
    );
    let hmac = hint(&unipayment("unipayment", "hmac"));
    assert!(
        hmac.contains("PAYMUX_UNIPAYMENT_CLIENT_SECRET") && !hmac.contains("APP_KEY"),
        "{hmac}"
    );
    let md5 = hint(&unipayment("eu", "md5"));
    assert!(
        md5.contains("providers.eu.app_id, providers.eu.app_key and providers.eu.md5_rule"),
        "{md5}"
    );
}

#[test]
fn a_refusal_may_be_one_of_the_rule() {
    let error = Error::new(ErrorKind::Refused, Outcome::Rejected, "no");
    let hint = |auth: &str| {
        let task = new_invoice("o", true);
        for_error(&task, &error, Some(&unipayment("unipayment", auth)))
    };
    assert!(hint("md5").unwrap().contains("PAYMUX_UNIPAYMENT_MD5_RULE"));
    assert!(hint("oauth").is_none());
}

#[test]
fn an_unproven_webhook_is_explained_by_its_generation() {
    let error = Error::invalid_signature("no");
    for (auth, says) in [
        ("md5", "--diagnose"),
        ("hmac", "was asked"),
        ("oauth", "PAYMUX_UNIPAYMENT_WEBHOOK_SECRET"),
    ] {
        let setup = unipayment("unipayment", auth);
        let hint = for_error(&Task::VerifyWebhook, &error, Some(&setup)).unwrap();
        assert!(hint.contains(says), "{hint}");
        let hint = for_error(&Task::Other, &error, Some(&setup)).unwrap();
        assert_eq!(hint.contains("MD5_RULE"), auth == "md5", "{hint}");
    }
}

#[test]
fn what_another_generation_takes_is_told() {
    let error = Error::unsupported("no");
    let hint =
        |task: &Task, auth: &str| for_error(task, &error, Some(&unipayment("unipayment", auth)));
    assert!(
        hint(&Task::Search, "md5")
            .unwrap()
            .contains("hmac and oauth")
    );
    assert!(hint(&Task::Search, "hmac").is_none());
    let of_payout = payout(FoundBy::Reference);
    assert!(
        hint(&of_payout, "oauth")
            .unwrap()
            .contains("PAYMUX_UNIPAYMENT_AUTH")
    );
}
