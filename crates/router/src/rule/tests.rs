use paymux_core::{NewDepositAddress, NewInvoice, NewPayout};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::testing::{Stage, invoice, payout};

fn price(text: &str) -> Money {
    text.parse().unwrap()
}

fn asset(name: &str) -> AssetName {
    name.parse().unwrap()
}

fn for_asset(name: &str) -> Rule {
    Rule::named("r").for_asset(asset(name))
}

fn asking(name: &str) -> NewInvoice {
    invoice().with_asset(asset(name))
}

#[test]
fn an_asset_is_matched_by_the_way_it_is_named() {
    let evm = "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7";
    let evm_lower = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7";
    let tron = "tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
    for (rule, request, matches) in [
        ("USDT@tron", "USDT@tron", true),
        ("usdt@tron", "USDT@tron:0x2b6653dc", true),
        ("USDT@tron", "USDT@ethereum", false),
        ("USDT@tron", "USDT", false),
        ("USDT", "USDT@ethereum", true),
        ("USDT", "USDT", true),
        ("USDT", "USDC@tron", false),
        (evm, evm_lower, true),
        (tron, tron, true),
        (tron, "USDT@tron", false),
        ("USDT@tron", tron, false),
    ] {
        let request = asking(request);
        let wanted = Wanted::Invoice(&request);
        assert_eq!(
            for_asset(rule).matches(wanted),
            matches,
            "{rule} {:?}",
            request.asset
        );
    }
    let mut unnamed = invoice();
    unnamed.asset = None;
    assert!(!for_asset("USDT").matches(Wanted::Invoice(&unnamed)));
    let on_tron = Rule::named("r").for_network("tron".parse().unwrap());
    assert!(on_tron.matches(Wanted::Invoice(&asking(tron))));
    assert!(!on_tron.matches(Wanted::Invoice(&asking("USDT"))));
    assert!(!on_tron.matches(Wanted::Invoice(&unnamed)));
}

#[test]
fn prices_amounts_and_metadata_are_conditions_of_their_own_requests() {
    let big = Rule::named("r")
        .with_min_price(price("10 USD"))
        .with_max_price(price("20 USD"));
    for (text, matches) in [
        ("9.99 USD", false),
        ("10 USD", true),
        ("20.00 USD", true),
        ("20.01 USD", false),
        ("15 EUR", false),
    ] {
        let mut request = invoice();
        request.price = price(text);
        assert_eq!(big.matches(Wanted::Invoice(&request)), matches, "{text}");
        let (price, asset) = (&request.price, &asset("USDT"));
        assert_eq!(
            big.matches(Wanted::Quote { price, asset }),
            matches,
            "{text}"
        );
    }
    let payout: NewPayout = payout("r-1");
    let sent = Wanted::Payout(&payout);
    assert!(!big.matches(sent));
    for (least, most, matches) in [(12, 12, true), (13, 20, false), (1, 11, false)] {
        let rule = for_asset("USDT")
            .with_min_amount(least.into())
            .with_max_amount(most.into());
        assert_eq!(rule.matches(sent), matches, "{least} to {most}");
        assert!(!rule.matches(Wanted::Invoice(&invoice())));
    }

    let gold = Rule::named("r")
        .with_metadata(Metadata::is("tier", "gold"))
        .with_metadata(Metadata::matches("has a shop", |pairs| {
            pairs.contains_key("shop")
        }));
    let request = invoice().with_metadata("tier", "gold");
    assert!(!gold.matches(Wanted::Invoice(&request)));
    assert!(gold.matches(Wanted::Invoice(&request.with_metadata("shop", "1"))));
    assert!(!gold.matches(sent));
    assert_eq!(
        format!("{:?}", gold.metadata),
        r#"[Metadata("tier" is "gold"), Metadata(has a shop)]"#
    );
}

#[test]
fn a_scope_keeps_the_others_out() {
    let (made, sent) = (invoice(), payout("r-1"));
    let address = NewDepositAddress::new("till", asset("USDT"));
    let invoices = Rule::named("r").only_for(RuleScope::Invoices);
    let payouts = Rule::named("r").only_for(RuleScope::Payouts);
    for (wanted, is_payout) in [
        (Wanted::Invoice(&made), false),
        (Wanted::DepositAddress(&address), false),
        (Wanted::Payout(&sent), true),
    ] {
        assert_eq!(invoices.matches(wanted), !is_payout);
        assert_eq!(payouts.matches(wanted), is_payout);
        assert!(Rule::named("r").matches(wanted));
    }
}

#[test]
fn the_most_specific_rule_decides() {
    let network = |rule: Rule| rule.for_network("tron".parse().unwrap());
    let usd = |rule: Rule| rule.for_currency("USD".parse().unwrap());
    // From the least specific to the most.
    let rules = [
        Rule::named("none"),
        usd(Rule::named("currency")),
        usd(Rule::named("currency and price")).with_min_price(price("1 USD")),
        network(Rule::named("network")),
        usd(network(Rule::named("network and currency"))),
        Rule::named("asset").for_asset(asset("USDT")),
        Rule::named("asset and scope")
            .for_asset(asset("USDT"))
            .only_for(RuleScope::Invoices),
        network(Rule::named("asset, network apart").for_asset(asset("USDT"))),
        usd(Rule::named("asset on network").for_asset(asset("USDT@tron"))),
    ];
    let ranks: Vec<_> = rules.iter().map(Rule::specificity).collect();
    assert!(ranks.is_sorted_by(|less, more| less < more), "{ranks:?}");

    let stage = Stage::new(&["eu"]);
    for count in 1..=rules.len() {
        // Declared in the worst order: the most specific last.
        let builder = rules[..count]
            .iter()
            .fold(stage.builder(), |builder, rule| {
                builder.with_rule(rule.clone())
            });
        let decision = stage
            .run(builder.build().unwrap().explain_invoice(&invoice()))
            .unwrap();
        assert_eq!(decision.rule, rules[count - 1].name);
    }
}

#[test]
fn of_equals_the_first_declared_decides_and_none_falls_through() {
    let stage = Stage::new(&["eu", "us"]);
    let router = stage
        .builder()
        .with_rule(for_asset("USDT@ethereum").through(["eu"]))
        .with_rule(
            Rule {
                name: "first".to_owned(),
                ..for_asset("USDT@tron")
            }
            .through(["us"]),
        )
        .with_rule(Rule {
            name: "second".to_owned(),
            ..for_asset("USDT@tron")
        })
        .build()
        .unwrap();
    let decision = stage.run(router.explain_invoice(&invoice())).unwrap();
    assert_eq!(decision.rule, "first");
    assert_eq!(decision.attempts.len(), 1);
    router
        .force(&"us".parse().unwrap(), crate::Forced::Out)
        .unwrap();
    let decision = stage.run(router.explain_invoice(&invoice())).unwrap();
    assert_eq!((decision.rule.as_str(), decision.chosen()), ("first", None));
    let decision = stage
        .run(router.explain_invoice(&asking("BTC@bitcoin")))
        .unwrap();
    assert_eq!(decision.rule, "default");
}

proptest! {
    /// Sorting once when a router is built is the same as comparing all rules for each request.
    #[test]
    fn the_sorted_rules_give_the_most_specific_that_matches(
        picks in proptest::collection::vec(
            (
                select(vec![None, Some("USDT"), Some("USDT@tron"), Some("BTC@bitcoin")]),
                select(vec![None, Some("tron"), Some("bitcoin")]),
                select(vec![None, Some("USD"), Some("EUR")]),
                select(vec![None, Some(RuleScope::Invoices), Some(RuleScope::Payouts)]),
            ),
            0..8,
        ),
    ) {
        let rules: Vec<Rule> = picks
            .into_iter()
            .enumerate()
            .map(|(number, (asset, network, currency, scope))| Rule {
                asset: asset.map(|name| name.parse().unwrap()),
                network: network.map(|name| name.parse().unwrap()),
                currency: currency.map(|code| code.parse().unwrap()),
                scope,
                ..Rule::named(format!("rule {number}"))
            })
            .filter(|rule| rule.problem().is_none())
            .collect();
        let stage = Stage::new(&["eu"]);
        let router = rules
            .iter()
            .fold(stage.builder(), |builder, rule| builder.with_rule(rule.clone()))
            .build()
            .unwrap();
        let request = invoice();
        let matching = rules.iter().filter(|rule| rule.matches(Wanted::Invoice(&request)));
        let best = matching.reduce(|best, rule| {
            if rule.specificity() > best.specificity() { rule } else { best }
        });
        let expected = best.map_or("default", |rule| rule.name.as_str());
        let decision = stage.run(router.explain_invoice(&request)).unwrap();
        prop_assert_eq!(decision.rule, expected);
    }
}

#[test]
fn what_can_never_match_says_why() {
    let tron = || Rule::named("r").for_network("tron".parse().unwrap());
    for (rule, says) in [
        (Rule::named(" "), "has no name"),
        (tron().for_asset(asset("USDT@ethereum")), "name one network"),
        (
            Rule::named("r")
                .with_min_price(price("1 USD"))
                .with_max_price(price("2 EUR")),
            "one currency",
        ),
        (
            Rule::named("r")
                .for_currency("EUR".parse().unwrap())
                .with_max_price(price("2 USD")),
            "one currency",
        ),
        (
            Rule::named("r")
                .with_min_price(price("3 USD"))
                .with_max_price(price("2 USD")),
            "the first is the smaller one",
        ),
        (
            Rule::named("r").with_min_amount(1.into()),
            "say of which asset",
        ),
        (
            for_asset("USDT")
                .with_min_amount(2.into())
                .with_max_amount(1.into()),
            "the first is the smaller one",
        ),
        (
            for_asset("USDT")
                .with_min_amount(1.into())
                .for_currency("USD".parse().unwrap()),
            "make two rules of it",
        ),
        (
            for_asset("USDT")
                .with_min_amount(1.into())
                .only_for(RuleScope::Invoices),
            "make two rules of it",
        ),
        (
            Rule::named("r")
                .with_metadata(Metadata::is("a", "b"))
                .only_for(RuleScope::Payouts),
            "make two rules of it",
        ),
    ] {
        let problem = rule
            .problem()
            .unwrap_or_else(|| panic!("{rule:?} is no problem"));
        assert!(problem.contains(says), "{problem}");
    }
    assert_eq!(tron().for_asset(asset("USDT@tron")).problem(), None);
}
