use paymux_core::PaymentProvider;

use super::*;
use crate::testing::{Stage, invoice, name, payout};
use crate::{BreakerState, Operation, Router};

const WHOLE: &str = r#"
[shop]
other = "tables are left alone"

[router]
providers = ["us", "eu"]
strategy = "sticky"
deadline = "3s"
hedge_after = "800ms"

[router.provider.eu]
weight = 3
max_in_flight = 16
requests_per_minute = 2

[router.breaker]
failures = 1
error_percent = 40
minimum_calls = 9
window = "2m"
open_for = "7s"
longest_open = "1h"

[[router.rule]]
name = "tron usdt"
asset = "USDT@tron"
currency = "USD"
min_price = "1"
max_price = "10.50"
metadata = { tier = "gold" }
providers = ["eu", "us"]
strategy = "cheapest"

[[router.rule]]
name = "payouts"
operation = "payouts"
asset = "USDT"
min_amount = "10"
max_amount = "20"
providers = ["eu"]
strategy = "latency"

[[router.rule]]
name = "bitcoin"
network = "bitcoin"
strategy = "weighted"
"#;

fn config(text: &str) -> Result<RouterConfig> {
    RouterConfig::from_toml(text, "paymux.toml")
}

fn built(stage: &Stage, text: &str) -> Result<Router> {
    stage.builder().with_config(config(text)?).build()
}

#[test]
fn everything_in_the_file_holds() {
    let stage = Stage::new(&["eu", "us"]);
    let router = built(&stage, WHOLE).unwrap();
    let names: Vec<&str> = router.providers().map(|own| own.name().as_str()).collect();
    assert_eq!(names, ["us", "eu"]);

    let decided = |request| {
        let decision = stage.run(router.explain_invoice(&request)).unwrap();
        (decision.rule, decision.strategy)
    };
    let pair = |rule: &str, strategy: &str| (rule.to_owned(), strategy.to_owned());
    let gold = invoice().with_metadata("tier", "gold");
    assert_eq!(decided(gold.clone()), pair("tron usdt", "cheapest"));
    assert_eq!(decided(invoice()), pair("default", "sticky"));
    let mut dear = gold;
    dear.price = "10.51 USD".parse().unwrap();
    assert_eq!(decided(dear), pair("default", "sticky"));
    let bitcoin = invoice().with_asset("BTC@bitcoin".parse().unwrap());
    assert_eq!(decided(bitcoin), pair("bitcoin", "weighted"));
    let decision = stage.run(router.explain_payout(&payout("r-1"))).unwrap();
    assert_eq!(
        (decision.rule, decision.strategy),
        pair("payouts", "latency")
    );
    assert_eq!(decision.attempts.len(), 1);
}

#[test]
fn limits_breaker_and_times_hold_too() {
    use paymux_core::scripted::{Act, Operation as Asked};
    let stage = Stage::new(&["eu", "us"]);
    let config = config(WHOLE).unwrap();
    assert_eq!(config.hedge_after, Some(Duration::from_millis(800)));
    assert_eq!(config.weights.len(), 1);
    assert_eq!(config.weights[0].2, 3);
    let limits = Limits::new()
        .with_max_in_flight(16)
        .with_rate(Rate::per_minute(2));
    assert_eq!(config.limits[0].2, limits);
    let settings = config.breaker.unwrap().over(crate::BreakerSettings::new());
    assert_eq!((settings.error_percent, settings.minimum_calls), (40, 9));
    assert_eq!(settings.window, Duration::from_secs(120));
    assert_eq!(settings.longest_open, Duration::from_secs(3_600));

    let router = stage.builder().with_config(config).build().unwrap();
    for gateway in &stage.gateways {
        gateway.always(Asked::CreateInvoice, Act::hangs());
    }
    let begun = paymux_core::Clock::now(&stage.clock);
    stage.run(router.create_invoice(&invoice())).unwrap_err();
    let took = paymux_core::Clock::now(&stage.clock) - begun;
    assert!(took.to_std().unwrap() <= Duration::from_secs(3), "{took}");
    let health = router.health().remove(0);
    let own = health.operation(Operation::CreateInvoice).unwrap().clone();
    assert_eq!(
        (health.provider, own.state),
        (name("us"), BreakerState::Open)
    );
}

#[test]
fn an_empty_file_changes_nothing() {
    let stage = Stage::new(&["eu", "us"]);
    for text in ["", "[shop]\na = 1", "[router]"] {
        let router = built(&stage, text).unwrap();
        let decision = stage.run(router.explain_invoice(&invoice())).unwrap();
        assert_eq!(
            (decision.rule.as_str(), decision.strategy.as_str()),
            ("default", "priority")
        );
    }
}

#[test]
fn what_is_wrong_is_told_with_file_and_line() {
    let stage = Stage::new(&["eu", "us"]);
    let rule = |lines: &str| format!("[router]\n\n[[router.rule]]\nname = \"r\"\n{lines}\n");
    for (text, line, says) in [
        ("[router\n".to_owned(), 1, ""),
        (
            "[router]\nstrategy = \"cheap\"".to_owned(),
            2,
            "use priority, weighted, cheapest",
        ),
        ("[router]\nspeed = 1".to_owned(), 2, "unknown field `speed`"),
        (
            "[router]\n\ndeadline = 30".to_owned(),
            3,
            "expected a string",
        ),
        (
            "[router]\ndeadline = \"30\"".to_owned(),
            2,
            "such as \"30s\"",
        ),
        (
            "[router]\nhedge_after = \"0s\"".to_owned(),
            2,
            "more than 0",
        ),
        (
            "[router]\nproviders = [\n  \"eu\",\n  \"asia\",\n]".to_owned(),
            4,
            "no provider asia; it has eu, us",
        ),
        (
            "[router]\nproviders = [\n  \"eu\",\n  \"EU\",\n]".to_owned(),
            4,
            "lower-case letters",
        ),
        (
            "[router]\nproviders = [\"eu\", \"eu\"]".to_owned(),
            2,
            "listed twice",
        ),
        (
            "[router]\nproviders = [\"eu\"]".to_owned(),
            2,
            "us is not listed",
        ),
        (
            "[router]\n\n[router.provider.asia]\nweight = 1".to_owned(),
            3,
            "no provider asia",
        ),
        (
            "[router]\n[router.provider.eu]\nweight = -1".to_owned(),
            3,
            "",
        ),
        (
            "[router]\n[router.provider.eu]\nrequests_per_second = 0".to_owned(),
            3,
            "at least 1",
        ),
        (
            "[router.provider.eu]\nrequests_per_second = 5\nrequests_per_minute = 5".to_owned(),
            3,
            "give one of them",
        ),
        ("[router.breaker]\nfailures = 0".to_owned(), 2, "at least 1"),
        (
            "[router.breaker]\nfailures = 2\nerror_percent = 0".to_owned(),
            3,
            "1 to 100",
        ),
        (
            "[router.breaker]\nopen_for = \"soon\"".to_owned(),
            2,
            "such as \"30s\"",
        ),
        (
            "[router]\n[[router.rule]]\nasset = \"USDT\"".to_owned(),
            2,
            "missing field `name`",
        ),
        (rule("asset = \"USDT@nowhere\""), 5, "is no network"),
        (
            rule("asset = \"USDT\"\nnetwork = \"trom\""),
            6,
            "is no network",
        ),
        (rule("currency = \"US D\""), 5, "is no symbol"),
        (rule("min_price = 5"), 5, "expected a string"),
        (rule("min_price = \"5\""), 5, "a price needs a currency"),
        (rule("currency = \"USD\"\nmax_price = \"-5\""), 6, ""),
        (
            rule("asset = \"USDT\"\nmax_amount = \"1e3\""),
            6,
            "exponent",
        ),
        (
            rule("operation = \"refunds\""),
            5,
            "use invoices or payouts",
        ),
        (rule("strategy = \"best\""), 5, "is no strategy"),
        (rule("providers = [\"asia\"]"), 4, "no provider asia"),
        (rule("max_amount = \"3\""), 4, "say of which asset"),
        (
            rule("\n[[router.rule]]\nname = \"r\""),
            7,
            "two rules named \"r\"",
        ),
    ] {
        let error = match built(&stage, &text) {
            Ok(router) => panic!("{text} gives {router:?}"),
            Err(error) => error,
        };
        let place = format!("paymux.toml:{line}: ");
        assert!(error.message().starts_with(&place), "{text}\n{error}");
        assert!(error.message().contains(says), "{text}\n{error}");
        assert!(!error.message().contains('\n'), "{error}");
    }
}

#[test]
fn what_is_set_after_the_file_holds_instead() {
    let stage = Stage::new(&["eu", "us"]);
    let config = config("[router]\nstrategy = \"sticky\"").unwrap();
    let router = stage
        .builder()
        .with_config(config)
        .with_strategy(crate::Priority)
        .build()
        .unwrap();
    let decision = stage.run(router.explain_invoice(&invoice())).unwrap();
    assert_eq!(decision.strategy, "priority");
}
