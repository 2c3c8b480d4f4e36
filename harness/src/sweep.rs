//! Deletes every user and virtual device whose name begins with a prefix: the leftovers of an interrupted run.

use mfa_reference::{Operation, RawRequest, SuccessBody};

use crate::execute::{Leftover, holds_prefix, in_digits};
use crate::transport::{Credentials, Transport, TransportError};
use crate::wire::{Answer, Call, Observed, Style, encode, read};

/// What was deleted, and what could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Users deleted.
    pub users: usize,
    /// Virtual devices deleted.
    pub devices: usize,
    /// What remains, with the commands that delete it.
    pub left: Vec<Leftover>,
}

/// Why nothing could be deleted.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The target can't be reached.
    #[error("{0}. Start the target, or check the address")]
    Transport(#[from] TransportError),
    /// The target doesn't list its users or devices.
    #[error("{operation} answered {came}: what is left can't be found")]
    NoListing {
        /// The operation.
        operation: Operation,
        /// What it answered.
        came: String,
    },
}

/// The most pages of one listing to read: a target may have many users, but not infinitely many.
const MOST_PAGES: usize = 10_000;

struct Sweeper<'t> {
    transport: &'t mut dyn Transport,
    credentials: &'t Credentials,
}

/// Deletes the users and virtual devices whose names begin with `prefix`, after their attachments and access keys. A
/// run also makes names in capitals, and names with a punctuation mark before the prefix.
///
/// # Errors
/// The target can't be reached, or doesn't list what it has.
pub async fn sweep(
    transport: &mut dyn Transport,
    credentials: &Credentials,
    prefix: &str,
) -> Result<Swept, SweepError> {
    sweep_where(transport, credentials, |name| begins_with(prefix, name)).await
}

/// Whether a name begins with a prefix in any case, with a mark before it or not, or with the prefix in digits.
fn begins_with(prefix: &str, name: &str) -> bool {
    let plain = name.trim_start_matches(|one: char| !one.is_ascii_alphanumeric()).to_ascii_lowercase();
    plain.starts_with(&prefix.to_ascii_lowercase()) || name.starts_with(&in_digits(prefix))
}

/// Deletes what one run left behind. No other run's names contain its prefix. A name may contain the prefix anywhere,
/// since a target may have changed a name that it should have refused.
///
/// # Errors
/// The target can't be reached, or doesn't list what it has.
pub async fn sweep_run(
    transport: &mut dyn Transport,
    credentials: &Credentials,
    prefix: &str,
) -> Result<Swept, SweepError> {
    sweep_where(transport, credentials, |name| holds_prefix(prefix, name)).await
}

async fn sweep_where(
    transport: &mut dyn Transport,
    credentials: &Credentials,
    is_ours: impl Fn(&str) -> bool,
) -> Result<Swept, SweepError> {
    let mut sweeper = Sweeper { transport, credentials };
    let mut swept = Swept::default();
    let users: Vec<String> = sweeper.user_names().await?.into_iter().filter(|name| is_ours(name)).collect();
    for user in &users {
        sweeper.strip(user).await?;
    }
    // The name follows the path.
    let ours = |serial: &String| serial.contains(":mfa/") && serial.rsplit('/').next().is_some_and(&is_ours);
    for (serial, owner) in sweeper.serial_numbers().await?.into_iter().filter(|(serial, _)| ours(serial)) {
        // The target may have given the device to a user that isn't the run's. The device is still the run's.
        if let Some(owner) = owner.filter(|owner| !users.contains(owner)) {
            let parameters = [("UserName", owner.as_str()), ("SerialNumber", serial.as_str())];
            sweeper.call(Operation::DeactivateMfaDevice, &parameters).await?;
        }
        let gone = sweeper.call(Operation::DeleteVirtualMfaDevice, &[("SerialNumber", &serial)]).await?;
        if gone.is_some() {
            swept.devices += 1;
        } else {
            swept.left.push(Leftover::device(&serial));
        }
    }
    for user in users {
        if sweeper.call(Operation::DeleteUser, &[("UserName", &user)]).await?.is_some() {
            swept.users += 1;
        } else {
            swept.left.push(Leftover::user(&user));
        }
    }
    Ok(swept)
}

impl Sweeper<'_> {
    /// Makes a call and returns the body of its success; `None` if it was refused.
    async fn call(
        &mut self,
        operation: Operation,
        parameters: &[(&str, &str)],
    ) -> Result<Option<SuccessBody>, SweepError> {
        Ok(match self.observe(operation, parameters).await? {
            Observed::Reply(reply) => match reply.answer {
                Answer::Success(body) => Some(body),
                Answer::Error { .. } => None,
            },
            Observed::Unreadable { .. } | Observed::Broken(_) => None,
        })
    }

    async fn observe(&mut self, operation: Operation, parameters: &[(&str, &str)]) -> Result<Observed, TransportError> {
        let request = RawRequest::new(operation.name(), parameters);
        let encoded = encode(&Call { operation, request, style: Style::default() });
        let reply = self.transport.send(&encoded, self.credentials).await?;
        Ok(read(operation, reply))
    }

    /// Reads a listing to its last page. The given function receives a page and returns the next marker.
    async fn list(
        &mut self,
        operation: Operation,
        mut take: impl FnMut(SuccessBody) -> Option<String>,
    ) -> Result<(), SweepError> {
        let mut marker: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let parameters: Vec<(&str, &str)> = marker.iter().map(|marker| ("Marker", marker.as_str())).collect();
            match self.observe(operation, &parameters).await? {
                Observed::Reply(crate::wire::Reply { answer: Answer::Success(body), .. }) => match take(body) {
                    None => return Ok(()),
                    next => marker = next,
                },
                other @ (Observed::Reply(_) | Observed::Unreadable { .. } | Observed::Broken(_)) => {
                    return Err(SweepError::NoListing { operation, came: crate::execute::describe(&other) });
                }
            }
        }
        Err(SweepError::NoListing { operation, came: format!("{MOST_PAGES} pages and more") })
    }

    async fn user_names(&mut self) -> Result<Vec<String>, SweepError> {
        let mut names = Vec::new();
        self.list(Operation::ListUsers, |body| {
            let SuccessBody::Users(page) = body else { return None };
            names.extend(page.items.into_iter().map(|user| user.user_name));
            page.next
        })
        .await?;
        Ok(names)
    }

    /// The serial numbers of all virtual devices, with their owners.
    async fn serial_numbers(&mut self) -> Result<Vec<(String, Option<String>)>, SweepError> {
        let mut serials = Vec::new();
        self.list(Operation::ListVirtualMfaDevices, |body| {
            let SuccessBody::VirtualDevices(page) = body else { return None };
            let named = page.items.into_iter().map(|item| (item.serial_number, item.user.map(|user| user.user_name)));
            serials.extend(named);
            page.next
        })
        .await?;
        Ok(serials)
    }

    /// Deactivates a user's devices and deletes its access keys.
    async fn strip(&mut self, user: &str) -> Result<(), SweepError> {
        if let Some(SuccessBody::MfaDevices(page)) = self.call(Operation::ListMfaDevices, &[("UserName", user)]).await?
        {
            for device in page.items {
                let parameters = [("UserName", user), ("SerialNumber", device.serial_number.as_str())];
                self.call(Operation::DeactivateMfaDevice, &parameters).await?;
            }
        }
        if let Some(SuccessBody::AccessKeys(page)) = self.call(Operation::ListAccessKeys, &[("UserName", user)]).await?
        {
            for key in page.items {
                let parameters = [("UserName", user), ("AccessKeyId", key.access_key_id.as_str())];
                self.call(Operation::DeleteAccessKey, &parameters).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_run_are_found_in_any_case_and_behind_a_mark() {
        for ours in ["mfac-ab12-u1", "MFAC-AB12-U1", "Mfac-ab12-d1", "+mfac-ab12-u1", &in_digits("mfac-")] {
            assert!(begins_with("mfac-", ours), "{ours}");
        }
        for others in ["bob", "my-mfac-user", "mfa", "", "bob-mfac-ab12"] {
            assert!(!begins_with("mfac-", others), "{others}");
        }
        assert!(begins_with("mfac-AB12", "MFAC-ab12-u1") && !begins_with("mfac-ab12", "mfac-ab13-u1"));
    }
}
