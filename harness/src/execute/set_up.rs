//! What a scenario makes, renames and deletes: users, devices and access keys.

use std::sync::Arc;

use mfa_reference::totp::Seed;
use mfa_reference::{Operation, SuccessBody};

use super::bindings::{DevicePart, Key, UserPart};
use super::origin::{Made, MadeRequest, Source};
use super::player::Player;
use super::trace::{Exchange, Leftover, Unfinished, describe};
use crate::scenario::{DeviceRef, NameForm, UserRef};
use crate::transport::Credentials;

impl Player<'_> {
    pub(super) async fn create_user(&mut self, user: UserRef, form: &NameForm) -> Result<(), Unfinished> {
        let earlier = self.earlier_user_name(form.namesake().map(UserRef).or(Some(user)), form);
        // A user whose deletion was refused still has the name.
        let still_there = *form == NameForm::Again && self.bindings.users.get(&user).is_some_and(|part| part.live);
        let name = self.bindings.new_name('u', form, earlier.as_ref());
        let request = self.made("CreateUser", "UserName", &name, form);
        let called = self.call(Operation::CreateUser, request).await;
        let success = called.as_ref().is_ok_and(|verdict| verdict.success);
        match &called {
            Ok(_) if !success && (still_there || form.invites_refusal()) => return self.observe().await,
            Err(why) if !self.may_have_happened(Operation::CreateUser) => return Err(why.clone()),
            Ok(_) | Err(_) => {}
        }
        let (live, doubtful) = (success || called.is_err() || self.is_doubtful(), !success);
        self.bindings.make_room_for_user(user);
        self.bindings
            .users
            .insert(user, UserPart { name, former_name: None, live, doubtful, keys: Vec::new(), signed: 0 });
        called?;
        self.set_up(success, "CreateUser")?;
        // A new user has no device, but a target may give it those of an earlier user of its name.
        if matches!(form, NameForm::Again | NameForm::FormerNameOf(_)) { self.observe().await } else { Ok(()) }
    }

    /// The name that a form is based on: the namesake's current or former name.
    pub(super) fn earlier_user_name(&self, namesake: Option<UserRef>, form: &NameForm) -> Option<Made> {
        let part = self.bindings.users.get(&namesake?)?;
        if matches!(form, NameForm::FormerNameOf(_)) { part.former_name.clone() } else { Some(part.name.clone()) }
    }

    /// Ends the scenario if its set-up was refused. The trace keeps the reply.
    fn set_up(&self, success: bool, operation: &str) -> Result<(), Unfinished> {
        if success {
            return Ok(());
        }
        let came = self.played.trace.get(self.called).map_or_else(String::new, |call| describe(&call.observed));
        // The message contains this scenario's names, so it would differ in every scenario.
        let came = came.split(": ").next().unwrap_or_default();
        Err(Unfinished::SetUp(format!("{operation} answered {came}")))
    }

    pub(super) async fn rename_user(&mut self, user: UserRef, form: &NameForm) -> Result<(), Unfinished> {
        if let NameForm::InPath(path) = form {
            let name = self.bindings.user_name(user);
            let request = MadeRequest::new("UpdateUser").with("UserName", name).with("NewPath", path.as_str());
            self.call(Operation::UpdateUser, request).await?;
            return self.observe().await;
        }
        let earlier = self.earlier_user_name(form.namesake().map(UserRef), form);
        let new_name = self.bindings.new_name('u', form, earlier.as_ref());
        let old_name = self.bindings.user_name(user);
        let request = MadeRequest::new("UpdateUser").with("UserName", old_name.clone());
        let request = request.with("NewUserName", new_name.clone());
        let called = self.call(Operation::UpdateUser, request).await;
        if called.is_err() && self.may_have_happened(Operation::UpdateUser) {
            self.played.leftovers.push(Leftover::user(&new_name).doubted(true));
        }
        let verdict = called?;
        // After an unclear reply, `NoSuchEntity` to a retry shows that the user has its new name.
        let renamed = verdict.success || (self.is_doubtful() && self.called_code() == Some("NoSuchEntity"));
        if renamed && new_name != old_name {
            self.bindings.rename(user, &new_name);
        } else if self.is_doubtful() {
            self.played.leftovers.push(Leftover::user(&new_name).doubted(true));
        }
        self.observe().await
    }

    pub(super) async fn delete_user(&mut self, user: UserRef) -> Result<(), Unfinished> {
        let request = MadeRequest::new("DeleteUser").with("UserName", self.bindings.user_name(user));
        self.call(Operation::DeleteUser, request).await?;
        self.observe().await
    }

    pub(super) async fn create_device(&mut self, device: DeviceRef, form: &NameForm) -> Result<(), Unfinished> {
        let earlier = self.earlier_device_name(device, form);
        let still_there = *form == NameForm::Again && self.bindings.devices.get(&device).is_some_and(|part| part.live);
        let name = self.bindings.new_name('d', form, earlier.as_ref());
        let request = self.made("CreateVirtualMFADevice", "VirtualMFADeviceName", &name, form);
        let called = self.call(Operation::CreateVirtualMfaDevice, request).await;
        let success = called.as_ref().is_ok_and(|verdict| verdict.success);
        match &called {
            Ok(_) if !success && (still_there || form.invites_refusal()) => return Ok(()),
            Err(why) if !self.may_have_happened(Operation::CreateVirtualMfaDevice) => return Err(why.clone()),
            Ok(_) | Err(_) => {}
        }
        let live = success || called.is_err() || self.is_doubtful();
        self.add_device(device, name, self.called, (live, !success));
        called?;
        self.set_up(success, "CreateVirtualMFADevice")
    }

    /// The name that a form is based on.
    pub(super) fn earlier_device_name(&self, device: DeviceRef, form: &NameForm) -> Option<Made> {
        let namesake = form.namesake().map_or(device, DeviceRef);
        if let NameForm::NameOfUser(user) = form {
            self.bindings.users.get(&UserRef(*user)).map(|part| part.name.clone())
        } else {
            self.bindings.devices.get(&namesake).map(|part| part.name.clone())
        }
    }

    /// Keeps a device that this exchange may have created.
    pub(super) fn add_device(
        &mut self,
        device: DeviceRef,
        name: Made,
        exchange: usize,
        (live, doubtful): (bool, bool),
    ) {
        let mut part = DevicePart { name, from: exchange, serial_number: None, seed: None, live, doubtful };
        let body = self.played.trace.get(exchange).and_then(Exchange::body).cloned();
        if let Some(SuccessBody::VirtualDevice { serial_number, seed_blob, .. }) = body {
            match Seed::from_blob(&seed_blob) {
                Ok((seed, _)) => part.seed = Some(Arc::new(seed)),
                Err(error) => self.played.unusable_seed = Some(error.to_string()),
            }
            self.bindings.learn_account(&serial_number);
            part.serial_number = Some(match serial_number.strip_suffix(part.name.text.as_str()) {
                // The ARN ends with the device's name.
                Some(before) => Made::from(before).then(part.name.clone()),
                None => Made::whole(serial_number, Source::Serial(exchange)),
            });
        }
        self.bindings.make_room_for_device(device);
        self.bindings.devices.insert(device, part);
    }

    /// Recreates a device until its code of a time step begins with these digits. The target draws each seed at random.
    pub(super) async fn recreate_device(
        &mut self,
        device: DeviceRef,
        step: i32,
        begins_with: &str,
    ) -> Result<(), Unfinished> {
        // One digit takes ten tries on average, two take a hundred. All tries fail about once in a billion times.
        let most = if begins_with.len() > 1 { 2_000 } else { 200 };
        for _ in 0..most {
            let at = self.transport.now().step().plus(i64::from(step));
            let part = self.bindings.devices.get(&device).filter(|part| part.live);
            let Some((from, seed)) = part.and_then(|part| Some((part.from, part.seed.clone()?))) else {
                return Ok(());
            };
            if seed.code(at).as_str().starts_with(begins_with) {
                return Ok(());
            }
            let serial = self.bindings.serial_number(device);
            let request = MadeRequest::new("DeleteVirtualMFADevice").with("SerialNumber", serial);
            let verdict = self.call(Operation::DeleteVirtualMfaDevice, request).await?;
            self.set_up(verdict.success, "DeleteVirtualMFADevice")?;
            if let Some(part) = self.bindings.devices.get_mut(&device) {
                part.live = false;
            }
            self.create_device(device, &NameForm::Again).await?;
            if let Some(part) = self.bindings.devices.get_mut(&device) {
                part.from = from;
            }
        }
        Err(Unfinished::SetUp(format!("none of {most} devices had a code that begins with {begins_with}")))
    }

    pub(super) async fn delete_device(&mut self, device: DeviceRef) -> Result<(), Unfinished> {
        let serial = self.bindings.serial_number(device);
        let request = MadeRequest::new("DeleteVirtualMFADevice").with("SerialNumber", serial);
        let verdict = self.call(Operation::DeleteVirtualMfaDevice, request).await?;
        if let (true, Some(part)) = (verdict.success, self.bindings.devices.get_mut(&device)) {
            part.live = false;
        }
        self.observe().await
    }

    pub(super) async fn create_key(&mut self, user: UserRef) -> Result<(), Unfinished> {
        let request = MadeRequest::new("CreateAccessKey").with("UserName", self.bindings.user_name(user));
        let verdict = self.call(Operation::CreateAccessKey, request).await?;
        let key = match self.called_body() {
            Some(SuccessBody::AccessKey(entry)) => Some(Key {
                credentials: Credentials {
                    access_key_id: entry.access_key_id.clone(),
                    secret_access_key: entry.secret_access_key.clone().unwrap_or_default(),
                    session_token: None,
                },
                from: self.called,
            }),
            Some(_) | None => None,
        };
        // A deleted user gets no key.
        let mut is_gone = true;
        if let Some(part) = self.bindings.users.get_mut(&user) {
            part.keys.extend(key);
            is_gone = !part.live;
        }
        self.set_up(verdict.success || is_gone, "CreateAccessKey")
    }

    pub(super) async fn delete_key(&mut self, user: UserRef) -> Result<(), Unfinished> {
        let keys = self.bindings.users.get_mut(&user).map(|part| std::mem::take(&mut part.keys)).unwrap_or_default();
        let name = self.bindings.user_name(user);
        for key in keys {
            let id = Made::whole(key.credentials.access_key_id, Source::KeyId(key.from));
            let request = MadeRequest::new("DeleteAccessKey").with("UserName", name.clone()).with("AccessKeyId", id);
            self.call(Operation::DeleteAccessKey, request).await?;
        }
        Ok(())
    }

    /// A user has ceased to be.
    pub(super) fn user_is_gone(&mut self, name: &str) {
        for part in self.bindings.users.values_mut().filter(|part| part.name.text == name) {
            part.live = false;
            part.keys.clear();
        }
    }

    /// A request that makes something under a name.
    pub(super) fn made(&self, action: &str, parameter: &str, name: &Made, form: &NameForm) -> MadeRequest {
        let request = MadeRequest::new(action).with(parameter, name.clone());
        match form.path(name, self.bindings.before_path()) {
            Some(path) => request.with("Path", path),
            None => request,
        }
    }
}
