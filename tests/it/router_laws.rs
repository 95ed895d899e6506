//! Every law of conformance for the router: whoever stands behind it, it is a provider like any other.

use paymux_core::Outcome;
use paymux_core::conformance::{Harness, check_all};
use paymux_tests::router_harness::RouterHarness;

async fn every_law_holds(harness: &RouterHarness) {
    if let Err(violation) = check_all(harness).await {
        panic!("{violation}");
    }
}

#[tokio::test]
async fn over_one_gateway() {
    every_law_holds(&RouterHarness::over_one().await).await;
}

#[tokio::test]
async fn over_two_gateways() {
    every_law_holds(&RouterHarness::over_two().await).await;
}

#[tokio::test]
async fn over_a_first_gateway_that_nobody_can_reach() {
    every_law_holds(&RouterHarness::over_a_dead_gateway().await).await;
}

#[tokio::test]
async fn over_a_first_gateway_that_loses_its_answers() {
    let harness = RouterHarness::over_a_gateway_that_loses_its_answers().await;
    let request = harness.new_invoice();
    let made = harness.provider().create_invoice(&request).await.unwrap();
    let attempts = &made.snapshot().attempts;
    let [lost, made] = attempts.as_slice() else {
        panic!("{attempts:?}");
    };
    assert_eq!(lost.provider.as_str(), "native-checkout");
    assert_eq!(lost.outcome, Some(Outcome::Unknown));
    assert_eq!(made.provider.as_str(), "unipayment");
    every_law_holds(&harness).await;
}
