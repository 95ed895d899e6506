use super::*;
use crate::ErrorKind;

const CANARY: &str = "canary-5e1f";

fn setup() -> Setup {
    Setup::new("eu".parse().unwrap(), "native-checkout").unwrap()
}

#[test]
fn unknown_types_and_settings_list_what_there_is() {
    let error = Setup::new("eu".parse().unwrap(), "paypal").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.message().contains("native-checkout"), "{error}");

    let error = setup().with("app_kye", CANARY).unwrap_err();
    assert!(
        error.message().contains("app_id, app_key, base_url"),
        "{error}"
    );
    assert!(!error.message().contains(CANARY));
}

#[test]
fn what_is_missing_is_named_as_the_instance_would_set_it() {
    let error = setup().with("app_id", "a").unwrap().build().unwrap_err();
    assert_eq!(error.message(), "eu is not configured: app_key is missing");
    let error = ProviderType::named("native-checkout")
        .unwrap()
        .setup()
        .build()
        .unwrap_err();
    assert_eq!(
        error.message(),
        "native-checkout is not configured: PAYMUX_NATIVE_CHECKOUT_APP_ID and \
         PAYMUX_NATIVE_CHECKOUT_APP_KEY are missing"
    );
}

#[test]
fn the_environment_decides_what_is_built() {
    let none = |_: &str| None;
    assert!(providers_from_vars(none).unwrap().is_empty());
    assert_eq!(
        report_from_vars(none)[0].missing,
        [
            "PAYMUX_NATIVE_CHECKOUT_APP_ID",
            "PAYMUX_NATIVE_CHECKOUT_APP_KEY"
        ]
    );

    let all = |name: &str| match name {
        "PAYMUX_NATIVE_CHECKOUT_APP_ID" => Some("app".to_owned()),
        "PAYMUX_NATIVE_CHECKOUT_APP_KEY" => Some(CANARY.to_owned()),
        "PAYMUX_NATIVE_CHECKOUT_BASE_URL" => Some(String::new()),
        _ => None,
    };
    let providers = providers_from_vars(all).unwrap();
    assert_eq!(providers.only().unwrap().name().as_str(), "native-checkout");
    assert!(report_from_vars(all)[0].configured);
    assert!(!format!("{providers:?}").contains(CANARY));
}

#[test]
fn a_wrong_base_url_is_an_error_that_names_the_instance() {
    let wrong = setup()
        .with("app_id", "a")
        .unwrap()
        .with("app_key", CANARY)
        .unwrap()
        .with("base_url", "http://pay.example/api")
        .unwrap();
    let error = wrong.build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(error.provider().unwrap().as_str(), "eu");
    assert!(!format!("{wrong:?} {error:?}").contains(CANARY));
}

#[cfg(feature = "unipayment")]
#[test]
fn what_unipayment_needs_depends_on_its_generation() {
    let setup = || Setup::new("uni".parse().unwrap(), "unipayment").unwrap();
    let names = |setup: &Setup| -> Vec<&str> { setup.missing().iter().map(|it| it.name).collect() };
    let oauth = ["app_id", "client_id", "client_secret", "webhook_secret"];
    assert_eq!(names(&setup()), oauth);
    for (auth, missing) in [
        ("oauth", &oauth[..]),
        ("hmac", &oauth[..3]),
        ("md5", &["app_id", "app_key"]),
    ] {
        assert_eq!(names(&setup().with("auth", auth).unwrap()), missing);
    }

    let unreadable = setup().with("auth", "md6").unwrap();
    assert!(unreadable.missing().is_empty());
    let error = unreadable.build().unwrap_err();
    assert!(error.message().contains("md5, hmac or oauth"), "{error}");
}

#[test]
fn a_setting_can_be_taken_out_again() {
    let setup = setup().with("app_key", CANARY).unwrap();
    assert_eq!(setup.get("app_key").unwrap().expose_secret(), CANARY);
    assert!(setup.get("app_id").is_none());
    let required: Vec<&str> = setup.required().iter().map(|key| key.name).collect();
    assert_eq!(required, ["app_id", "app_key"]);
}
