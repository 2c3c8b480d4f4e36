//! The typed body of a success.

use mfa_reference::{
    AccessKeyEntry, DeviceExtras, MfaDeviceEntry, Operation, Page, QrCode, SuccessBody, Tag, UserEntry,
    VirtualDeviceEntry,
};

use super::bounds::{MOST_BLOB, MOST_VALUE, MOST_WORD, bounded};
use super::shape;
use super::xml::{Element, is_space};

/// A missing member that makes the reply unusable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{within} has no {member}, or an empty one")]
pub(super) struct Missing {
    within: &'static str,
    member: &'static str,
}

/// Reads the body of an `{Op}Response`.
///
/// It demands the names of entities, a new access key's secret, the lists, and the marker of a truncated page. Any
/// other missing text is read as empty, and so is a device's user name in a listing.
pub(super) fn body(operation: Operation, root: &Element<'_>) -> Result<SuccessBody, Missing> {
    let result = root.elements().find(|element| shape::is_result(operation, element.name));
    let part = |member| result.and_then(|result| result.child(member)).ok_or(Missing { within: "the result", member });
    Ok(match operation {
        Operation::EnableMfaDevice
        | Operation::ResyncMfaDevice
        | Operation::DeactivateMfaDevice
        | Operation::UpdateUser
        | Operation::DeleteUser
        | Operation::DeleteVirtualMfaDevice
        | Operation::DeleteAccessKey => SuccessBody::Empty,
        Operation::CreateUser | Operation::GetUser => SuccessBody::User(user(part("User")?)?),
        Operation::ListUsers => SuccessBody::Users(page(result, part("Users")?, user)?),
        Operation::CreateVirtualMfaDevice => {
            let device = part("VirtualMFADevice")?;
            SuccessBody::VirtualDevice {
                serial_number: required(device, "VirtualMFADevice", "SerialNumber")?,
                seed_blob: blob(device, "Base32StringSeed"),
                extras: DeviceExtras { qr_code: qr_code(device), tags: tags(device) },
            }
        }
        Operation::ListMfaDevices => SuccessBody::MfaDevices(page(result, part("MFADevices")?, mfa_device)?),
        Operation::ListVirtualMfaDevices => {
            SuccessBody::VirtualDevices(page(result, part("VirtualMFADevices")?, virtual_device)?)
        }
        Operation::CreateAccessKey => {
            let key = part("AccessKey")?;
            let secret = required(key, "AccessKey", "SecretAccessKey")?;
            SuccessBody::AccessKey(AccessKeyEntry { secret_access_key: Some(secret), ..access_key(key)? })
        }
        Operation::ListAccessKeys => SuccessBody::AccessKeys(page(result, part("AccessKeyMetadata")?, access_key)?),
    })
}

fn page<T>(
    result: Option<&Element<'_>>,
    list: &Element<'_>,
    read: impl Fn(&Element<'_>) -> Result<T, Missing>,
) -> Result<Page<T>, Missing> {
    let items = list.elements().filter(|element| element.name == "member").map(read).collect::<Result<_, _>>()?;
    let next = match result {
        Some(result) if text(result, "IsTruncated") == "true" => {
            Some(required(result, "the truncated listing", "Marker")?)
        }
        Some(_) | None => None,
    };
    Ok(Page { items, next })
}

fn user(element: &Element<'_>) -> Result<UserEntry, Missing> {
    Ok(UserEntry { user_name: required(element, "User", "UserName")?, ..owner(element) })
}

/// A user as the owner of a device: the account's root user has no name there.
fn owner(element: &Element<'_>) -> UserEntry {
    UserEntry {
        user_name: text(element, "UserName"),
        arn: text(element, "Arn"),
        user_id: text(element, "UserId"),
        path: text(element, "Path"),
        create_date: text(element, "CreateDate"),
        tags: tags(element),
    }
}

fn mfa_device(element: &Element<'_>) -> Result<MfaDeviceEntry, Missing> {
    Ok(MfaDeviceEntry {
        user_name: unless_blank(element, "UserName").unwrap_or_default(),
        serial_number: present(element, "MFADevice", "SerialNumber")?,
        enable_date: unless_blank(element, "EnableDate").unwrap_or_default(),
    })
}

fn virtual_device(element: &Element<'_>) -> Result<VirtualDeviceEntry, Missing> {
    Ok(VirtualDeviceEntry {
        serial_number: required(element, "VirtualMFADevice", "SerialNumber")?,
        // An SDK reads no owner from an element without content.
        user: element.child("User").filter(|user| user.elements().next().is_some()).map(owner),
        enable_date: Some(text(element, "EnableDate")).filter(|date| !date.is_empty()),
        seed_blob: unless_blank(element, "Base32StringSeed"),
        qr_code: qr_code(element),
    })
}

fn access_key(element: &Element<'_>) -> Result<AccessKeyEntry, Missing> {
    Ok(AccessKeyEntry {
        user_name: text(element, "UserName"),
        access_key_id: required(element, "AccessKey", "AccessKeyId")?,
        secret_access_key: None,
        create_date: text(element, "CreateDate"),
    })
}

fn required(element: &Element<'_>, within: &'static str, member: &'static str) -> Result<String, Missing> {
    unless_blank(element, member).ok_or(Missing { within, member })
}

/// A member, unless it is absent or blank.
fn unless_blank(element: &Element<'_>, member: &str) -> Option<String> {
    Some(text(element, member)).filter(|text| !text.trim_matches(is_space).is_empty())
}

fn qr_code(element: &Element<'_>) -> QrCode {
    QrCode::from_blob(&blob(element, "QRCodePNG"))
}

fn tags(element: &Element<'_>) -> Vec<Tag> {
    let members = element.child("Tags").into_iter().flat_map(Element::elements).filter(|tag| tag.name == "member");
    members.map(|tag| Tag { key: text(tag, "Key"), value: text(tag, "Value") }).collect()
}

/// A required member, which may be empty: a service may list what it should have refused.
fn present(element: &Element<'_>, within: &'static str, member: &'static str) -> Result<String, Missing> {
    element.child(member).map(|child| bounded(child.text(), MOST_VALUE)).ok_or(Missing { within, member })
}

/// A member's text, untrimmed: SDKs don't trim strings, and two names may differ only by white space.
fn text(element: &Element<'_>, member: &str) -> String {
    element.child(member).map(|child| bounded(child.text(), MOST_VALUE)).unwrap_or_default()
}

/// A member whose text may be long: a picture or a seed.
fn blob(element: &Element<'_>, member: &str) -> String {
    element.child(member).map(|child| bounded(child.text(), MOST_BLOB)).unwrap_or_default()
}

/// An element's text without the white space around it.
pub(super) fn scalar(element: &Element<'_>) -> String {
    bounded(element.text().trim_matches(is_space).into(), MOST_WORD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::xml::parse;

    fn read(operation: Operation, result: &str) -> Result<SuccessBody, String> {
        let name = operation.name();
        let text = format!("<{name}Response><{name}Result>{result}</{name}Result></{name}Response>");
        body(operation, &parse(&text).unwrap()).map_err(|missing| missing.to_string())
    }

    fn user_named(name: &str) -> UserEntry {
        UserEntry {
            user_name: name.to_owned(),
            arn: "arn:u".to_owned(),
            user_id: "AIDA".to_owned(),
            path: "/".to_owned(),
            create_date: "2026".to_owned(),
            tags: Vec::new(),
        }
    }

    const USER: &str =
        "<Path>/</Path><UserName> Bob\n</UserName><UserId>AIDA</UserId><Arn>arn:u</Arn><CreateDate>2026</CreateDate>";

    #[test]
    fn users_are_read_as_they_stand() {
        for operation in [Operation::CreateUser, Operation::GetUser] {
            assert_eq!(read(operation, &format!("<User>{USER}</User>")), Ok(SuccessBody::User(user_named(" Bob\n"))));
        }
    }

    #[test]
    fn a_truncated_listing_tells_its_marker_and_must_have_one() {
        let listing = |rest: &str| read(Operation::ListUsers, &format!("<Users><member>{USER}</member></Users>{rest}"));
        let page = |next: Option<&str>| {
            Ok(SuccessBody::Users(Page { items: vec![user_named(" Bob\n")], next: next.map(str::to_owned) }))
        };
        assert_eq!(listing("<IsTruncated>true</IsTruncated><Marker>m1</Marker>"), page(Some("m1")));
        assert_eq!(listing("<IsTruncated>false</IsTruncated><Marker>m1</Marker>"), page(None));
        assert_eq!(listing(""), page(None));
        let error = listing("<IsTruncated>true</IsTruncated>").unwrap_err();
        assert_eq!(error, "the truncated listing has no Marker, or an empty one");
    }

    #[test]
    fn a_created_device_has_its_serial_number_and_seed() {
        assert_eq!(
            read(
                Operation::CreateVirtualMfaDevice,
                "<VirtualMFADevice><SerialNumber>arn:d</SerialNumber><Base32StringSeed>QUJD</Base32StringSeed></VirtualMFADevice>"
            ),
            Ok(SuccessBody::VirtualDevice {
                serial_number: "arn:d".to_owned(),
                seed_blob: "QUJD".to_owned(),
                extras: DeviceExtras::default()
            })
        );
    }

    #[test]
    fn a_created_device_has_its_picture_and_its_tags() {
        let made = read(
            Operation::CreateVirtualMfaDevice,
            "<VirtualMFADevice><SerialNumber>arn:d</SerialNumber><QRCodePNG>b'\\x89PNG'</QRCodePNG><Tags><member><Key>k</Key>\
             <Value>v</Value></member></Tags></VirtualMFADevice>",
        );
        let Ok(SuccessBody::VirtualDevice { extras, .. }) = made else { panic!("{made:?}") };
        let tags = vec![Tag { key: "k".to_owned(), value: "v".to_owned() }];
        assert_eq!(extras, DeviceExtras { qr_code: QrCode::NotBase64("b'\\x89PNG'".to_owned()), tags });
    }

    #[test]
    fn what_an_entry_of_a_listing_lacks_is_empty() {
        for members in ["", "<UserName/><EnableDate> </EnableDate>"] {
            let list = format!("<MFADevices><member><SerialNumber>s</SerialNumber>{members}</member></MFADevices>");
            let Ok(SuccessBody::MfaDevices(page)) = read(Operation::ListMfaDevices, &list) else { panic!("{members}") };
            assert_eq!((page.items[0].user_name.as_str(), page.items[0].enable_date.as_str()), ("", ""));
        }
    }

    #[test]
    fn devices_of_a_user_are_listed_in_order() {
        let member =
            |serial: &str| format!("<member><UserName>Bob</UserName><SerialNumber>{serial}</SerialNumber></member>");
        let entry = |serial: &str| MfaDeviceEntry {
            user_name: "Bob".to_owned(),
            serial_number: serial.to_owned(),
            enable_date: String::new(),
        };
        assert_eq!(
            read(Operation::ListMfaDevices, &format!("<MFADevices>{}{}</MFADevices>", member("2"), member("1"))),
            Ok(SuccessBody::MfaDevices(Page::whole(vec![entry("2"), entry("1")])))
        );
        assert_eq!(read(Operation::ListMfaDevices, "<MFADevices/>"), Ok(SuccessBody::MfaDevices(Page::whole(vec![]))));
    }

    #[test]
    fn virtual_devices_are_listed_with_their_owners() {
        let device = |inside: &str| {
            let list = format!(
                "<VirtualMFADevices><member><SerialNumber>s</SerialNumber>{inside}</member></VirtualMFADevices>"
            );
            match read(Operation::ListVirtualMfaDevices, &list) {
                Ok(SuccessBody::VirtualDevices(page)) => page.items.into_iter().next().unwrap(),
                other => panic!("{other:?}"),
            }
        };
        let assigned = device(&format!("<EnableDate>2026</EnableDate><User>{USER}</User>"));
        assert_eq!((assigned.user, assigned.enable_date.as_deref()), (Some(user_named(" Bob\n")), Some("2026")));
        for unassigned in ["", "<User/><EnableDate/>"] {
            assert_eq!((device(unassigned).user, device(unassigned).enable_date), (None, None));
        }
        let shown = device("<Base32StringSeed>QUJD</Base32StringSeed><QRCodePNG>QUJD</QRCodePNG>");
        assert_eq!((shown.seed_blob.as_deref(), shown.qr_code), (Some("QUJD"), QrCode::NotPng(b"ABC".to_vec())));
        let root = device("<User><Arn>arn:aws:iam::1:root</Arn></User>").user.unwrap();
        assert_eq!((root.user_name.as_str(), root.arn.as_str()), ("", "arn:aws:iam::1:root"));
    }

    #[test]
    fn access_keys_are_created_with_a_secret_and_listed_without() {
        let key = "<UserName>Bob</UserName><AccessKeyId>AKIA</AccessKeyId><Status>Active</Status>";
        let entry = |secret: Option<&str>| AccessKeyEntry {
            user_name: "Bob".to_owned(),
            access_key_id: "AKIA".to_owned(),
            secret_access_key: secret.map(str::to_owned),
            create_date: String::new(),
        };
        assert_eq!(
            read(
                Operation::CreateAccessKey,
                &format!("<AccessKey>{key}<SecretAccessKey>s</SecretAccessKey></AccessKey>")
            ),
            Ok(SuccessBody::AccessKey(entry(Some("s"))))
        );
        assert_eq!(
            read(Operation::ListAccessKeys, &format!("<AccessKeyMetadata><member>{key}</member></AccessKeyMetadata>")),
            Ok(SuccessBody::AccessKeys(Page::whole(vec![entry(None)])))
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        for (operation, result, message) in [
            (Operation::CreateUser, "", "the result has no User, or an empty one"),
            (Operation::GetUser, "<User><Path>/</Path></User>", "User has no UserName, or an empty one"),
            (Operation::ListMfaDevices, "", "the result has no MFADevices, or an empty one"),
            (
                Operation::CreateVirtualMfaDevice,
                "<VirtualMFADevice><SerialNumber> </SerialNumber></VirtualMFADevice>",
                "VirtualMFADevice has no SerialNumber, or an empty one",
            ),
            (
                Operation::CreateAccessKey,
                "<AccessKey><AccessKeyId>AKIA</AccessKeyId></AccessKey>",
                "AccessKey has no SecretAccessKey, or an empty one",
            ),
        ] {
            assert_eq!(read(operation, result), Err(message.to_owned()));
        }
    }

    #[test]
    fn an_operation_without_output_is_empty_whatever_its_result_holds() {
        assert_eq!(read(Operation::EnableMfaDevice, "<User/>"), Ok(SuccessBody::Empty));
    }
}
