//! Starts and stops small fake targets as real processes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use rustix::process::{Pid, test_kill_process_group};
use tokio::net::TcpStream;

use super::{Binds, Cache, Running, Started, Target, TargetError, Targets};
use crate::clock::Clock;

/// Python's web server as a child of the shell: a group of two processes.
const SERVER: &str = "echo 'the fake serves'; python3 -m http.server \"$1\" --bind 127.0.0.1; exit 9";

/// A target whose program is this shell script. The script receives the port as `$1`.
fn fake(script: &str, entry: &str) -> (tempfile::TempDir, Cache, Target) {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path());
    let text = format!(
        "[[target]]\nname = 'fake'\nversion = '1'\nsummary = 'a fake'\ninstall = {{ pip = 'fake==1' }}\n\
         start = {{ argv = ['{{bin}}/fake', '{{port}}'], env = {{ FAKE_PORT = '{{port}}' }} }}\n\
         binds = 'loopback'\n{entry}\n"
    );
    let target = Targets::parse(&text).unwrap().get("fake").unwrap().clone();
    let bin = target.home(&cache).join("bin");
    fs::create_dir_all(&bin).unwrap();
    fs::write(bin.join("fake"), format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(bin.join("fake"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(target.home(&cache).join(".complete"), "pip fake==1\n").unwrap();
    (folder, cache, target)
}

const READY: &str = "ready = { path = '/', status = 200 }";

fn group(running: &Running) -> Pid {
    Pid::from_raw(running.pid().try_into().unwrap()).unwrap()
}

/// Whether the group is gone. init needs a moment to reap killed processes whose parent is gone too.
async fn is_gone(group: Pid) -> bool {
    for _ in 0..100 {
        if test_kill_process_group(group).is_err() {
            return true;
        }
        Clock::system().wait(Duration::from_millis(20)).await;
    }
    false
}

#[tokio::test]
async fn a_target_starts_answers_and_stops_without_a_trace() {
    let (_folder, cache, target) = fake(SERVER, READY);
    let mut running = target.start(&cache, &Clock::system()).await.unwrap();
    let address = running.endpoint_url().strip_prefix("http://").unwrap().to_owned();
    assert!(address.starts_with("127.0.0.1:") && TcpStream::connect(&address).await.is_ok());
    assert_eq!(running.check(), Ok(()));
    assert_eq!((running.name(), running.version()), ("fake", "1"));
    assert!(fs::read_to_string(running.log()).unwrap().contains("the fake serves"));
    let group = group(&running);
    assert!(running.stop().await, "it ends when asked");
    assert!(is_gone(group).await && TcpStream::connect(&address).await.is_err());
}

#[tokio::test]
async fn a_target_that_died_is_started_again_at_the_same_address() {
    let (_folder, cache, target) = fake(SERVER, READY);
    let started = Started::start(&target, &cache, &Clock::system()).await.unwrap();
    let (url, first) = (started.endpoint_url().to_owned(), started.pid().unwrap());
    rustix::process::kill_process_group(first, rustix::process::Signal::KILL).unwrap();
    started.restart().await.unwrap();
    let second = started.pid().unwrap();
    assert!(first != second && is_gone(first).await);
    assert!(TcpStream::connect(url.strip_prefix("http://").unwrap()).await.is_ok());
    assert!(started.stop().await && started.pid().is_none());
    assert!(is_gone(second).await);
}

#[tokio::test]
async fn a_target_that_is_dropped_is_killed_with_all_that_it_started() {
    let (_folder, cache, target) = fake(SERVER, READY);
    let running = target.start(&cache, &Clock::system()).await.unwrap();
    let group = group(&running);
    drop(running);
    assert!(is_gone(group).await);
}

#[tokio::test]
async fn a_target_that_does_not_end_when_asked_is_killed() {
    let deaf = format!("trap '' TERM; {SERVER}");
    let (_folder, cache, target) = fake(&deaf, &format!("{READY}\nstop = {{ grace_ms = 100 }}"));
    let running = target.start(&cache, &Clock::system()).await.unwrap();
    let group = group(&running);
    assert!(!running.stop().await);
    assert!(is_gone(group).await);
}

#[tokio::test]
async fn a_target_that_ends_at_once_shows_its_last_words() {
    let (_folder, cache, target) = fake("echo 'no module named x' >&2; exit 3", READY);
    let error = target.start(&cache, &Clock::system()).await.unwrap_err().to_string();
    assert!(error.starts_with("fake ended on its own (exit status: 3); the end of its log ("), "{error}");
    assert!(error.ends_with("is:\nno module named x"), "{error}");
}

#[tokio::test]
async fn a_target_that_ends_later_is_noticed() {
    let sign = tempfile::tempdir().unwrap();
    let sign = sign.path().join("end");
    let script = format!("{{ {SERVER}; }} & until [ -d '{}' ]; do sleep 0.05; done; kill $!; exit 5", sign.display());
    let (_folder, cache, target) = fake(&script, READY);
    let mut running = target.start(&cache, &Clock::system()).await.unwrap();
    let group = group(&running);
    std::fs::create_dir_all(sign).unwrap();
    let clock = Clock::system();
    let watch = clock.stopwatch();
    while running.check().is_ok() && watch.elapsed() < Duration::from_secs(20) {
        clock.wait(Duration::from_millis(20)).await;
    }
    let error = running.check().unwrap_err().to_string();
    assert!(error.contains("exit status: 5"), "{error}");
    assert!(is_gone(group).await, "also its server, which the shell left behind");
}

#[tokio::test]
async fn a_target_that_is_never_ready_is_given_up_and_killed() {
    let entry = "ready = { path = '/absent', status = 200, timeout_ms = 8000 }";
    let (_folder, cache, target) = fake(SERVER, entry);
    let error = target.start(&cache, &Clock::system()).await.unwrap_err();
    let TargetError::NotReady { last, waited, .. } = &error else { panic!("{error}") };
    assert!(last.ends_with("/absent answers 404, not 200"), "{error}");
    assert_eq!(*waited, Duration::from_secs(8));
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_target_that_listens_on_every_interface_after_all_is_stopped() {
    let (_folder, cache, target) = fake("exec python3 -m http.server \"$FAKE_PORT\" --bind 0.0.0.0", READY);
    let error = target.start_where(true, None, &cache, &Clock::system()).await.unwrap_err();
    assert!(matches!(error, TargetError::EveryInterface { .. }), "{error}");
}

#[tokio::test]
async fn a_target_that_is_known_to_listen_everywhere_is_refused_with_the_reason() {
    let target = Targets::load().unwrap().get("localemu").unwrap().clone();
    let error = target.start_where(true, None, &Cache::at("/absent"), &Clock::system()).await.unwrap_err().to_string();
    assert!(error.starts_with("localemu is not started here") && error.contains("0.0.0.0"), "{error}");
    assert!(error.contains("unshare"), "{error}");
}

#[tokio::test]
async fn a_target_that_listens_everywhere_is_started_where_there_is_no_network() {
    let (_folder, cache, mut target) = fake("exec python3 -m http.server \"$FAKE_PORT\" --bind 0.0.0.0", READY);
    target.binds = Binds::AllInterfaces;
    let running = target.start_where(false, None, &cache, &Clock::system()).await.unwrap();
    assert!(running.stop().await);
}

#[tokio::test]
async fn a_target_that_is_not_installed_names_the_command_that_installs_it() {
    let (_folder, cache, target) = fake(SERVER, READY);
    fs::remove_file(target.home(&cache).join(".complete")).unwrap();
    let error = target.start(&cache, &Clock::system()).await.unwrap_err();
    assert_eq!(error.to_string(), "fake is not installed; `mfa-conformance targets install fake` does that");
}

#[tokio::test]
async fn a_damaged_installation_says_what_to_remove() {
    let (_folder, cache, target) = fake(SERVER, READY);
    fs::remove_file(target.home(&cache).join("bin/fake")).unwrap();
    let error = target.start(&cache, &Clock::system()).await.unwrap_err().to_string();
    let advice = format!("remove {} and run `mfa-conformance targets install fake`", target.home(&cache).display());
    assert!(error.contains(&advice), "{error}");
}

/// For a run by hand: `cargo test -p mfa-conformance -- --ignored the_light_targets`. The cache is in
/// `MFA_CONFORMANCE_CACHE` or the usual place.
#[tokio::test]
#[ignore = "installs packages from a registry: run by hand; CI installs moto by the program itself (2026-11-22)"]
async fn the_light_targets_install_start_and_stop() {
    let cache = Cache::locate(None, |name| std::env::var_os(name)).unwrap();
    let clock = Clock::system();
    for name in ["moto", "ministack", "roto-aws"] {
        let target = Targets::load().unwrap().get(name).unwrap().clone();
        target.install(&cache, |line| println!("{line}")).await.unwrap();
        let watch = clock.stopwatch();
        let running = target.start(&cache, &clock).await.unwrap();
        println!("{name} is ready after {:?}", watch.elapsed());
        let group = group(&running);
        println!("{name} ends when asked: {}", running.stop().await);
        assert!(is_gone(group).await);
    }
}
