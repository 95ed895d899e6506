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
        "no provider is configured; set PAYMUX_NATIVE_CHECKOUT_APP_ID, \
         PAYMUX_NATIVE_CHECKOUT_APP_KEY (native-checkout)"
    );
    let error = instances
        .choose(Some(&name("native-checkout")))
        .unwrap_err();
    assert!(
        error.message().contains("PAYMUX_NATIVE_CHECKOUT_APP_KEY"),
        "{error}"
    );
    let error = instances.choose(Some(&name("router"))).unwrap_err();
    assert!(
        error.message().contains("there can be native-checkout"),
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
fn of_several_one_must_be_named_by_option_or_id() {
    let file = file(TWO);
    let instances = Instances::load_with(Some(file.path()), nothing).unwrap();
    let names: Vec<&str> = instances.iter().map(|it| it.name().as_str()).collect();
    assert_eq!(names, ["eu", "us"]);

    let error = instances.choose(None).unwrap_err();
    assert!(error.message().contains("eu, us"), "{error}");
    let error = instances.choose(Some(&name("router"))).unwrap_err();
    assert_eq!(
        error.message(),
        "there is no provider router; there is eu, us"
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
    assert_eq!(both.iter().count(), 1);
    assert!(both.choose(None).is_ok());
}

#[test]
fn the_environment_adds_its_instance_to_those_of_the_file() {
    let file = file(TWO);
    let instances = Instances::load_with(Some(file.path()), credentials).unwrap();
    let names: Vec<&str> = instances.iter().map(|it| it.name().as_str()).collect();
    assert_eq!(names, ["eu", "native-checkout", "us"]);
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
