//! `demo`.

use crate::child::{members, paymux_bare};
use crate::creating::assert_invoice_shape;

#[tokio::test]
async fn it_needs_nothing_and_proves_what_it_shows() {
    for args in [&["demo"][..], &["demo", "--provider", "native-checkout"]] {
        let told = paymux_bare(args).await.done();
        assert_eq!(
            members(&told),
            ["invoice", "payout", "statuses", "webhooks"]
        );
        assert_invoice_shape(&told["invoice"]);
        assert_eq!(told["invoice"]["status"], "settled");
        assert_eq!(told["invoice"]["price"]["amount"], "5");
        assert_eq!(told["invoice"]["received"], told["invoice"]["due"]);
        assert_eq!(told["payout"]["status"], "completed");
        assert_eq!(told["payout"]["amount"]["amount"], "0.5");

        let statuses: Vec<&str> = told["statuses"]
            .as_array()
            .unwrap()
            .iter()
            .map(|status| status.as_str().unwrap())
            .collect();
        assert_eq!(statuses, ["pending", "processing", "settled"]);

        let webhooks = told["webhooks"].as_array().unwrap();
        assert_eq!(webhooks.len(), 3);
        assert!(webhooks.iter().all(|webhook| webhook["proof"] == "signed"));
        assert_eq!(webhooks[0]["invoice"]["exceptions"][0], "underpaid");
        assert_eq!(webhooks[1]["invoice"]["status"], "settled");
        assert_eq!(webhooks[2]["reference"], told["payout"]["reference"]);
    }
}

#[tokio::test]
async fn in_text_it_tells_a_story() {
    let ran = paymux_bare(&["demo", "--output", "text"]).await;
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    let mut rest = ran.stdout.as_str();
    for step in [
        "An invoice",
        "█",
        "sends half",
        "pending, underpaid",
        "sends the rest",
        "processing",
        "settled",
        "hand over the goods",
        "A payout",
        "completed of demo-payout-1",
        "That was it",
    ] {
        let at = rest
            .find(step)
            .unwrap_or_else(|| panic!("no {step:?} in {rest}"));
        rest = &rest[at..];
    }
}

#[tokio::test]
async fn it_runs_on_the_gateway_it_has() {
    let error = paymux_bare(&["demo", "--provider", "router"])
        .await
        .error(2);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("native-checkout")
    );
}
