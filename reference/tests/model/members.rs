//! The members of replies: those that the tests of `LocalStack` recorded AWS sending, and none beside them.

use mfa_reference::Caller;
use mfa_reference::Operation;
use mfa_reference::wire::{Documented, Renderer as _};

use super::service::Account;

/// The names of the elements of a reply, each with the one that it is in, and no more than once.
fn members(account: &mut Account, action: &str, parameters: &[(&str, &str)]) -> Vec<String> {
    let outcome = account.outcome(action, parameters, Caller::Administrator);
    let reply = Documented.render(Operation::from_name(action), &outcome, "id");
    let text = String::from_utf8(reply.body).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let result = document.root_element().first_element_child().unwrap();
    let mut names = Vec::new();
    for element in result.descendants().skip(1).filter(|node| node.is_element() && !node.has_tag_name("member")) {
        let parent = element.ancestors().skip(1).find(|node| node.tag_name().name() != "member").unwrap();
        let name = element.tag_name().name().to_owned();
        let path = if parent == result { name } else { format!("{}/{name}", parent.tag_name().name()) };
        if !names.contains(&path) {
            names.push(path);
        }
    }
    names.sort_unstable();
    names
}

/// Paths of elements as they stand in a row: `User{Arn,Path}` is a user with an ARN and a path.
fn recorded(row: &str) -> Vec<String> {
    let mut names = Vec::new();
    for word in row.split(' ') {
        let (parent, inner) = word.split_once('{').unwrap_or((word, ""));
        if !names.iter().any(|known: &String| known.ends_with(&format!("/{parent}"))) {
            names.push(parent.to_owned());
        }
        let inner = inner.trim_end_matches('}').split(',').filter(|name| !name.is_empty());
        names.extend(inner.map(|name| format!("{parent}/{name}")));
    }
    names.sort_unstable();
    names
}

#[test]
fn replies_have_the_members_that_aws_was_recorded_sending() {
    let mut account = Account::new(1);
    assert_eq!(account.enable("anna", 0), "success");
    let tagged = [("UserName", "carl"), ("Tags.member.1.Key", "Environment"), ("Tags.member.1.Value", "Test")];
    let anna = [("UserName", "anna")];
    for (action, parameters, row) in [
        ("CreateUser", &[("UserName", "dora")][..], "User{Arn,CreateDate,Path,UserId,UserName}"),
        ("CreateUser", &tagged, "User{Arn,CreateDate,Path,Tags,UserId,UserName} Tags{Key,Value}"),
        ("GetUser", &tagged[..1], "User{Arn,CreateDate,Path,Tags,UserId,UserName} Tags{Key,Value}"),
        ("ListUsers", &[], "Users{Arn,CreateDate,Path,UserId,UserName} IsTruncated"),
        (
            "CreateVirtualMFADevice",
            &[("VirtualMFADeviceName", "another")],
            "VirtualMFADevice{Base32StringSeed,QRCodePNG,SerialNumber}",
        ),
        ("ListVirtualMFADevices", &[("AssignmentStatus", "Unassigned")], "VirtualMFADevices{SerialNumber} IsTruncated"),
        (
            "ListVirtualMFADevices",
            &[("AssignmentStatus", "Assigned")],
            "VirtualMFADevices{EnableDate,SerialNumber,User} User{Arn,CreateDate,Path,UserId,UserName} IsTruncated",
        ),
        ("ListMFADevices", &anna, "MFADevices{EnableDate,SerialNumber,UserName} IsTruncated"),
        ("ListMFADevices", &[("UserName", "bert")], "MFADevices IsTruncated"),
        ("ListAccessKeys", &anna, "AccessKeyMetadata IsTruncated"),
        ("CreateAccessKey", &anna, "AccessKey{AccessKeyId,CreateDate,SecretAccessKey,Status,UserName}"),
        ("ListAccessKeys", &anna, "AccessKeyMetadata{AccessKeyId,CreateDate,Status,UserName} IsTruncated"),
    ] {
        assert_eq!(members(&mut account, action, parameters), recorded(row), "{action} {parameters:?}");
    }
}
