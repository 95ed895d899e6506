use paymux_core::ErrorKind;

use super::*;
use crate::Rate;
use crate::testing::{Stage, invoice, name};

#[test]
fn what_is_wrong_is_told_with_what_would_be_right() {
    let stage = Stage::new(&["eu", "us"]);
    let both = || stage.builder();
    let again = Arc::new(stage.gateway("eu").clone());
    let breaker = BreakerSettings::new;
    let rule = || Rule::named("r");
    for (builder, says) in [
        (Stage::new(&[]).builder(), "add at least one"),
        (both().with_provider(again), "two providers named eu"),
        (both().with_name(name("us")), "like the router itself"),
        (
            both().with_deadline(Duration::ZERO),
            "give a call some time",
        ),
        (
            both().with_weight(name("asia"), 2),
            "no provider asia; it has eu, us",
        ),
        (
            both().with_limits(name("asia"), Limits::new()),
            "no provider asia; it has eu, us",
        ),
        (
            both().with_limits(name("eu"), Limits::new().with_rate(Rate::per_second(0))),
            "set at least 1",
        ),
        (
            both().with_breaker_for(name("asia"), breaker()),
            "no provider asia",
        ),
        (
            both().with_breaker(breaker().with_failures(0)),
            "at least 1",
        ),
        (
            both().with_breaker_for(name("eu"), breaker().with_error_rate(101, 1)),
            "from 1 to 100",
        ),
        (
            both().with_breaker(breaker().with_window(Duration::ZERO)),
            "longer than 0",
        ),
        (
            both().with_rule(Rule::named("default")),
            "a name of its own",
        ),
        (
            both().with_rule(rule()).with_rule(rule()),
            "two rules named \"r\"",
        ),
        (
            both().with_rule(rule().through(["eu", "Asia"])),
            "no provider Asia",
        ),
        (
            both().with_rule(rule().through(["eu", "us", "eu"])),
            "names eu twice",
        ),
        (
            both().with_rule(rule().through(Vec::<String>::new())),
            "names no provider",
        ),
        (
            both().with_rule(rule().with_min_amount(1.into())),
            "say of which asset",
        ),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(
            error.message().contains(says),
            "{error} does not say {says:?}"
        );
    }
}

#[test]
fn it_shows_its_providers_by_name_only() {
    let stage = Stage::new(&["eu", "us"]);
    let router = stage
        .builder()
        .with_rule(Rule::named("tron").through(["us"]))
        .build()
        .unwrap();
    let shown = format!("{router:?}");
    assert!(
        shown.contains("ProviderName(\"eu\")") && shown.contains("tron"),
        "{shown}"
    );
    assert!(!shown.contains("ScriptedProvider"), "{shown}");
    let names: Vec<&str> = router.providers().map(|own| own.name().as_str()).collect();
    assert_eq!(names, ["eu", "us"]);
    assert_eq!(router.name().as_str(), "router");
}

#[test]
fn providers_by_name_and_rules_in_their_own_order() {
    let stage = Stage::new(&["us", "eu"]);
    let mut providers = Providers::new();
    for gateway in &stage.gateways {
        providers.add(Arc::new(gateway.clone())).unwrap();
    }
    let router = Router::builder()
        .with_clock(Arc::new(stage.clock.clone()))
        .with_providers(&providers)
        .with_rule(
            Rule::named("r")
                .through(["us", "eu"])
                .for_network("tron".parse().unwrap()),
        )
        .build()
        .unwrap();
    let names: Vec<&str> = router.providers().map(|own| own.name().as_str()).collect();
    assert_eq!(names, ["eu", "us"]);
    let decision = stage.run(router.explain_invoice(&invoice())).unwrap();
    assert_eq!(decision.chosen(), Some(&name("us")));
}

#[test]
fn a_decision_is_stored_and_read_back() {
    let stage = Stage::new(&["us", "eu"]);
    let decision = stage
        .run(stage.router().explain_invoice(&invoice()))
        .unwrap();
    let json = serde_json::to_string(&decision).unwrap();
    assert!(
        json.starts_with(r#"{"operation":"create_invoice","rule":"default","#),
        "{json}"
    );
    assert_eq!(
        serde_json::from_str::<crate::RouteDecision>(&json).unwrap(),
        decision
    );
}
