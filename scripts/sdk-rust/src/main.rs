//! Makes calls of IAM with aws-sdk-iam, and says what it reads: one call in a line of JSON on standard input, one
//! reading in a line of JSON on standard output. scripts/check-sdks.py writes the calls and compares the readings.

use std::error::Error;
use std::io::{BufRead, Write};

use aws_sdk_iam::config::retry::RetryConfig;
use aws_sdk_iam::config::{Credentials, Region};
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iam::primitives::{Blob, DateTime, DateTimeFormat};
use aws_sdk_iam::types::{AccessKey, AccessKeyMetadata, MfaDevice, Tag, User, VirtualMfaDevice};
use aws_sdk_iam::{Client, Config};
use serde_json::{Map, Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = std::env::args().nth(1).ok_or("usage: sdk-rust ENDPOINT-URL")?;
    let http = aws_smithy_http_client::Builder::new().build_http();
    for line in std::io::stdin().lock().lines() {
        let call: Value = serde_json::from_str(&line?)?;
        let key = |name: &str| call["credentials"][name].as_str().unwrap_or_default().to_owned();
        let config = Config::builder()
            .behavior_version_latest()
            .endpoint_url(&endpoint)
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new(key("id"), key("secret"), None, None, "check-sdks"))
            .retry_config(RetryConfig::disabled())
            .http_client(http.clone())
            .build();
        let reading = read(&Client::from_conf(config), &call).await;
        println!("{reading}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// Makes a call, and says what came back.
async fn read(client: &Client, call: &Value) -> Value {
    let text = |name: &str| call["input"][name].as_str().map(str::to_owned);
    let number = |name: &str| call["input"][name].as_i64().and_then(|number| i32::try_from(number).ok());
    let tags = call["input"]["Tags"].as_array().map(|tags| {
        let text = |tag: &Value, name: &str| tag[name].as_str().unwrap_or_default().to_owned();
        let tag = |tag: &Value| Tag::builder().key(text(tag, "Key")).value(text(tag, "Value")).build();
        tags.iter().filter_map(|one| tag(one).ok()).collect::<Vec<_>>()
    });
    match call["call"].as_str().unwrap_or_default() {
        "CreateUser" => {
            let request = client.create_user().set_user_name(text("UserName")).set_path(text("Path")).set_tags(tags);
            said(request.send().await, |output| json!({ "User": output.user().map(user) }))
        }
        "GetUser" => {
            let request = client.get_user().set_user_name(text("UserName"));
            said(request.send().await, |output| json!({ "User": output.user().map(user) }))
        }
        "ListUsers" => {
            let request = client.list_users().set_path_prefix(text("PathPrefix"));
            let request = request.set_max_items(number("MaxItems")).set_marker(text("Marker"));
            said(request.send().await, |output| {
                let users = output.users().iter().map(user).collect::<Vec<_>>();
                json!({ "Users": users, "IsTruncated": output.is_truncated(), "Marker": output.marker() })
            })
        }
        "UpdateUser" => {
            let request = client.update_user().set_user_name(text("UserName"));
            let request = request.set_new_user_name(text("NewUserName")).set_new_path(text("NewPath"));
            said(request.send().await, |_| json!({}))
        }
        "DeleteUser" => said(client.delete_user().set_user_name(text("UserName")).send().await, |_| json!({})),
        "CreateVirtualMFADevice" => {
            let request = client.create_virtual_mfa_device().set_path(text("Path")).set_tags(tags);
            let request = request.set_virtual_mfa_device_name(text("VirtualMFADeviceName"));
            said(request.send().await, |output| {
                json!({ "VirtualMFADevice": output.virtual_mfa_device().map(virtual_device) })
            })
        }
        "DeleteVirtualMFADevice" => {
            let request = client.delete_virtual_mfa_device().set_serial_number(text("SerialNumber"));
            said(request.send().await, |_| json!({}))
        }
        "ListMFADevices" => {
            let request = client.list_mfa_devices().set_user_name(text("UserName"));
            said(request.send().await, |output| {
                let devices = output.mfa_devices().iter().map(device).collect::<Vec<_>>();
                json!({ "MFADevices": devices, "IsTruncated": output.is_truncated(), "Marker": output.marker() })
            })
        }
        "ListVirtualMFADevices" => {
            let status = text("AssignmentStatus").map(|status| status.as_str().into());
            let request = client.list_virtual_mfa_devices().set_assignment_status(status);
            said(request.send().await, |output| {
                let devices = output.virtual_mfa_devices().iter().map(virtual_device).collect::<Vec<_>>();
                json!({ "VirtualMFADevices": devices, "IsTruncated": output.is_truncated(), "Marker": output.marker() })
            })
        }
        "EnableMFADevice" => {
            let request = client.enable_mfa_device().set_user_name(text("UserName"));
            let request = request.set_serial_number(text("SerialNumber"));
            let request = request.set_authentication_code1(text("AuthenticationCode1"));
            said(request.set_authentication_code2(text("AuthenticationCode2")).send().await, |_| json!({}))
        }
        "ResyncMFADevice" => {
            let request = client.resync_mfa_device().set_user_name(text("UserName"));
            let request = request.set_serial_number(text("SerialNumber"));
            let request = request.set_authentication_code1(text("AuthenticationCode1"));
            said(request.set_authentication_code2(text("AuthenticationCode2")).send().await, |_| json!({}))
        }
        "DeactivateMFADevice" => {
            let request = client.deactivate_mfa_device().set_user_name(text("UserName"));
            said(request.set_serial_number(text("SerialNumber")).send().await, |_| json!({}))
        }
        "CreateAccessKey" => {
            let request = client.create_access_key().set_user_name(text("UserName"));
            said(request.send().await, |output| json!({ "AccessKey": output.access_key().map(new_key) }))
        }
        "ListAccessKeys" => {
            let request = client.list_access_keys().set_user_name(text("UserName"));
            said(request.send().await, |output| {
                let keys = output.access_key_metadata().iter().map(key).collect::<Vec<_>>();
                json!({ "AccessKeyMetadata": keys, "IsTruncated": output.is_truncated(), "Marker": output.marker() })
            })
        }
        "DeleteAccessKey" => {
            let request = client.delete_access_key().set_user_name(text("UserName"));
            said(request.set_access_key_id(text("AccessKeyId")).send().await, |_| json!({}))
        }
        "ListRoles" => said(client.list_roles().send().await, |output| json!({ "Roles": output.roles().len() })),
        other => json!({ "unreadable": format!("this client has no call {other}") }),
    }
}

/// A reading: the members of an output, the code of an error, or why neither could be read.
fn said<O, E>(result: Result<O, SdkError<E>>, members: impl FnOnce(&O) -> Value) -> Value
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match result {
        Ok(output) => json!({ "members": present(members(&output)) }),
        Err(SdkError::ServiceError(error)) => {
            let error = error.err();
            let modelled = !format!("{error:?}").starts_with("Unhandled");
            match error.code() {
                Some(code) => json!({ "error": code, "message": error.message(), "modelled": modelled }),
                None => json!({ "unreadable": format!("an error without a code: {error:?}") }),
            }
        }
        Err(SdkError::ResponseError(error)) => json!({ "unreadable": format!("{error:?}") }),
        Err(error) => json!({ "lost": format!("{error:?}") }),
    }
}

/// The members that are there.
fn present(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let there = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(there.map(|(name, value)| (name, present(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(present).collect()),
        other => other,
    }
}

fn user(user: &User) -> Value {
    let tags = user.tags.as_deref().map(tag_list);
    json!({
        "Path": user.path(), "UserName": user.user_name(), "UserId": user.user_id(), "Arn": user.arn(),
        "CreateDate": date(Some(user.create_date())), "Tags": tags,
    })
}

fn virtual_device(device: &VirtualMfaDevice) -> Value {
    json!({
        "SerialNumber": device.serial_number(), "Base32StringSeed": device.base32_string_seed().map(bytes),
        "QRCodePNG": device.qr_code_png().map(bytes), "User": device.user().map(user),
        "EnableDate": date(device.enable_date()), "Tags": device.tags.as_deref().map(tag_list),
    })
}

fn device(device: &MfaDevice) -> Value {
    json!({
        "UserName": device.user_name(), "SerialNumber": device.serial_number(),
        "EnableDate": date(Some(device.enable_date())),
    })
}

fn new_key(key: &AccessKey) -> Value {
    json!({
        "UserName": key.user_name(), "AccessKeyId": key.access_key_id(), "Status": key.status().as_str(),
        "SecretAccessKey": key.secret_access_key(), "CreateDate": date(key.create_date()),
    })
}

fn key(key: &AccessKeyMetadata) -> Value {
    json!({
        "UserName": key.user_name(), "AccessKeyId": key.access_key_id(),
        "Status": key.status().map(|status| status.as_str()), "CreateDate": date(key.create_date()),
    })
}

fn tag_list(tags: &[Tag]) -> Value {
    tags.iter().map(|tag| json!({ "Key": tag.key(), "Value": tag.value() })).collect()
}

fn bytes(blob: &Blob) -> String {
    data_encoding::BASE64.encode(blob.as_ref())
}

fn date(date: Option<&DateTime>) -> Option<String> {
    date.and_then(|date| date.fmt(DateTimeFormat::DateTime).ok())
}
