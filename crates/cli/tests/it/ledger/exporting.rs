//! Everything out, and ours against the gateway's.

use serde_json::{Value, json};

use crate::books::on_each_engine;
use crate::child::{INVOICE, PAYOUT, members, sandbox, with};

#[test]
fn what_is_held_is_written_out_exactly() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let invoice = books.paymux(&sandbox, &INVOICE).await.done();
        let payout = books.paymux(&sandbox, &PAYOUT).await.done();
        for (subject, made, amount) in [
            ("invoices", &invoice, "price"),
            ("payouts", &payout, "amount"),
        ] {
            let lines = books
                .paymux(&sandbox, &["export", subject, "--format", "jsonl"])
                .await;
            assert_eq!(lines.exit, 0, "{lines:#?}");
            let records: Vec<Value> = lines
                .stdout
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            assert_eq!(records.len(), 1);
            assert_eq!(records[0]["id"], made["id"]);
            assert_eq!(records[0]["provider"], made["provider"]);
            assert_eq!(records[0][amount], made[amount]);

            let table = books
                .paymux(&sandbox, &["export", subject, "--format", "csv"])
                .await;
            let lines: Vec<&str> = table.stdout.lines().collect();
            assert_eq!(lines.len(), 2, "{table:#?}");
            assert!(lines[0].contains("provider,"), "{}", lines[0]);
            assert!(lines[1].contains(made["id"].as_str().unwrap()));
        }
        let events = books
            .paymux(&sandbox, &["export", "events", "--format", "jsonl"])
            .await;
        let subjects: Vec<Value> = events
            .stdout
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["subject"].clone())
            .collect();
        assert!(subjects.contains(&json!("order-1")) && subjects.contains(&json!("ref-1")));

        let none = ["export", "payouts", "--format", "jsonl", "--until"];
        let none = books
            .paymux(&sandbox, &with(&none, &["2020-01-01T00:00:00Z"]))
            .await;
        assert_eq!((none.exit, none.stdout.as_str()), (0, ""));
        for args in [
            &["export", "payouts"][..],
            &["export", "everything", "--format", "csv"],
        ] {
            books.paymux(&sandbox, args).await.error(2);
        }
    });
}

#[test]
fn what_the_two_sides_say_differently_is_told() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let payout = books.paymux(&sandbox, &PAYOUT).await.done();
        let report = books.paymux(&sandbox, &["drift"]).await.done();
        assert_eq!(members(&report), ["compared", "day", "drifts"]);
        assert_eq!(report["compared"], 1);
        assert_eq!(report["drifts"], json!([]));
        let day = report["day"].as_str().unwrap();

        let id = payout["id"].as_str().unwrap();
        for _ in 0..3 {
            sandbox.halo().advance_payout(id).unwrap();
        }
        let report = books
            .paymux(&sandbox, &["drift", "--day", day])
            .await
            .done();
        let drift = &report["drifts"][0];
        assert_eq!(drift["kind"], "status", "{report}");
        assert_eq!(drift["reference"], "ref-1");
        assert_eq!(drift["gateway_id"], id);
        assert_eq!(
            (&drift["ours"], &drift["theirs"]),
            (&json!("pending"), &json!("completed"))
        );

        let before = ["drift", "--day", "2020-01-01"];
        let report = books.paymux(&sandbox, &before).await.done();
        assert_eq!(report["compared"], 0);
        let error = books
            .paymux(&sandbox, &["drift", "--day", "01.01.2020"])
            .await
            .error(2);
        assert!(
            error["message"].as_str().unwrap().contains("2026-03-17"),
            "{error}"
        );
    });
}
