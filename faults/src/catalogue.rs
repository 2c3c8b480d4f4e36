//! All faults and all variants, by name.

use super::entry::{Fault, Variant};
use super::permitted;
use super::seeded::{
    beside, blind, blind2, blind3, codes, connection, deactivate, enable, errors, failures, fresh, hidden, histories,
    inputs, late, late2, late3, late4, late5, late6, late7, late8, late9, likeness, listing, names_and_listings,
    naming, parameters, reply, request, resync, sdk_replies, support, support_replies, trouble, unseen, unused_codes,
};

/// Every fault.
#[must_use]
pub fn faults() -> Vec<Fault> {
    let tables = [
        codes::FAULTS,
        fresh::FAULTS,
        enable::FAULTS,
        resync::FAULTS,
        deactivate::FAULTS,
        listing::FAULTS,
        beside::FAULTS,
        naming::FAULTS,
        support::FAULTS,
        errors::FAULTS,
        failures::FAULTS,
        reply::FAULTS,
        request::FAULTS,
        connection::FAULTS,
        histories::FAULTS,
        likeness::FAULTS,
        late::shallow::FAULTS,
        late::stateful::FAULTS,
        late::narrow::FAULTS,
        late2::shallow::FAULTS,
        late2::stateful::FAULTS,
        late2::forgetful::FAULTS,
        late2::narrow::FAULTS,
        late3::shallow::FAULTS,
        late3::stateful::FAULTS,
        late3::narrow::FAULTS,
        late4::shallow::FAULTS,
        late4::stateful::FAULTS,
        late4::connection::FAULTS,
        late4::narrow::FAULTS,
        late5::shallow::FAULTS,
        late5::stateful::FAULTS,
        late5::narrow::FAULTS,
        late6::shallow::FAULTS,
        late6::stateful::FAULTS,
        late6::narrow::FAULTS,
        late7::shallow::FAULTS,
        late7::stateful::FAULTS,
        late7::narrow::FAULTS,
        late8::shallow::FAULTS,
        late8::stateful::FAULTS,
        late8::filed::FAULTS,
        late8::narrow::FAULTS,
        late9::shallow::FAULTS,
        late9::stateful::FAULTS,
        late9::records::FAULTS,
        late9::narrow::FAULTS,
    ];
    // The corpora choose faults by their number, so new ones come last.
    let newest = [
        hidden::FAULTS,
        unseen::FAULTS,
        trouble::FAULTS,
        inputs::FAULTS,
        support_replies::FAULTS,
        blind::FAULTS,
        blind2::FAULTS,
        unseen::LATER,
        blind3::FAULTS,
        blind3::stateful::FAULTS,
        blind3::narrow::FAULTS,
        sdk_replies::FAULTS,
        unused_codes::FAULTS,
        names_and_listings::FAULTS,
    ];
    let former = tables.into_iter().flatten().map(Fault::from).chain(parameters::faults());
    former.chain(newest.into_iter().flatten().map(Fault::from)).collect()
}

/// Every variant.
#[must_use]
pub fn variants() -> Vec<Variant> {
    let tables = [
        permitted::codes::VARIANTS,
        permitted::answers::VARIANTS,
        permitted::forms::VARIANTS,
        permitted::account::VARIANTS,
        permitted::trouble::VARIANTS,
        permitted::recorded::VARIANTS,
        permitted::support_replies::VARIANTS,
        permitted::blind::VARIANTS,
        permitted::blind3::VARIANTS,
        permitted::blind3::travel::VARIANTS,
    ];
    tables.into_iter().flatten().map(Variant::from).collect()
}

/// The fault of a name.
///
/// # Errors
/// There is none; the error tells the names that are near.
pub fn fault(name: &str) -> Result<Fault, UnknownName> {
    let all = faults();
    let names: Vec<String> = all.iter().map(|fault| fault.name.to_string()).collect();
    all.into_iter().find(|fault| fault.name == name).ok_or_else(|| UnknownName::of("fault", name, &names))
}

/// The variant of a name.
///
/// # Errors
/// There is none; the error tells the names that are near.
pub fn variant(name: &str) -> Result<Variant, UnknownName> {
    let all = variants();
    let names: Vec<String> = all.iter().map(|variant| variant.name.to_string()).collect();
    all.into_iter().find(|variant| variant.name == name).ok_or_else(|| UnknownName::of("variant", name, &names))
}

/// A name that nothing in the catalogue has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {kind} {name:?}; {near}. `mfa-faults list` prints them all")]
pub struct UnknownName {
    kind: &'static str,
    name: String,
    near: String,
}

impl UnknownName {
    fn of(kind: &'static str, name: &str, names: &[String]) -> Self {
        let words: Vec<&str> = name.split('-').collect();
        let shared = |known: &&String| known.split('-').filter(|word| words.contains(word)).count();
        let nearest = names.iter().max_by_key(shared).filter(|known| shared(known) > 0);
        let near = nearest.map_or_else(|| "no name is near".to_owned(), |known| format!("is it {known:?}?"));
        Self { kind, name: name.to_owned(), near }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mfa_reference::clause::ClauseId;

    use super::*;

    fn is_kebab(name: &str) -> bool {
        let word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        name.split('-').all(word)
    }

    #[test]
    fn each_fault_and_variant_has_a_name_of_its_own_in_kebab_case_and_is_told_in_a_sentence() {
        let faults = faults().into_iter().map(|fault| (fault.name, fault.what));
        let all: Vec<_> = faults.chain(variants().into_iter().map(|variant| (variant.name, variant.what))).collect();
        for (name, what) in &all {
            assert!(is_kebab(name), "{name}");
            assert!(what.ends_with('.'), "{name}: {what}");
        }
        let names: BTreeSet<_> = all.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn a_fault_breaks_what_binds_and_a_variant_departs_from_what_was_recorded() {
        use mfa_reference::clause::Stance;
        for fault in faults() {
            let clauses = std::iter::once(&fault.breaks).chain(fault.also_accepted.iter());
            let open: Vec<&ClauseId> =
                clauses.filter(|clause| clause.stance().is_open() || clause.stance() == Stance::Recorded).collect();
            assert!(open.is_empty(), "{}: {open:?}", fault.name);
            assert!(!fault.also_accepted.contains(&fault.breaks), "{}", fault.name);
        }
        for variant in variants() {
            for clause in variant.departs.iter() {
                assert_eq!(clause.stance(), Stance::Recorded, "{}: {clause}", variant.name);
            }
        }
    }

    #[test]
    fn each_parameter_has_a_fault_on_either_side_of_each_aspect_that_has_both() {
        use mfa_reference::clause::{Aspect, Parameter};
        let faults = faults();
        for parameter in Parameter::ALL {
            for aspect in [Aspect::Required, Aspect::Empty, Aspect::MinLength, Aspect::MaxLength, Aspect::Pattern] {
                let clause = ClauseId::Parameter(parameter, aspect);
                let sides = clause.clause().sides;
                let of = |word: &str| {
                    let ending = |name: &str| name.ends_with(word);
                    faults.iter().filter(|fault| fault.breaks == clause && ending(&fault.name)).count()
                };
                let (taken, refused) = (of("-taken"), of("-refused") + of("-demanded"));
                let fixed = parameter.constraint().min == parameter.constraint().max;
                assert!(taken > 0 || !sides.contains(&mfa_reference::clause::Side::Reject), "{clause}");
                // What refuses six digits refuses every code, which is no edge of the constraint.
                let edge = aspect != Aspect::Required || !parameter.constraint().required;
                let wanted = sides.contains(&mfa_reference::clause::Side::Accept) && edge;
                assert!(refused > 0 || !wanted || (fixed && aspect != Aspect::Pattern), "{clause}");
            }
        }
    }

    #[test]
    fn an_unknown_name_is_told_with_one_that_is_near() {
        let error = fault("enable-codes-uncheckt").unwrap_err().to_string();
        assert!(error.contains("\"enable-") && error.contains("mfa-faults list"), "{error}");
    }
}
