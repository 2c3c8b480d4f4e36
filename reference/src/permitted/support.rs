//! The rules of the operations that set up and observe. Few clauses speak of them; where none does, any well-formed
//! answer is permitted.

use super::ruling::{NO_SUCH_ENTITY, push_common_transients, push_failure};
use super::transition::Demand;
use super::transition::{Assignment, Expect, Permitted, Transition};
use crate::account::{Effect, UserId};
use crate::belief::{Entity, Fact, LeftOpen, Lookup, State, Update};
use crate::clause::{ClauseId, Side};
use crate::operation::Operation;
use crate::outcome::{ErrorCode, ErrorCodes};
use crate::path;
use crate::request::Support;

const CONFLICT: ErrorCodes = ErrorCodes::of(&[ErrorCode::DeleteConflict]);
const EXISTS: ErrorCodes = ErrorCodes::of(&[ErrorCode::EntityAlreadyExists]);

pub(super) fn rules(state: &State, request: &Support<'_>) -> Permitted {
    let named = request.name.text.map_or(Lookup::Absent, |name| state.find_user(name));
    let mut permitted = Permitted::default();
    match request.operation {
        Operation::CreateUser => create_user(&mut permitted, state, request),
        Operation::UpdateUser => rename(&mut permitted, state, named, request),
        Operation::DeleteUser => delete_user(&mut permitted, state, named),
        Operation::DeleteVirtualMfaDevice => delete_device(&mut permitted, state, request),
        Operation::ListMfaDevices => list_devices(&mut permitted, named),
        Operation::ListVirtualMfaDevices => list_virtual_devices(&mut permitted, request),
        Operation::CreateVirtualMfaDevice => {
            if !malformed_path(&mut permitted, request, Effect::AddDevice) {
                create_device(&mut permitted, state, request);
            }
        }
        Operation::CreateAccessKey => {
            open(&mut permitted, named.id().map_or(Effect::None, Effect::AddKey));
        }
        Operation::DeleteAccessKey => {
            let key = request.access_key_id.unwrap_or_default();
            open(&mut permitted, Effect::RemoveKey(key.into()));
        }
        Operation::GetUser
        | Operation::ListUsers
        | Operation::ListAccessKeys
        | Operation::EnableMfaDevice
        | Operation::ResyncMfaDevice
        | Operation::DeactivateMfaDevice => open(&mut permitted, Effect::None),
    }
    push_common_transients(&mut permitted);
    // The page of each of these operations lists it.
    push_failure(&mut permitted, ErrorCodes::of(&[ErrorCode::ServiceFailure]), ClauseId::CommonTransient);
    permitted
}

/// No clause speaks of the operation: it succeeds with its effect, or is refused without.
fn open(permitted: &mut Permitted, effect: Effect) {
    permitted.push(Transition::success(Expect::Success, effect, &[]));
    permitted.push(Transition::error(ErrorCodes::CLIENT, &[]).doubtful());
}

/// A path that AWS refuses. Whatever else is wrong, another code departs from what was recorded.
fn malformed_path(permitted: &mut Permitted, request: &Support<'_>, effect: Effect) -> bool {
    if path::problem(request.path).is_none() {
        return false;
    }
    let clause = ClauseId::CreatePath;
    let refused = ErrorCodes::of(&[ErrorCode::ValidationError]);
    permitted.push(Transition::error(refused, &[clause]));
    let others = ErrorCodes::CLIENT.without(ErrorCode::ValidationError);
    permitted.push(Transition::error(others, &[clause]).departing_from(clause));
    permitted.push(Transition::success(Expect::Success, effect, &[clause]).departing_from(clause));
    permitted.tested.push((clause, Side::Reject));
    true
}

fn create_user(permitted: &mut Permitted, state: &State, request: &Support<'_>) {
    if malformed_path(permitted, request, Effect::AddUser) {
        return;
    }
    // Code points, the fewest of what may be counted: another unit counts no less.
    let too_long = request.name.text.is_some_and(|name| name.chars().count() > 64);
    if too_long {
        let clause = ClauseId::CreateUserLength;
        permitted.push(Transition::error(ErrorCodes::CLIENT, &[clause]));
        permitted.push(Transition::success(Expect::Success, Effect::AddUser, &[clause]).departing_from(clause));
        permitted.tested.push((clause, Side::Reject));
    } else {
        open(permitted, Effect::AddUser);
        if request.name.text.is_some_and(|name| name.chars().count() == 64) {
            permitted.tested.push((ClauseId::CreateUserLength, Side::Accept));
        }
        if request.name.text.is_some_and(|name| state.had_user(name)) {
            permitted.tested.push((ClauseId::RecreatedUserHasNoDevice, Side::Accept));
        }
    }
}

fn create_device(permitted: &mut Permitted, state: &State, request: &Support<'_>) {
    let ending = request.name.text.map(|name| format!(":mfa{}{name}", request.path));
    let vanished = ending.is_some_and(|ending| state.vanished().any(|serial| serial.ends_with(&ending)));
    if !vanished {
        return open(permitted, Effect::AddDevice);
    }
    // The device of this name ceased to be when it was deactivated: then its name is free.
    let clause = ClauseId::DeactivateDeviceUsable;
    permitted.push(Transition::success(Expect::Success, Effect::AddDevice, &[clause]));
    permitted.push(Transition::error(ErrorCodes::CLIENT.without(ErrorCode::EntityAlreadyExists), &[]).doubtful());
    permitted.tested.push((clause, Side::Accept));
    permitted.demands.push(Demand { clause, forbids: EXISTS, at_edge: false });
}

fn rename(permitted: &mut Permitted, state: &State, named: Lookup<UserId>, request: &Support<'_>) {
    let Some((user, name)) = named.id().zip(request.new_name.text) else {
        return open(permitted, Effect::None);
    };
    let clause = ClauseId::RenameKeepsDevice;
    permitted.push(Transition::success(Expect::Success, Effect::RenameUser(user, name.into()), &[clause]));
    let loosely = Update::EffectAnd(Effect::RenameUser(user, name.into()), LeftOpen::OwnersOf(user));
    permitted.push(Transition::success(Expect::Success, loosely, &[clause]).departing_from(clause));
    permitted.push(Transition::error(ErrorCodes::CLIENT, &[]).doubtful());
    if matches!((named, state.find_user(name)), (Lookup::Perhaps(_), Lookup::Absent)) {
        // An attempt whose answer told nothing may have been carried out.
        let gone = Transition {
            update: Effect::RenameUser(user, name.into()).into(),
            ..Transition::error(NO_SUCH_ENTITY, &[clause])
        };
        permitted.push(gone.doubtful());
    }
}

fn delete_user(permitted: &mut Permitted, state: &State, named: Lookup<UserId>) {
    let Lookup::Present(id) = named else {
        let effect = named.id().map_or(Effect::None, Effect::RemoveUser);
        return open(permitted, effect);
    };
    let clause = ClauseId::DeleteUserRequiresDeactivation;
    let has_device = state.user(id).is_some_and(|user| !user.has_no_device());
    if has_device {
        permitted.push(Transition::error(CONFLICT, &[clause]));
        let others = ErrorCodes::CLIENT.without(ErrorCode::DeleteConflict);
        permitted.push(Transition::error(others, &[clause]).departing_from(ClauseId::DeleteUserCode));
        permitted.tested.push((clause, Side::Reject));
        return;
    }
    permitted.push(Transition::success(Expect::Success, Effect::RemoveUser(id), &[clause]));
    let may_have_device = state.unknown_owners().len() > 0;
    let has_key = state.user(id).is_some_and(|user| user.keys().next().is_some());
    if may_have_device || has_key || !state.knows_keys_of(id) {
        permitted.push(Transition::error(ErrorCodes::CLIENT, &[]).doubtful());
    } else {
        permitted.tested.push((clause, Side::Accept));
    }
}

fn delete_device(permitted: &mut Permitted, state: &State, request: &Support<'_>) {
    let found = request.serial_number.text.map_or(Lookup::Absent, |serial| state.find_device(serial));
    let Some(id) = found.id() else { return open(permitted, Effect::None) };
    if !matches!(state.owner(id), Fact::Known(Some(_))) {
        if matches!(found, Lookup::Perhaps(_)) {
            permitted.push(
                Transition { update: Effect::RemoveDevice(id).into(), ..Transition::error(NO_SUCH_ENTITY, &[]) }
                    .doubtful(),
            );
            permitted.push(Transition::success(Expect::Success, Effect::RemoveDevice(id), &[]));
            permitted.push(Transition::error(ErrorCodes::CLIENT.without(ErrorCode::NoSuchEntity), &[]).doubtful());
            return;
        }
        if state.was_ever_owned(id) {
            permitted.tested.push((ClauseId::DeleteVirtualDeviceAttached, Side::Accept));
        }
        return open(permitted, Effect::RemoveDevice(id));
    }
    let attached = ClauseId::DeleteVirtualDeviceAttached;
    permitted.tested.push((attached, Side::Reject));
    permitted.push(Transition::error(CONFLICT, &[attached]));
    let frees = [attached, ClauseId::DeleteVirtualDeviceFreesUser];
    permitted.push(Transition::success(Expect::Success, Effect::RemoveDevice(id), &frees).departing_from(attached));
    let others = ErrorCodes::CLIENT.without(ErrorCode::DeleteConflict);
    permitted.push(Transition::error(others, &[attached]).departing_from(attached));
}

fn list_devices(permitted: &mut Permitted, named: Lookup<UserId>) {
    match named {
        Lookup::Absent => open(permitted, Effect::None),
        Lookup::Present(user) => {
            permitted.push(Transition::success(Expect::DevicesOf(user), Update::NONE, &[]));
        }
        Lookup::Perhaps(user) => {
            permitted.push(Transition::success(Expect::DevicesOf(user), Update::NONE, &[]));
            let gone = Transition::error(NO_SUCH_ENTITY, &[]);
            permitted.push(Transition { update: Update::Gone(Entity::User(user)), ..gone });
        }
    }
}

fn list_virtual_devices(permitted: &mut Permitted, request: &Support<'_>) {
    let assignment = match request.assignment_status {
        None | Some("Any") => Assignment::Any,
        Some("Assigned") => Assignment::Assigned,
        Some("Unassigned") => Assignment::Unassigned,
        Some(_) => return open(permitted, Effect::None),
    };
    let clause = ClauseId::ListAssignmentStatus;
    let listing = |assignment, clauses: &[ClauseId]| {
        Transition::success(Expect::VirtualDevices(assignment), Update::NONE, clauses)
    };
    if assignment == Assignment::Any {
        permitted.push(listing(assignment, &[]));
    } else {
        permitted.push(listing(assignment, &[clause]));
        permitted.tested.push((clause, Side::Accept));
    }
    // No clause says that the account's devices can be listed; what a listing shows is judged.
    permitted.push(Transition::error(ErrorCodes::CLIENT, &[]).doubtful());
}
