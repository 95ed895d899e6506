//! Everything can be taken out, digit for digit.

use std::io::{self, Write};

use paymux_core::{ErrorKind, Outcome};
use paymux_ledger::{Cause, EntityKind, Export, ExportFormat, ExportSubject, Ledger};

use crate::engines::on_each_engine;
use crate::gateway::{Gateway, Step};
use crate::invoices::invoice;
use crate::payouts::payout;

async fn exported(ledger: &Ledger, export: &Export) -> String {
    let mut out = Vec::new();
    ledger.export(export, &mut out).await.unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn payouts_as_json_lines_and_csv() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new();
        ledger
            .create_payout(
                &gateway,
                &payout("a, \"b\"", "123456789012345678.123456789"),
            )
            .await
            .unwrap();
        gateway.next(Step::Fail(ErrorKind::Timeout, Outcome::Unknown));
        ledger
            .create_payout(&gateway, &payout("second", "0.10").with_memo("7"))
            .await
            .unwrap_err();

        let export = Export::new(ExportSubject::Payouts, ExportFormat::JsonLines);
        let json = exported(&ledger, &export).await;
        let lines: Vec<&str> = json.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(
            lines[0].contains(r#""amount":"123456789012345678.123456789""#),
            "{json}"
        );
        assert!(lines[1].contains(r#""state":"in_doubt""#), "{json}");

        let export = Export::new(ExportSubject::Payouts, ExportFormat::Csv);
        let csv = exported(&ledger, &export).await;
        let lines: Vec<&str> = csv.split("\r\n").collect();
        assert!(lines[0].starts_with("reference,provider,id,state,status,amount,asset,to,memo"));
        assert!(
            lines[1].starts_with(
                "\"a, \"\"b\"\"\",eu,P1,made,pending,123456789012345678.123456789,USDT@tron,TDestination,,"
            ),
            "{csv}"
        );
        assert!(
            lines[2].starts_with("second,eu,,in_doubt,,0.1,USDT@tron,TDestination,7,"),
            "{csv}"
        );
    });
}

#[test]
fn more_than_a_page_comes_out_once_each_and_within_its_time() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new();
        let make = async |number: usize| {
            let request = invoice(&format!("order-{number}"), "5 USD");
            ledger.create_invoice(&gateway, &request).await.unwrap();
        };
        futures_util::future::join_all((0..699).map(make)).await;
        make(699).await;
        let export = Export::new(ExportSubject::Invoices, ExportFormat::Csv);
        let csv = exported(&ledger, &export).await;
        let mut orders: Vec<&str> = csv
            .lines()
            .skip(1)
            .map(|line| line.split(',').next().unwrap())
            .collect();
        assert_eq!(orders.len(), 700);
        orders.sort_unstable();
        orders.dedup();
        assert_eq!(orders.len(), 700);

        let records = ledger
            .invoices(&"order-699".parse().unwrap())
            .await
            .unwrap();
        let at = records[0].created_at;
        let count = |export: Export| {
            let ledger = ledger.clone();
            async move { ledger.export(&export, &mut io::sink()).await.unwrap() }
        };
        let before = count(export.until(at)).await;
        let after = count(export.since(at)).await;
        assert_eq!(before + after, 700);
        assert_eq!(after, 1);
    });
}

#[test]
fn history_names_the_cause_of_each_line() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let gateway = Gateway::new().then(Step::Fail(ErrorKind::Unavailable, Outcome::NotSent));
        let request = payout("ref-1", "1");
        ledger.create_payout(&gateway, &request).await.unwrap_err();
        ledger.create_payout(&gateway, &request).await.unwrap();
        ledger
            .create_invoice(&gateway, &invoice("order-1", "5 USD"))
            .await
            .unwrap();

        let history = ledger.history("ref-1").await.unwrap();
        let moves: Vec<(Option<&str>, &str, Cause)> = history[0]
            .lines
            .iter()
            .map(|line| {
                let became = line.became.as_deref().unwrap();
                (line.was.as_deref(), became, line.cause)
            })
            .collect();
        assert_eq!(
            moves,
            [
                (None, "running", Cause::Call),
                (Some("running"), "not_sent", Cause::Call),
                (Some("not_sent"), "running", Cause::Call),
                (Some("running"), "pending", Cause::Call),
            ]
        );
        for id in ["P1", "eu:P1"] {
            assert_eq!(ledger.history(id).await.unwrap(), history, "{id}");
        }
        for id in ["order-1", "T1", "eu:T1"] {
            let history = ledger.history(id).await.unwrap();
            assert_eq!(history.len(), 1, "{id}");
            assert_eq!(history[0].kind, EntityKind::Invoice);
        }
        for id in ["us:P1", "nobody", ""] {
            let error = ledger.history(id).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound, "{id}");
        }
        let export = Export::new(ExportSubject::History, ExportFormat::JsonLines);
        let json = exported(&ledger, &export).await;
        assert_eq!(json.lines().count(), 6);
        let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
        assert_eq!(first["kind"], "payout");
        assert_eq!(first["subject"], "ref-1");
        assert_eq!(first["became"], "running");
    });
}

#[test]
fn a_writer_that_fails_is_told() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::StorageFull, "no room"))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let export = Export::new(ExportSubject::Payouts, ExportFormat::Csv);
        let error = ledger.export(&export, &mut Full).await.unwrap_err();
        assert!(error.message().contains("no room"), "{error}");
    });
}
