//! Worlds: what effects do to them, and what is found in them.

use mfa_reference::world::{Effect, Fact, Lookup, World};
use mfa_reference::{DeviceExtras, SuccessBody};

use super::stage::{NOW, Stage, all_devices, changes, devices_of, entry, key, serial, set};

/// The phone is anna's, the token is bert's, the watch is nobody's.
fn stage() -> Stage {
    Stage::new().owned("phone", "anna").owned("token", "bert")
}

fn holds(case: &str, before: &Stage, after: &World, expected: &[&str]) {
    assert_eq!(changes(&before.world, after), set(expected), "{case}");
}

#[test]
fn an_effect_changes_what_it_says_and_nothing_else() {
    let stage = stage().with_key("anna");
    let (anna, bert) = (stage.user_id("anna"), stage.user_id("bert"));
    let (phone, watch) = (stage.id("phone"), stage.id("watch"));
    let made = SuccessBody::VirtualDevice {
        serial_number: serial("new"),
        seed_blob: "none".to_owned(),
        extras: DeviceExtras::default(),
    };
    for (effect, body, expected) in [
        (Effect::None, SuccessBody::Empty, &[][..]),
        (Effect::AddUser, SuccessBody::User(entry("carl")), &["carl"]),
        (Effect::AddUser, SuccessBody::Empty, &[]),
        (Effect::RenameUser(anna, "Anne".into()), SuccessBody::Empty, &["Anne with keys AKIA-anna", "phone of Anne"]),
        (Effect::RemoveUser(bert), SuccessBody::Empty, &["no bert", "token? of anybody"]),
        (Effect::SettleUser(bert, false), SuccessBody::Empty, &["no bert", "token? of anybody"]),
        (Effect::AddDevice, made, &["new of nobody"]),
        (Effect::RemoveDevice(phone), SuccessBody::Empty, &["no phone of anna"]),
        (Effect::Associate(watch, anna), SuccessBody::Empty, &["watch of anna"]),
        (Effect::Associate(phone, bert), SuccessBody::Empty, &["phone of bert"]),
        (Effect::Dissociate(phone), SuccessBody::Empty, &["phone of nobody"]),
        (Effect::DissociateLoosely(phone), SuccessBody::Empty, &["phone? of nobody"]),
        (Effect::AddKey(bert), key("bert"), &["bert with keys AKIA-bert"]),
        (Effect::RemoveKey("AKIA-anna".into()), SuccessBody::Empty, &["anna"]),
        (Effect::RemoveKey("AKIA-none".into()), SuccessBody::Empty, &[]),
        (Effect::Unsettle(Some(bert), None), SuccessBody::Empty, &["bert? with keys ?"]),
        (Effect::Unsettle(None, Some(watch)), SuccessBody::Empty, &["watch? of anybody"]),
        (Effect::SettleUser(bert, true), SuccessBody::Empty, &[]),
    ] {
        let mut after = stage.world.clone();
        after.apply(&effect, Some(&body), NOW);
        holds(&format!("{effect:?}"), &stage, &after, expected);
    }
    let mut after = stage.world.clone();
    after.apply(&Effect::Associate(watch, anna), None, NOW);
    assert_eq!(after.device(watch).unwrap().enabled_at, NOW);
}

#[test]
fn a_listing_of_a_user_settles_whose_the_devices_are() {
    let stage = stage().perhaps("anna").of_anybody("watch");
    let mut settled = stage.world.clone();
    let anna = stage.user_id("anna");
    settled.apply(&Effect::SettleDevicesOf(anna), Some(&devices_of(&[("token", "anna"), ("x", "anna")])), NOW);
    holds("listed", &stage, &settled, &["anna with keys ?", "phone? of anybody", "token of anna"]);
    let mut unsettled = stage.world.clone();
    unsettled.apply(&Effect::SettleDevicesOf(anna), Some(&SuccessBody::Empty), NOW);
    holds("no listing", &stage, &unsettled, &[]);
    // A device that may be gone isn't, once it is listed.
    let removed = Stage::new().perhaps_removed("phone");
    let mut settled = removed.world.clone();
    settled.apply(&Effect::SettleDevicesOf(removed.user_id("anna")), Some(&devices_of(&[("phone", "anna")])), NOW);
    holds("shown again", &removed, &settled, &["phone of anna"]);
}

#[test]
fn a_listing_of_all_settles_whose_the_listed_devices_are() {
    let stage = stage().perhaps_removed("watch");
    let listing = [("phone", None), ("token", Some("carl")), ("watch", Some("Bert")), ("x", None)];
    let mut settled = stage.world.clone();
    settled.apply(&Effect::SettleVirtualDevices, Some(&all_devices(&listing)), NOW);
    holds("listed", &stage, &settled, &["phone of nobody", "token of anybody", "watch of bert"]);
    let mut unsettled = stage.world.clone();
    unsettled.apply(&Effect::SettleVirtualDevices, Some(&SuccessBody::Empty), NOW);
    holds("no listing", &stage, &unsettled, &[]);
}

#[test]
fn what_is_open_after_everyone_was_listed_is_nobodys() {
    let unsettled = stage().apply(&Effect::Unsettle(None, Some(stage().id("watch")))).of_anybody("phone");
    let mut settled = unsettled.world.clone();
    settled.settle_unlisted();
    // Several users were seen to have the phone: that stays open.
    holds("unlisted", &unsettled, &settled, &["watch? of nobody"]);
    assert_eq!(settled.unsettled().collect::<Vec<_>>(), [unsettled.id("phone")]);
}

#[test]
fn a_user_who_is_gone_with_devices_leaves_them_open_for_good() {
    let stage = stage();
    let (mut after, phone) = (stage.world.clone(), stage.id("phone"));
    after.lose_user(stage.user_id("anna"));
    holds("lost", &stage, &after, &["no anna", "phone of anybody"]);
    after.apply(&Effect::Associate(phone, stage.user_id("bert")), None, NOW);
    assert_eq!(after.device(phone).unwrap().owner, Fact::Unknown);
}

#[test]
fn all_that_is_known_can_be_forgotten() {
    let stage = stage();
    let mut after = stage.world.clone();
    after.unsettle_all();
    let open = ["anna?", "bert?", "phone? of anybody", "token? of anybody", "watch? of anybody"];
    holds("all", &stage, &after, &open);
    assert_eq!((after.assigned_devices(), after.unsettled().count()), (0, 3));
}

#[test]
fn users_are_found_without_regard_to_case_and_devices_with_it() {
    let stage = stage().user("Carl");
    for name in ["carl", "CARL", "Carl"] {
        assert_eq!(stage.world.find_user(name), Lookup::Present(stage.user_id("Carl")), "{name}");
    }
    assert_eq!(stage.world.find_user("carla"), Lookup::Absent);
    assert_eq!(stage.world.find_device(&serial("Phone")), Lookup::Absent);
    assert_eq!(stage.world.find_device(&serial("phone")), Lookup::Present(stage.id("phone")));
    let perhaps = stage.clone().perhaps("anna").perhaps_removed("phone");
    assert_eq!(perhaps.world.find_user("anna"), Lookup::Perhaps(stage.user_id("anna")));
    assert_eq!(perhaps.world.find_device(&serial("phone")), Lookup::Perhaps(stage.id("phone")));
    assert_eq!(perhaps.world.find_user("anna").id(), Some(stage.user_id("anna")));
}

#[test]
fn listings_go_on_after_a_name_in_order() {
    let world = Stage::new().user("Abel").world;
    let users = |after| world.users_after(after).map(|(_, user)| user.entry.user_name.clone()).collect::<Vec<_>>();
    assert_eq!(users(""), ["Abel", "anna", "bert"]);
    assert_eq!(users("Anna"), ["bert"]);
    assert_eq!(users("zoe"), [""; 0]);
    assert_eq!(world.users().map(|(_, user)| &*user.entry.user_name).collect::<Vec<_>>(), ["Abel", "anna", "bert"]);
    let devices = |after: &str| {
        let names = world.devices_after(after).filter_map(|(_, device)| device.serial_number.rsplit('/').next());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(devices(""), ["phone", "token", "watch"]);
    assert_eq!(devices(&serial("phone")), ["token", "watch"]);
}

#[test]
fn a_name_is_free_again_once_its_user_is_gone_or_renamed() {
    let mut stage = stage().with_key("anna");
    let anna = stage.user_id("anna");
    assert_eq!(stage.world.key_owner("AKIA-anna"), Some(anna));
    stage = stage.apply(&Effect::RenameUser(anna, "Carl".into()));
    assert_eq!(stage.world.find_user("anna"), Lookup::Absent);
    assert_eq!(stage.world.find_user("carl"), Lookup::Present(anna));
    assert!(stage.world.had_user("anna") && !stage.world.had_user("carl"));
    stage = stage.deleted("carl");
    assert_eq!(stage.world.find_user("carl"), Lookup::Absent);
    assert_eq!((stage.world.user(anna), stage.world.key_owner("AKIA-anna")), (None, None));
    assert!(stage.world.had_user("CARL") && !stage.world.had_user("bert"));
    stage.world.forget_former_users();
    assert!(!stage.world.had_user("carl"));
}

#[test]
fn what_is_added_under_a_name_in_use_takes_its_place() {
    let stage = stage();
    let (anna, phone) = (stage.user_id("anna"), stage.id("phone"));
    let again = stage.clone().user("ANNA").device("phone");
    assert_ne!(again.user_id("anna"), anna);
    assert_ne!(again.id("phone"), phone);
    assert_eq!((again.world.user(anna), again.world.device(phone)), (None, None));
    assert_eq!((again.world.users().count(), again.world.devices_after("").count()), (2, 3));
    assert!(again.world.user(again.user_id("anna")).unwrap().has_no_device());
}

#[test]
fn devices_are_counted_by_owner() {
    let stage = stage().owned("watch", "anna");
    let counts = |stage: &Stage| {
        let of = |name| stage.world.user(stage.user_id(name)).unwrap().device_count();
        (stage.world.assigned_devices(), of("anna"), of("bert"))
    };
    assert_eq!(counts(&stage), (3, 2, 1));
    assert_eq!(counts(&stage.clone().owned("watch", "bert")), (3, 1, 2));
    assert_eq!(counts(&stage.clone().deactivated("watch")), (2, 1, 1));
    assert_eq!(counts(&stage.clone().of_anybody("watch")), (2, 1, 1));
    let removed = Effect::RemoveDevice(stage.id("watch"));
    assert_eq!(counts(&stage.clone().of_anybody("phone").apply(&removed)), (1, 0, 1));
    let open = stage.clone().of_anybody("watch").apply(&removed);
    assert_eq!((counts(&open), open.world.unsettled().count()), ((2, 1, 1), 0));
    let anna = stage.world.user(stage.user_id("anna")).unwrap();
    assert!(!anna.has_no_device() && anna.devices().eq([stage.id("phone"), stage.id("watch")]));
}
