//! What a step of the model costs: HMAC apart and with it, and by how many devices there are.
//!
//! A step is asking what is permitted for a request and applying the step that its answer takes. It must cost the same whatever
//! the number of devices: the indices are trees, so the last of a million costs some comparisons more.
#![expect(clippy::expect_used, reason = "a benchmark stops where it can't measure")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mfa_reference::account::Account;
use mfa_reference::belief::State;
use mfa_reference::permitted::permitted;
use mfa_reference::permitted::transition::Answer;
use mfa_reference::service::{Behaviour, Service};
use mfa_reference::totp::Seed;
use mfa_reference::{
    Caller, Constraints, Context, ErrorCode, History, Limits, Millis, Outcome, RawRequest, Request, Search,
    SuccessBody, UserEntry, Window,
};

const NOW: Millis = Millis(1_750_000_000_000);

/// A request and the answer that a conforming service gives.
type Exchange = (RawRequest, Result<SuccessBody, ErrorCode>);

fn user(number: usize) -> String {
    format!("user-{number}")
}

fn serial(number: usize) -> String {
    format!("arn:aws:iam::123456789012:mfa/device-{number}")
}

/// An account with so many devices, and half as many users.
fn state(devices: usize, seed: Option<&Arc<Seed>>) -> State {
    let mut account = Account::default();
    for number in 0..=devices / 2 {
        account.add_user(UserEntry {
            user_name: user(number),
            arn: String::new(),
            user_id: String::new(),
            path: "/".to_owned(),
            create_date: String::new(),
            tags: Vec::new(),
        });
    }
    for number in 0..devices {
        account.add_device(&serial(number), seed.cloned());
    }
    account.into()
}

fn about(action: &str, user: &str, serial: &str, codes: Option<(&str, &str)>) -> RawRequest {
    let mut parameters = vec![("UserName", user), ("SerialNumber", serial)];
    if let Some((first, second)) = codes {
        parameters.extend([("AuthenticationCode1", first), ("AuthenticationCode2", second)]);
    }
    RawRequest::new(action, &parameters)
}

/// A device's life with the rejections that belong to it, for several of an account's devices. What it begins with, it
/// ends with.
fn mix(devices: usize, seed: Option<&Seed>) -> Vec<Exchange> {
    let step = NOW.step();
    let (first, second) = seed.map_or_else(
        || ("000000".to_owned(), "000001".to_owned()),
        |seed| (seed.code(step.plus(-1)).to_string(), seed.code(step).to_string()),
    );
    let codes = Some((first.as_str(), second.as_str()));
    let mut all = Vec::new();
    for number in 0..10 {
        let number = number * devices / 10;
        let (owner, other, serial) = (user(number / 2), user(devices / 2 + 7), serial(number));
        let refused = |code| Err(code);
        all.extend([
            (about("ResyncMFADevice", &owner, &serial, codes), refused(ErrorCode::NoSuchEntity)),
            (about("EnableMFADevice", &other, &serial, codes), refused(ErrorCode::NoSuchEntity)),
            (about("EnableMFADevice", "a user", &serial, codes), refused(ErrorCode::ValidationError)),
            (about("EnableMFADevice", &owner, &serial, codes), Ok(SuccessBody::Empty)),
            (about("EnableMFADevice", &owner, &serial, codes), refused(ErrorCode::EntityAlreadyExists)),
            (about("ResyncMFADevice", &owner, &serial, codes), Ok(SuccessBody::Empty)),
            (about("DeactivateMFADevice", &owner, &serial, None), Ok(SuccessBody::Empty)),
            (about("DeactivateMFADevice", &owner, &serial, None), refused(ErrorCode::NoSuchEntity)),
        ]);
    }
    all
}

/// Asks what is permitted for each request, and applies the first step that the answer matches.
fn play(state: &mut State, mix: &[(Request<'_>, &Result<SuccessBody, ErrorCode>)]) {
    let history = History::default();
    let context = Context {
        window: Window::instant(NOW),
        search: Search::Near,
        history: &history,
        overlapped: false,
        limits: Limits::UNKNOWN,
    };
    for (request, result) in mix {
        let permitted = permitted(state, Caller::Administrator, request, &context);
        let answer = match result {
            Ok(body) => Answer::Success(body),
            Err(code) => Answer::Error(*code),
        };
        let taken = permitted.transitions.iter().find(|step| step.expect.matches(state, answer));
        state.take(taken.expect("a permitted answer"), result.as_ref().ok(), NOW);
    }
}

fn read(mix: &[Exchange]) -> Vec<(Request<'_>, &Result<SuccessBody, ErrorCode>)> {
    let constraints = Constraints::default();
    mix.iter().map(|(raw, result)| (Request::read(raw, &constraints).expect("a known action"), result)).collect()
}

fn steps(criterion: &mut Criterion) {
    let seed = Arc::new(Seed::from_bytes(&[7; 40]));
    let mut group = criterion.benchmark_group("model steps");
    for (name, seed) in [("HMAC apart", None), ("with HMAC", Some(&seed))] {
        let (mut state, mix) = (state(100, seed), mix(100, seed.map(Arc::as_ref)));
        group.throughput(Throughput::Elements(mix.len() as u64));
        let mix = read(&mix);
        group.bench_function(name, |bencher| bencher.iter(|| play(black_box(&mut state), &mix)));
    }
    let exchanges = mix(100, None);
    group.throughput(Throughput::Elements(exchanges.len() as u64));
    group.bench_function("reading requests", |bencher| bencher.iter(|| black_box(read(&exchanges)).len()));
    group.finish();
}

const SIZES: [usize; 3] = [10, 10_000, 1_000_000];

fn steps_by_size(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("model steps by devices");
    for devices in SIZES {
        let (mut state, mix) = (state(devices, None), mix(devices, None));
        group.throughput(Throughput::Elements(mix.len() as u64));
        let mix = read(&mix);
        group.bench_function(BenchmarkId::from_parameter(devices), |bencher| {
            bencher.iter(|| play(black_box(&mut state), &mix));
        });
    }
    group.finish();
}

/// A service with so many devices, of which the first belong to a user each, and what its requests are answered.
fn service(devices: usize) -> (Service, Vec<RawRequest>) {
    let mut service = Service::new(Behaviour::default(), 1);
    let mut answer = |request: &RawRequest| service.answer(request, Caller::Administrator, NOW).1;
    for number in 0..=devices / 2 {
        answer(&RawRequest::new("CreateUser", &[("UserName", &user(number))]));
    }
    let mut requests = Vec::new();
    for number in 0..devices {
        let name = format!("device-{number}");
        let Outcome::Success(SuccessBody::VirtualDevice { serial_number, seed_blob, .. }) =
            answer(&RawRequest::new("CreateVirtualMFADevice", &[("VirtualMFADeviceName", &name)]))
        else {
            continue;
        };
        if number % (devices / 10) != 0 {
            continue;
        }
        let (seed, _) = Seed::from_blob(&seed_blob).expect("a seed of our own");
        let (first, second) = (seed.code(NOW.step().plus(-1)), seed.code(NOW.step()));
        let (owner, codes) = (user(number / 2), Some((first.as_str(), second.as_str())));
        requests.extend([
            about("EnableMFADevice", &owner, &serial_number, codes),
            about("EnableMFADevice", &owner, &serial_number, codes),
            about("ResyncMFADevice", &owner, &serial_number, codes),
            RawRequest::new("ListMFADevices", &[("UserName", &owner)]),
            RawRequest::new("ListVirtualMFADevices", &[("MaxItems", "10")]),
            about("DeactivateMFADevice", &owner, &serial_number, None),
            about("DeactivateMFADevice", &owner, &serial_number, None),
        ]);
    }
    (service, requests)
}

fn answers_by_size(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("service answers by devices");
    for devices in SIZES {
        let (mut service, requests) = service(devices);
        group.throughput(Throughput::Elements(requests.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(devices), |bencher| {
            bencher.iter(|| {
                for request in &requests {
                    black_box(service.answer(request, Caller::Administrator, NOW));
                }
            });
        });
    }
    group.finish();
}

criterion_group!(groups, steps, steps_by_size, answers_by_size);
criterion_main!(groups);
