//! Payouts that two people have to agree on.

use std::path::PathBuf;

use crate::books::{Books, on_each_engine};
use crate::child::{PAYOUT, sandbox, with};

/// A config file with a limit that the payout of these tests is above.
fn limits(books: &Books) -> PathBuf {
    let path = books.folder().join("limits.toml");
    let text = "[ledger.limits.\"USDT@tron-nile\"]\nper_payout = \"0.1\"\n";
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn above_a_limit_it_waits_for_a_second_person() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let path = limits(&books);
        let config = ["--config", path.to_str().unwrap()];
        let create = with(&with(&PAYOUT, &config), &["--who", "ann"]);
        for _ in 0..2 {
            let error = books.paymux(&sandbox, &create).await.error(4);
            assert_eq!(error["kind"], "permission");
            assert_eq!(error["outcome"], "not_sent");
            let hint = error["hint"].as_str().unwrap();
            assert!(hint.contains("paymux payout approve ref-1"), "{hint}");
        }

        let approve = |who: &'static str| with(&["payout", "approve", "ref-1", "--who"], &[who]);
        let error = books.paymux(&sandbox, &approve("Ann")).await.error(2);
        assert_eq!(error["kind"], "permission");
        assert!(sandbox.halo().payouts().is_empty());

        let approved = books.paymux(&sandbox, &approve("bob")).await.done();
        assert_eq!(approved["state"], "approved");
        assert_eq!(approved["requested_by"], "ann");
        assert!(sandbox.halo().payouts().is_empty());
        let payout = books.paymux(&sandbox, &create).await.done();
        assert_eq!(payout["reference"], "ref-1");
        books.paymux(&sandbox, &create).await.done();
        assert_eq!(sandbox.halo().payouts().len(), 1);
    });
}

#[test]
fn what_was_turned_down_is_never_sent() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let path = limits(&books);
        let create = with(&PAYOUT, &["--config", path.to_str().unwrap()]);
        books.paymux(&sandbox, &create).await.error(4);
        let reject = [
            "payout",
            "reject",
            "ref-1",
            "--who",
            "bob",
            "--why",
            "no such refund",
        ];
        let rejected = books.paymux(&sandbox, &reject).await.done();
        assert_eq!(rejected["state"], "declined");
        for args in [&create[..], &PAYOUT] {
            let error = books.paymux(&sandbox, args).await.error(4);
            assert_eq!(error["kind"], "permission");
        }
        let approve = ["payout", "approve", "ref-1", "--who", "eve"];
        books.paymux(&sandbox, &approve).await.error(2);
        assert!(sandbox.halo().payouts().is_empty());
    });
}
