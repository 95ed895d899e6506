use std::io::Write;

use super::*;

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn credentials(name: &str) -> Option<String> {
    match name {
        "PAYMUX_NATIVE_CHECKOUT_APP_ID" => Some("from-environment".to_owned()),
        "PAYMUX_NATIVE_CHECKOUT_APP_KEY" => Some("key".to_owned()),
        _ => None,
    }
}

fn nothing(_: &str) -> Option<String> {
    None
}

fn name(text: &str) -> ProviderName {
    text.parse().unwrap()
}

const TWO: &str = "
[providers.eu]
type = 'native-checkout'
app_id = 'a'
app_key = 'k'
[providers.us]
type = 'native-checkout'
app_id = 'b'
app_key = 'k'
";

#[test]
fn without_anything_the_error_names_the_variables() {
    let instances = Instances::load_with(None, nothing).unwrap();
    let error = instances.choose(None).unwrap_err();
    assert_eq!(
        error.message(),
        "no provider is configured; set PAYMUX_NATIVE_CHECKOUT_APP_ID and \
         PAYMUX_NATIVE_CHECKOUT_APP_KEY (native-checkout) or PAYMUX_UNIPAYMENT_APP_ID, \
         PAYMUX_UNIPAYMENT_CLIENT_ID, PAYMUX_UNIPAYMENT_CLIENT_SECRET and \
         PAYMUX_UNIPAYMENT_WEBHOOK_SECRET (unipayment)"
    );
    let error = instances
        .choose(Some(&name("native-checkout")))
        .unwrap_err();
    assert!(
        error.message().contains("PAYMUX_NATIVE_CHECKOUT_APP_KEY"),
        "{error}"
    );
    let error = instances.choose(Some(&name("elsewhere"))).unwrap_err();
    assert!(
        error
            .message()
            .contains("there can be native-checkout, unipayment"),
        "{error}"
    );
    let error = instances.choose(Some(&name("router"))).unwrap_err();
    assert!(
        error.message().starts_with("no provider is configured"),
        "{error}"
    );
}

#[test]
fn the_only_configured_one_is_meant() {
    let instances = Instances::load_with(None, credentials).unwrap();
    assert_eq!(
        instances.choose(None).unwrap().name().as_str(),
        "native-checkout"
    );
}

#[test]
fn of_several_the_router_is_meant_or_the_one_that_is_named_by_option_or_id() {
    let file = file(TWO);
    let instances = Instances::load_with(Some(file.path()), nothing).unwrap();
    let names: Vec<&str> = instances.iter().map(|it| it.name().as_str()).collect();
    assert_eq!(names, ["eu", "unipayment", "us"]);

    for asked in [None, Some(&name("router"))] {
        let router = instances.choose(asked).unwrap();
        assert_eq!(router.name().as_str(), "router");
        assert_eq!(router.routed().unwrap().names(), ["eu", "us"]);
    }
    let error = instances.choose(Some(&name("elsewhere"))).unwrap_err();
    assert_eq!(
        error.message(),
        "there is no provider elsewhere; there is eu, us, router"
    );
    assert_eq!(
        instances.choose(Some(&name("us"))).unwrap().name().as_str(),
        "us"
    );

    let (provider, id) = instances.choose_for_id(None, "us:T1").unwrap();
    assert_eq!((provider.name().as_str(), id), ("us", "T1"));
    let (provider, id) = instances
        .choose_for_id(Some(&name("eu")), "other:T1")
        .unwrap();
    assert_eq!((provider.name().as_str(), id), ("eu", "other:T1"));
    assert!(instances.choose_for_id(Some(&name("eu")), "us:T1").is_err());
    let (provider, id) = instances
        .choose_for_id(Some(&name("router")), "us:T1")
        .unwrap();
    assert_eq!((provider.name().as_str(), id), ("router", "us:T1"));
}

#[test]
fn the_router_has_to_be_told_whose_an_id_is() {
    let file = file(TWO);
    let instances = Instances::load_with(Some(file.path()), nothing).unwrap();
    for asked in [None, Some(&name("router"))] {
        for id in ["T1", "elsewhere:T1"] {
            let error = instances.choose_for_id(asked, id).unwrap_err();
            assert_eq!(
                error.message(),
                format!(
                    "the id {id} does not say whose it is, and the ledger does not know it; write PROVIDER:ID, where PROVIDER is one of eu, us"
                )
            );
        }
        let error = instances.choose_for_id(asked, "us:").unwrap_err();
        assert!(error.message().contains("write us:ID"), "{error}");
        // Not configured, so that the router does not have it.
        let error = instances.choose_for_id(asked, "unipayment:T1").unwrap_err();
        assert!(error.message().contains("not configured"), "{error}");
    }
}

#[test]
fn the_router_tries_the_types_own_instances_first_and_the_others_by_name() {
    let both = |name: &str| match name {
        "PAYMUX_UNIPAYMENT_AUTH" => Some("md5".to_owned()),
        "PAYMUX_UNIPAYMENT_APP_ID" | "PAYMUX_UNIPAYMENT_APP_KEY" => Some("u".to_owned()),
        _ => credentials(name),
    };
    let tried = |text: &str| {
        let file = file(text);
        let instances = Instances::load_with(Some(file.path()), both).unwrap();
        let router = instances.choose(None)?;
        let names = router.routed().unwrap().names().join(" ");
        Ok::<String, Error>(names)
    };
    let more = "[providers.asia]\ntype = 'unipayment'\nauth = 'md5'\napp_id = 'a'\napp_key = 'k'\n";
    let all = format!("{TWO}{more}");
    assert_eq!(
        tried(&all).unwrap(),
        "native-checkout unipayment asia eu us"
    );
    let otherwise = "[router]\nproviders = ['us', 'unipayment', 'eu', 'native-checkout']\n";
    assert_eq!(
        tried(&format!("{TWO}{otherwise}")).unwrap(),
        "us unipayment eu native-checkout"
    );
    // What the file names must be there, and whoever is there must be named.
    for (order, says) in [
        (
            "['us', 'eu', 'unipayment', 'native-checkout', 'asia']",
            ":11: the router has no provider asia; it has eu, native-checkout, unipayment, us",
        ),
        ("['us', 'eu']", ":11: native-checkout is not listed"),
    ] {
        let error = tried(&format!("{TWO}[router]\nproviders = {order}\n")).unwrap_err();
        assert!(error.message().contains(says), "{error}");
    }
}

#[test]
fn an_instance_that_is_only_begun_is_left_out_and_said_so() {
    let file = file(&format!(
        "{TWO}[providers.asia]\ntype = 'native-checkout'\napp_id = 'c'\n"
    ));
    let instances = Instances::load_with(Some(file.path()), nothing).unwrap();
    let router = instances.choose(None).unwrap();
    assert_eq!(router.routed().unwrap().names(), ["eu", "us"]);
    assert_eq!(instances.left_out(), ["asia lacks providers.asia.app_key"]);
}

#[test]
fn the_environment_wins_for_the_instance_named_like_its_type() {
    let text = "[providers.native-checkout]\ntype = 'native-checkout'\napp_id = 'from-file'\n";
    let file = file(text);
    let alone = Instances::load_with(Some(file.path()), nothing).unwrap();
    assert_eq!(
        missing_names(alone.iter().next().unwrap()),
        ["PAYMUX_NATIVE_CHECKOUT_APP_KEY"]
    );
    let both = Instances::load_with(Some(file.path()), credentials).unwrap();
    let names: Vec<&str> = both.iter().map(|it| it.name().as_str()).collect();
    assert_eq!(names, ["native-checkout", "unipayment"]);
    assert!(both.choose(None).is_ok());
}

#[test]
fn the_environment_adds_its_instance_to_those_of_the_file() {
    let file = file(TWO);
    let instances = Instances::load_with(Some(file.path()), credentials).unwrap();
    let names: Vec<&str> = instances.iter().map(|it| it.name().as_str()).collect();
    assert_eq!(names, ["eu", "native-checkout", "unipayment", "us"]);
}

#[test]
fn what_an_instance_of_the_file_lacks_is_named_by_its_place() {
    let file = file("[providers.eu]\ntype = 'native-checkout'\n");
    let instances = Instances::load_with(Some(file.path()), nothing).unwrap();
    assert_eq!(
        missing_names(instances.iter().next().unwrap()),
        ["providers.eu.app_id", "providers.eu.app_key"]
    );
}

#[cfg(unix)]
#[test]
fn a_file_with_secrets_that_others_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let file = file(TWO);
    let mode = |mode| {
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        Instances::load_with(Some(file.path()), nothing)
            .unwrap()
            .warnings
    };
    assert!(mode(0o600).is_empty());
    assert!(mode(0o640)[0].contains("chmod 600"));
}

#[test]
fn what_unipayment_lacks_depends_on_its_generation() {
    for (auth, missing) in [
        (
            "oauth",
            &["app_id", "client_id", "client_secret", "webhook_secret"][..],
        ),
        ("hmac", &["app_id", "client_id", "client_secret"]),
        ("md5", &["app_id", "app_key"]),
    ] {
        let file = file(&format!(
            "[providers.uni]\ntype = 'unipayment'\nauth = '{auth}'\n"
        ));
        let instances = Instances::load_with(Some(file.path()), nothing).unwrap();
        let expected: Vec<String> = missing
            .iter()
            .map(|key| format!("providers.uni.{key}"))
            .collect();
        let uni = instances.named(&name("uni")).unwrap();
        assert_eq!(missing_names(uni), expected);
        let error = instances.choose(Some(&name("uni"))).unwrap_err();
        let hint = error.hint().unwrap();
        assert!(expected.iter().all(|place| hint.contains(place)), "{hint}");
    }
}

#[test]
fn the_configured_one_is_meant_though_another_is_begun() {
    let vars = |name: &str| match name {
        "PAYMUX_UNIPAYMENT_AUTH" => Some("md5".to_owned()),
        "PAYMUX_UNIPAYMENT_APP_ID" => Some("app".to_owned()),
        "PAYMUX_UNIPAYMENT_APP_KEY" => Some("key".to_owned()),
        "PAYMUX_NATIVE_CHECKOUT_APP_ID" => Some("begun".to_owned()),
        _ => None,
    };
    let instances = Instances::load_with(None, vars).unwrap();
    assert_eq!(
        instances.choose(None).unwrap().name().as_str(),
        "unipayment"
    );
    let error = instances
        .choose(Some(&name("native-checkout")))
        .unwrap_err();
    assert!(error.message().contains("APP_KEY is missing"), "{error}");

    let both = |name: &str| vars(name).or_else(|| credentials(name));
    let router = Instances::load_with(None, both)
        .unwrap()
        .choose(None)
        .unwrap();
    assert_eq!(
        router.routed().unwrap().names(),
        ["native-checkout", "unipayment"]
    );
}

#[test]
fn names_are_listed_as_in_a_sentence() {
    assert_eq!(listed::<&str>(&[]), "");
    assert_eq!(listed(&["a"]), "a");
    assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
}
