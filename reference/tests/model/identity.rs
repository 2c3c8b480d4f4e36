//! The documented service as clients use it to set up: the paths, tags and names of users, and who an access key is.

use mfa_reference::service::{Behaviour, Service};
use mfa_reference::wire::HttpRequest;
use mfa_reference::{Caller, Outcome, SuccessBody, UserEntry};

use super::service::Account;
use super::stage::NOW;

fn user(account: &mut Account, name: &str) -> UserEntry {
    let outcome = account.outcome("GetUser", &[("UserName", name)], Caller::Administrator);
    let Outcome::Success(SuccessBody::User(entry)) = outcome else { panic!("{outcome:?}") };
    entry
}

fn listed(account: &mut Account, parameters: &[(&str, &str)]) -> Vec<UserEntry> {
    let outcome = account.outcome("ListUsers", parameters, Caller::Administrator);
    let Outcome::Success(SuccessBody::Users(page)) = outcome else { panic!("{outcome:?}") };
    page.items
}

#[test]
fn a_renamed_or_moved_user_keeps_its_id_and_has_the_arn_of_its_place() {
    let mut account = Account::new(0);
    let mut update = |parameters: &[(&str, &str)]| account.call("UpdateUser", parameters, Caller::Administrator);
    assert_eq!(update(&[("UserName", "anna"), ("NewUserName", "anne")]), "success");
    assert_eq!(update(&[("UserName", "bert"), ("NewUserName", "carl"), ("NewPath", "/team/")]), "success");
    let refused = update(&[("UserName", "anne"), ("NewPath", "team")]);
    assert!(refused.starts_with("ValidationError: The specified value for newPath is invalid."), "{refused}");
    let anne = user(&mut account, "anne");
    assert_eq!((anne.path.as_str(), anne.arn.as_str()), ("/", "arn:aws:iam::123456789012:user/anne"));
    let carl = user(&mut account, "carl");
    assert_eq!((carl.path.as_str(), carl.arn.as_str()), ("/team/", "arn:aws:iam::123456789012:user/team/carl"));
    assert_ne!(anne.user_id, carl.user_id);
    assert_eq!(account.call("UpdateUser", &[("UserName", "carl"), ("NewPath", "/")], Caller::Administrator), "success");
    let moved = user(&mut account, "carl");
    assert_eq!((moved.user_id, moved.arn.as_str()), (carl.user_id, "arn:aws:iam::123456789012:user/carl"));
}

#[test]
fn users_are_listed_by_the_beginning_of_their_path() {
    let mut account = Account::new(0);
    account.call("CreateUser", &[("UserName", "carl"), ("Path", "/test-life/")], Caller::Administrator);
    let mut names = |prefix: &str| {
        let users = listed(&mut account, &[("PathPrefix", prefix)]);
        users.into_iter().map(|user| user.user_name).collect::<Vec<_>>()
    };
    assert_eq!(names("/"), ["anna", "bert", "carl"]);
    assert_eq!(names("/test-life/"), ["carl"]);
    assert_eq!(names("/test-l"), ["carl"]);
    assert_eq!(names("/other/"), [""; 0]);
    for malformed in ["", "test", "/ /", &format!("/{}", "p".repeat(512))] {
        let told = account.call("ListUsers", &[("PathPrefix", malformed)], Caller::Administrator);
        assert!(told.starts_with("ValidationError: ") && told.contains("pathPrefix"), "{told}");
    }
}

#[test]
fn a_users_tags_are_shown_by_get_user_and_by_no_listing() {
    let mut account = Account::new(0);
    let tagged = [("UserName", "carl"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "blue")];
    let outcome = account.outcome("CreateUser", &tagged, Caller::Administrator);
    let Outcome::Success(SuccessBody::User(made)) = outcome else { panic!("{outcome:?}") };
    let carl = user(&mut account, "carl");
    assert_eq!((carl.tags[0].key.as_str(), carl.tags[0].value.as_str(), carl.tags.len()), ("team", "blue", 1));
    assert_eq!(made, carl);
    assert!(listed(&mut account, &[]).iter().all(|user| user.tags.is_empty()));
}

#[test]
fn a_device_that_no_request_could_name_is_not_created() {
    let mut account = Account::new(0);
    let mut create = |path: &str, name: &str| {
        let parameters = [("VirtualMFADeviceName", name), ("Path", path)];
        account.call("CreateVirtualMFADevice", &parameters, Caller::Administrator)
    };
    // The ARN of a device begins with 29 characters.
    let path = |length: usize| format!("/{}/", "p".repeat(length - 2));
    assert_eq!(create(&path(256 - 29 - 1), "d"), "success");
    let demands =
        "ValidationError: 1 validation error detected: Value at 'serialNumber' failed to satisfy constraint: ";
    let long = create(&path(256 - 29), "d");
    assert_eq!(long, format!("{demands}Member must have length less than or equal to 256"));
    let odd = create("/a!b/", "d");
    assert!(odd.starts_with(demands) && odd.contains("pattern"), "{odd}");
    assert_eq!(create("/", &"d".repeat(226)), "success");
}

/// A call that is signed with a key, as a status and a body.
fn signed(service: &mut Service, key: Option<&str>, query: &str) -> (u16, String) {
    let scope = "20260101/us-east-1/iam/aws4_request";
    let header = key.map(|key| format!("AWS4-HMAC-SHA256 Credential={key}/{scope}, Signature=0"));
    let target = format!("/?Version=2010-05-08&{query}");
    let http =
        HttpRequest { method: "GET", target: &target, content_type: None, authorization: header.as_deref(), body: b"" };
    let response = service.handle(&http, NOW);
    (response.status, String::from_utf8(response.body).unwrap())
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    text.split_once(from).unwrap().1.split_once(to).unwrap().0
}

#[test]
fn a_deleted_access_key_is_refused_and_a_key_from_elsewhere_calls_as_an_administrator() {
    let mut service = Service::new(Behaviour::default(), 1);
    signed(&mut service, None, "Action=CreateUser&UserName=anna");
    let (_, made) = signed(&mut service, None, "Action=CreateAccessKey&UserName=anna");
    let key = between(&made, "<AccessKeyId>", "</AccessKeyId>").to_owned();
    assert!(key.starts_with("AKIA") && key.len() == 20, "{key}");
    let (status, own) = signed(&mut service, Some(&key), "Action=GetUser");
    assert!(status == 200 && own.contains("<UserName>anna<"), "{own}");

    let delete = format!("Action=DeleteAccessKey&UserName=anna&AccessKeyId={key}");
    assert_eq!(signed(&mut service, None, &delete).0, 200);
    for query in ["Action=GetUser", "Action=GetUser&UserName=anna", "Action=DeleteUser&UserName=anna", "Action=Other"] {
        let (status, refused) = signed(&mut service, Some(&key), query);
        let told = "<Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.<";
        assert!(status == 403 && refused.contains(told), "{refused}");
    }
    for other in [None, Some("AKIAIOSFODNN7EXAMPLE"), Some("test")] {
        assert_eq!(signed(&mut service, other, "Action=GetUser&UserName=anna").0, 200, "{other:?}");
    }
}
