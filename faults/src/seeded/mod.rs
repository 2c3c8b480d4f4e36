//! The faults, by what they get wrong.
//!
//! - `codes`, `fresh`: which wrong pairs are taken, which right ones are not
//! - `enable`, `resync`, `deactivate`: who has which device afterwards
//! - `listing`, `beside`: what is listed, and what goes on beside the call
//! - `naming`: what a name stands for
//! - `support`: creating, renaming and deleting
//! - `support_replies`: what replies that set up and observe lack
//! - `histories`: who and what comes back or is renamed
//! - `likeness`: what is like the right thing
//! - `errors`, `failures`: which error answers what, and which must not
//! - `reply`: what replies look like; `reply_forms`: other forms that several faults write
//! - `request`, `connection`: how requests are read, alone and one after another
//! - `parameters`: the constraints of each parameter, made from a table
//! - `hidden`, `unseen`: what a service does behind a failure, a wait, a limit or another call
//! - `trouble`: no reply, broken connections, and failures that never pass
//! - `inputs`: what shows only with an input, at an instant or by a connection that is seldom tried
//! - `late`: faults from the time after the generators and the oracle were finished
//! - `late2`: faults whose author knew neither
//! - `late3`: more of the same, seeded when the former were found
//! - `late4`: more again, by another stranger
//! - `late5`: and by one more
//! - `late6`: and by yet another
//! - `late7`: and by another one still
//! - `late8`: and by one who knew the documents alone
//! - `late9`: and by one more such stranger
//! - `sdk_replies`: what official SDKs cannot read
//! - `unused_codes`: wrong codes that are taken as long as they are unused
//! - `names_and_listings`: names that are cut, keys that are forgotten, and listings that show what did not happen
//! - `blind`, `blind2`: and by one who was blind to the judge
//! - `blind3`: and by another who was

pub(super) mod beside;
pub(super) mod blind;
pub(super) mod blind2;
pub(super) mod blind3;
pub(super) mod codes;
pub(super) mod connection;
pub(super) mod deactivate;
pub(super) mod enable;
pub(super) mod errors;
pub(super) mod failures;
pub(super) mod fresh;
pub(super) mod hidden;
pub(super) mod histories;
pub(super) mod inputs;
pub(super) mod late;
pub(super) mod late2;
pub(super) mod late3;
pub(super) mod late4;
pub(super) mod late5;
pub(super) mod late6;
pub(super) mod late7;
pub(super) mod late8;
pub(super) mod late9;
pub(super) mod likeness;
pub(super) mod listing;
pub(super) mod names_and_listings;
pub(super) mod naming;
pub(super) mod parameters;
pub(super) mod reply;
pub(super) mod reply_forms;
pub(super) mod request;
pub(super) mod resync;
pub(super) mod sdk_replies;
pub(super) mod support;
pub(super) mod support_replies;
pub(super) mod trouble;
pub(super) mod unseen;
pub(super) mod unused_codes;
