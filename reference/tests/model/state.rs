//! States: what updates and observations do to them, and what is found in them.

use mfa_reference::account::Effect;
use mfa_reference::belief::{Entity, Evidence, Fact, LeftOpen, Lookup, State, Update};
use mfa_reference::{DeviceExtras, SuccessBody};

use super::stage::{NOW, Stage, all_devices, changes, devices_of, entry, key, serial, set};

/// The phone is anna's, the token is bert's, the watch is nobody's.
fn stage() -> Stage {
    Stage::new().owned("phone", "anna").owned("token", "bert")
}

fn holds(case: &str, before: &Stage, after: &State, expected: &[&str]) {
    assert_eq!(changes(&before.state, after), set(expected), "{case}");
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
    let leaving = |effect, left_open| Update::EffectAnd(effect, left_open);
    for (update, body, expected) in [
        (Update::NONE, SuccessBody::Empty, &[][..]),
        (Effect::AddUser.into(), SuccessBody::User(entry("carl")), &["carl"]),
        (Effect::AddUser.into(), SuccessBody::Empty, &[]),
        (
            Effect::RenameUser(anna, "Anne".into()).into(),
            SuccessBody::Empty,
            &["Anne with keys AKIA-anna", "phone of Anne"],
        ),
        (
            leaving(Effect::RenameUser(anna, "Anne".into()), LeftOpen::OwnersOf(anna)),
            SuccessBody::Empty,
            &["Anne with keys AKIA-anna", "phone? of anybody"],
        ),
        (Effect::RemoveUser(bert).into(), SuccessBody::Empty, &["no bert", "token? of anybody"]),
        (Update::Gone(Entity::User(bert)), SuccessBody::Empty, &["no bert", "token? of anybody"]),
        (Effect::AddDevice.into(), made, &["new of nobody"]),
        (Effect::RemoveDevice(phone).into(), SuccessBody::Empty, &["no phone of anna"]),
        (Update::Gone(Entity::Device(phone)), SuccessBody::Empty, &["no phone of anna"]),
        (Effect::Associate(watch, anna).into(), SuccessBody::Empty, &["watch of anna"]),
        (Effect::Associate(phone, bert).into(), SuccessBody::Empty, &["phone of bert"]),
        (Effect::Dissociate(phone).into(), SuccessBody::Empty, &["phone of nobody"]),
        (leaving(Effect::Dissociate(phone), LeftOpen::Existence(phone)), SuccessBody::Empty, &["phone? of nobody"]),
        (Effect::AddKey(bert).into(), key("bert"), &["bert with keys AKIA-bert"]),
        (Effect::AddKey(bert).into(), SuccessBody::Empty, &["bert with keys ?"]),
        (Effect::RemoveKey("AKIA-anna".into()).into(), SuccessBody::Empty, &["anna"]),
        (Effect::RemoveKey("AKIA-none".into()).into(), SuccessBody::Empty, &[]),
    ] {
        let mut after = stage.state.clone();
        after.update(&update, Some(&body), NOW);
        holds(&format!("{update:?}"), &stage, &after, expected);
    }
    for (entity, expected) in [(Entity::User(bert), "bert? with keys ?"), (Entity::Device(watch), "watch? of anybody")]
    {
        holds("forgotten", &stage, &stage.clone().forgotten(entity).state, &[expected]);
    }
    let mut after = stage.clone().perhaps("bert").state;
    after.narrow(Evidence::Exists(bert));
    holds("exists", &stage, &after, &["bert with keys ?"]);
    let mut after = stage.state.clone();
    after.change(&Effect::Associate(watch, anna), None, NOW);
    assert_eq!(after.device(watch).unwrap().enabled_at, NOW);
}

#[test]
fn a_listing_of_a_user_settles_whose_the_devices_are() {
    let stage = stage().perhaps("anna").of_anybody("watch");
    let mut settled = stage.state.clone();
    let anna = stage.user_id("anna");
    settled.narrow(Evidence::DevicesOf(anna, &devices_of(&[("token", "anna"), ("x", "anna")])));
    holds("listed", &stage, &settled, &["anna with keys ?", "phone? of anybody", "token of anna"]);
    let mut unsettled = stage.state.clone();
    unsettled.narrow(Evidence::DevicesOf(anna, &SuccessBody::Empty));
    holds("no listing", &stage, &unsettled, &[]);
    // A device that may be gone isn't, once it is listed.
    let removed = Stage::new().perhaps_removed("phone");
    let mut settled = removed.state.clone();
    settled.narrow(Evidence::DevicesOf(removed.user_id("anna"), &devices_of(&[("phone", "anna")])));
    holds("shown again", &removed, &settled, &["phone of anna"]);
}

#[test]
fn a_listing_of_all_settles_whose_the_listed_devices_are() {
    let stage = stage().perhaps_removed("watch");
    let listing = [("phone", None), ("token", Some("carl")), ("watch", Some("Bert")), ("x", None)];
    let mut settled = stage.state.clone();
    settled.narrow(Evidence::VirtualDevices(&all_devices(&listing)));
    holds("listed", &stage, &settled, &["phone of nobody", "token of anybody", "watch of bert"]);
    let mut unsettled = stage.state.clone();
    unsettled.narrow(Evidence::VirtualDevices(&SuccessBody::Empty));
    holds("no listing", &stage, &unsettled, &[]);
}

#[test]
fn what_is_open_after_everyone_was_listed_is_nobodys() {
    let unsettled = stage().forgotten(Entity::Device(stage().id("watch"))).of_anybody("phone");
    let mut settled = unsettled.state.clone();
    settled.narrow(Evidence::AllUsersListed);
    // Several users were seen to have the phone: that stays open.
    holds("unlisted", &unsettled, &settled, &["watch? of nobody"]);
    assert_eq!(settled.unknown_owners().collect::<Vec<_>>(), [unsettled.id("phone")]);
}

#[test]
fn a_user_who_is_gone_with_devices_leaves_them_open_for_good() {
    let stage = stage();
    let (mut after, phone) = (stage.state.clone(), stage.id("phone"));
    after.narrow(Evidence::GoneWithDevices(stage.user_id("anna")));
    holds("lost", &stage, &after, &["no anna", "phone of anybody"]);
    after.change(&Effect::Associate(phone, stage.user_id("bert")), None, NOW);
    assert_eq!(after.owner(phone), Fact::Unknown);
}

#[test]
fn all_that_is_known_can_be_forgotten() {
    let stage = stage();
    let mut after = stage.state.clone();
    after.forget_all();
    let open = ["anna?", "bert?", "phone? of anybody", "token? of anybody", "watch? of anybody"];
    holds("all", &stage, &after, &open);
    assert_eq!((after.account().assigned_devices(), after.unknown_owners().count()), (0, 3));
}

#[test]
fn users_are_found_without_regard_to_case_and_devices_with_it() {
    let stage = stage().user("Carl");
    for name in ["carl", "CARL", "Carl"] {
        assert_eq!(stage.state.find_user(name), Lookup::Present(stage.user_id("Carl")), "{name}");
    }
    assert_eq!(stage.state.find_user("carla"), Lookup::Absent);
    assert_eq!(stage.state.find_device(&serial("Phone")), Lookup::Absent);
    assert_eq!(stage.state.find_device(&serial("phone")), Lookup::Present(stage.id("phone")));
    let perhaps = stage.clone().perhaps("anna").perhaps_removed("phone");
    assert_eq!(perhaps.state.find_user("anna"), Lookup::Perhaps(stage.user_id("anna")));
    assert_eq!(perhaps.state.find_device(&serial("phone")), Lookup::Perhaps(stage.id("phone")));
    assert_eq!(perhaps.state.find_user("anna").id(), Some(stage.user_id("anna")));
}

#[test]
fn listings_go_on_after_a_name_in_order() {
    let stage = Stage::new().user("Abel");
    let account = stage.state.account();
    let users = |after| account.users_after(after).map(|(_, user)| user.entry.user_name.clone()).collect::<Vec<_>>();
    assert_eq!(users(""), ["Abel", "anna", "bert"]);
    assert_eq!(users("Anna"), ["bert"]);
    assert_eq!(users("zoe"), [""; 0]);
    assert_eq!(account.users().map(|(_, user)| &*user.entry.user_name).collect::<Vec<_>>(), ["Abel", "anna", "bert"]);
    let devices = |after: &str| {
        let names = account.devices_after(after).filter_map(|(_, device)| device.serial_number.rsplit('/').next());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(devices(""), ["phone", "token", "watch"]);
    assert_eq!(devices(&serial("phone")), ["token", "watch"]);
}

#[test]
fn a_name_is_free_again_once_its_user_is_gone_or_renamed() {
    let mut stage = stage().with_key("anna");
    let anna = stage.user_id("anna");
    assert_eq!(stage.state.account().key_owner("AKIA-anna"), Some(anna));
    stage = stage.apply(&Effect::RenameUser(anna, "Carl".into()));
    assert_eq!(stage.state.find_user("anna"), Lookup::Absent);
    assert_eq!(stage.state.find_user("carl"), Lookup::Present(anna));
    assert!(stage.state.had_user("anna") && !stage.state.had_user("carl"));
    stage = stage.deleted("carl");
    assert_eq!(stage.state.find_user("carl"), Lookup::Absent);
    assert_eq!((stage.state.user(anna), stage.state.account().key_owner("AKIA-anna")), (None, None));
    assert!(stage.state.had_user("CARL") && !stage.state.had_user("bert"));
}

#[test]
fn what_is_added_under_a_name_in_use_takes_its_place() {
    let stage = stage();
    let (anna, phone) = (stage.user_id("anna"), stage.id("phone"));
    let again = stage.clone().user("ANNA").device("phone");
    assert_ne!(again.user_id("anna"), anna);
    assert_ne!(again.id("phone"), phone);
    assert_eq!((again.state.user(anna), again.state.device(phone)), (None, None));
    assert_eq!((again.state.account().users().count(), again.state.account().devices_after("").count()), (2, 3));
    assert!(again.state.user(again.user_id("anna")).unwrap().has_no_device());
}

#[test]
fn devices_are_counted_by_owner() {
    let stage = stage().owned("watch", "anna");
    let counts = |stage: &Stage| {
        let of = |name| stage.state.user(stage.user_id(name)).unwrap().device_count();
        (stage.state.account().assigned_devices(), of("anna"), of("bert"))
    };
    assert_eq!(counts(&stage), (3, 2, 1));
    assert_eq!(counts(&stage.clone().owned("watch", "bert")), (3, 1, 2));
    assert_eq!(counts(&stage.clone().deactivated("watch")), (2, 1, 1));
    assert_eq!(counts(&stage.clone().of_anybody("watch")), (2, 1, 1));
    let removed = Effect::RemoveDevice(stage.id("watch"));
    assert_eq!(counts(&stage.clone().of_anybody("phone").apply(&removed)), (1, 0, 1));
    let open = stage.clone().of_anybody("watch").apply(&removed);
    assert_eq!((counts(&open), open.state.unknown_owners().count()), ((2, 1, 1), 0));
    let anna = stage.state.user(stage.user_id("anna")).unwrap();
    assert!(!anna.has_no_device() && anna.devices().eq([stage.id("phone"), stage.id("watch")]));
}
