//! How many devices a user and an account may have (`enable.limit`, `enable.limit.quota`).

use mfa_reference::clause::Side;

use super::enable::{CARRIED_OUT, ENABLE, FRESH, fresh};
use super::stage::{Stage, set};

const CARRIED_OUT_BEYOND: &str = "success from enable.limit.quota";

#[test]
fn a_limit_is_told_of_only_where_no_more_devices_were_seen() {
    let quota = "enable.limit.quota".to_owned();
    let strictly = "may LimitExceeded by enable.limit from enable.limit.quota";
    for devices in [1, 6, 7] {
        let judged = fresh(&Stage::new().with_devices("anna", devices));
        assert_eq!(judged.answers(), set(&[CARRIED_OUT, strictly]), "{devices}");
        let accepted = judged.tested(Side::Accept);
        assert_eq!(accepted.contains(&quota), devices == 7, "{devices}");
        assert!(!accepted.contains("enable.limit") && judged.open().is_empty(), "{devices}");
    }
    for devices in [8, 9] {
        let judged = fresh(&Stage::new().with_devices("anna", devices));
        let departing = format!("{CARRIED_OUT_BEYOND}; phone of anna");
        assert_eq!(judged.answers(), set(&[&departing, "must LimitExceeded by enable.limit"]), "{devices}");
        assert_eq!(judged.tested(Side::Reject), set(&["enable.limit.quota"]), "{devices}");
        // Another user has none.
        let other = Stage::new().with_devices("anna", devices).pair(ENABLE, "bert", "phone", FRESH);
        assert_eq!(other.answers(), set(&["success; phone of bert"]), "{devices}");
        assert!(other.tested(Side::Accept).contains("enable.limit"), "{devices}");
        assert!(!other.tested(Side::Accept).contains(&quota), "{devices}");
    }
    let perhaps = fresh(&Stage::new().of_anybody("watch"));
    assert_eq!(perhaps.answers(), set(&[CARRIED_OUT, "may LimitExceeded by enable.limit"]));
    let elsewhere = fresh(&Stage::new().beside_others());
    assert_eq!(elsewhere.answers(), set(&[CARRIED_OUT, strictly]));
}
