//! How many histories of four overlapping calls the oracle judges in a second: calls on one device, so that each of the
//! 24 orders is possible, and no reply decides between them early.
#![expect(clippy::expect_used, reason = "a benchmark stops where it can't measure")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mfa_conformance::oracle::{Observation, Operations, Oracle, OverlappingCall};
use mfa_conformance::transport::HttpReply;
use mfa_conformance::wire::{Observed, Style, read};
use mfa_reference::service::{Behaviour, Service};
use mfa_reference::wire::{Documented, Renderer};
use mfa_reference::{Caller, ErrorCode, Limits, Millis, Operation, Outcome, RawRequest, TimeStep, Window};

const NOW: Millis = Millis(1_750_000_010_000);

fn observed(operation: Operation, outcome: &Outcome, id: &str) -> Observed {
    let response = Documented.render(Some(operation), outcome, id);
    let reply = HttpReply {
        status: response.status,
        content_type: Some(response.content_type.to_string()),
        date: None,
        body: response.body,
        retried: false,
        retry_after: None,
    };
    read(operation, reply)
}

fn observation<'a>(request: &'a RawRequest, operation: Operation, observed: &'a Observed) -> Observation<'a> {
    Observation {
        operation,
        request,
        style: Style::default(),
        caller: None,
        window: Window::instant(NOW),
        carried: &[],
        overlapped: true,
        limits: Limits::UNKNOWN,
        observed,
    }
}

fn judges_histories(criterion: &mut Criterion) {
    let mut service = Service::new(Behaviour::default(), 7);
    let mut oracle = Oracle::new(false, Operations::all());
    let set_up = [
        (Operation::CreateUser, vec![("UserName", "anna")]),
        (Operation::CreateUser, vec![("UserName", "bert")]),
        (Operation::CreateVirtualMfaDevice, vec![("VirtualMFADeviceName", "phone")]),
    ];
    for (index, (operation, parameters)) in set_up.iter().enumerate() {
        let request = RawRequest::new(operation.name(), parameters);
        let (_, outcome) = service.answer(&request, Caller::Administrator, NOW);
        let observed = observed(*operation, &outcome, &index.to_string());
        oracle.judge(&observation(&request, *operation, &observed)).expect("one state");
    }
    let serial = "arn:aws:iam::123456789012:mfa/phone";
    let seed = service.account().find_device(serial).and_then(|id| service.account().device(id)?.seed.clone());
    let seed = seed.expect("the device has a seed");
    let code = |offset: i64| seed.code(TimeStep(NOW.step().0 + offset)).to_string();
    let (first, second) = (code(-1), code(0));
    let enable = |user| {
        let codes = [("AuthenticationCode1", first.as_str()), ("AuthenticationCode2", second.as_str())];
        let mut parameters = vec![("UserName", user), ("SerialNumber", serial)];
        parameters.extend(codes);
        RawRequest::new("EnableMFADevice", &parameters)
    };
    let deactivate = |user| RawRequest::new("DeactivateMFADevice", &[("UserName", user), ("SerialNumber", serial)]);
    let refused = |code| Outcome::Error { code, message: String::new() };
    let done = Outcome::Success(mfa_reference::SuccessBody::Empty);
    let (on, off) = (Operation::EnableMfaDevice, Operation::DeactivateMfaDevice);
    let calls = [
        (on, enable("anna"), done.clone()),
        (on, enable("bert"), refused(ErrorCode::EntityAlreadyExists)),
        (off, deactivate("anna"), refused(ErrorCode::NoSuchEntity)),
        (off, deactivate("bert"), refused(ErrorCode::NoSuchEntity)),
    ];
    let observed: Vec<Observed> = (10..)
        .zip(&calls)
        .map(|(id, (operation, _, outcome))| observed(*operation, outcome, &id.to_string()))
        .collect();
    let history: Vec<OverlappingCall<'_>> = calls
        .iter()
        .zip(&observed)
        .map(|((operation, request, _), observed)| OverlappingCall {
            observation: observation(request, *operation, observed),
            began: Duration::ZERO,
            ended: Duration::from_millis(1),
        })
        .collect();
    let mut group = criterion.benchmark_group("overlap");
    group.throughput(Throughput::Elements(1));
    group.bench_function("a history of four calls", |bencher| {
        bencher.iter_batched(
            || oracle.clone(),
            |mut oracle| black_box(oracle.judge_overlapping(&history, Duration::ZERO)).expect("few states"),
            criterion::BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, judges_histories);
criterion_main!(benches);
