//! `demo --provider unipayment`.

use paymux_sandbox::Generation;
use serde_json::json;

use super::name_of;
use crate::child::{Ran, bare, members, run};
use crate::creating::assert_invoice_shape;

async fn demo(generation: Option<Generation>, more: &[&str]) -> Ran {
    let mut command = bare(&["demo", "--provider", "unipayment"]);
    command.args(more);
    if let Some(generation) = generation {
        command.env("PAYMUX_UNIPAYMENT_AUTH", name_of(generation));
    }
    run(command).await
}

const GENERATIONS: [(Option<Generation>, &str); 4] = [
    (None, "signed"),
    (Some(Generation::OAuth), "signed"),
    (Some(Generation::Hmac), "checked"),
    (Some(Generation::Md5), "weak"),
];

#[tokio::test]
async fn it_proves_what_it_shows_in_every_generation() {
    for (generation, proof) in GENERATIONS {
        let told = demo(generation, &[]).await.done();
        assert_eq!(
            members(&told),
            ["invoice", "payout", "statuses", "webhooks"]
        );
        assert_invoice_shape(&told["invoice"]);
        assert_eq!(told["invoice"]["provider"], "unipayment");
        assert_eq!(told["invoice"]["status"], "settled");
        assert_eq!(told["invoice"]["received"], told["invoice"]["due"]);
        assert_eq!(
            told["statuses"],
            json!(["pending", "processing", "confirmed", "settled"])
        );

        let webhooks = told["webhooks"].as_array().unwrap();
        assert!(webhooks.iter().all(|webhook| webhook["proof"] == proof));
        let of = |kind: &str, member: &str| -> Vec<String> {
            let own = webhooks.iter().filter(|webhook| webhook["kind"] == kind);
            own.map(|webhook| webhook[kind][member].to_string())
                .collect()
        };
        assert_eq!(
            of("invoice", "status"),
            [
                "\"pending\"",
                "\"pending\"",
                "\"processing\"",
                "\"confirmed\"",
                "\"settled\""
            ]
        );
        assert_eq!(of("invoice", "exceptions")[1], r#"["underpaid"]"#);

        if generation == Some(Generation::Md5) {
            assert!(told["payout"].is_null());
            assert!(of("payout", "status").is_empty());
        } else {
            assert_eq!(told["payout"]["status"], "completed");
            assert_eq!(told["payout"]["amount"]["amount"], "0.5");
            assert_eq!(told["payout"]["reference"], "demo-payout-1");
            assert_eq!(of("payout", "status").last().unwrap(), "\"completed\"");
        }
    }
}

#[tokio::test]
async fn in_text_it_tells_a_story_in_every_generation() {
    for (generation, proof, payout) in [
        (
            Generation::OAuth,
            "signature proven",
            "completed of demo-payout-1",
        ),
        (
            Generation::Hmac,
            "the gateway says it sent it",
            "completed of demo-payout-1",
        ),
        (Generation::Md5, "weakly proven", "hmac and oauth do"),
    ] {
        let ran = demo(Some(generation), &["--output", "text"]).await;
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
        let mut rest = ran.stdout.as_str();
        for step in [
            "An invoice",
            "█",
            "sends half",
            proof,
            "pending, underpaid",
            "sends the rest",
            "processing",
            "confirmed",
            "settled",
            "hand over the goods",
            "A payout",
            payout,
            "That was it",
        ] {
            let at = rest
                .find(step)
                .unwrap_or_else(|| panic!("no {step:?} in {rest}"));
            rest = &rest[at..];
        }
    }
}

#[tokio::test]
async fn configuration_is_not_looked_at_and_a_wrong_generation_is_refused() {
    let mut command = bare(&[
        "--config",
        "/nowhere.toml",
        "demo",
        "--provider",
        "unipayment",
    ]);
    command
        .env("PAYMUX_UNIPAYMENT_BASE_URL", "http://127.0.0.1:9")
        .env("PAYMUX_UNIPAYMENT_CLIENT_SECRET", "wrong")
        .env("PAYMUX_UNIPAYMENT_MD5_RULE", "wrong");
    run(command).await.done();

    let mut command = bare(&["demo", "--provider", "unipayment"]);
    command.env("PAYMUX_UNIPAYMENT_AUTH", "md6");
    let error = run(command).await.error(2);
    assert_eq!(error["kind"], "configuration");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("PAYMUX_UNIPAYMENT_AUTH") && message.contains("md5, hmac or oauth"),
        "{message}"
    );
}
