//! All faults and all variants, by name.

use super::entry::{Fault, Variant};
use super::table::problem::TableProblem;
use super::table::read::{FAULTS, VARIANTS};

/// Every fault.
///
/// # Errors
/// A table can't be used.
pub fn faults() -> Result<Vec<Fault>, TableProblem> {
    FAULTS.clone()
}

/// Every variant.
///
/// # Errors
/// A table can't be used.
pub fn variants() -> Result<Vec<Variant>, TableProblem> {
    VARIANTS.clone()
}

/// The fault of a name.
///
/// # Errors
/// No entry has this name, or a table can't be used.
pub fn fault(name: &str) -> Result<Fault, NotInCatalogue> {
    let all = faults()?;
    let names: Vec<String> = all.iter().map(|fault| fault.name.to_string()).collect();
    all.into_iter().find(|fault| fault.name == name).ok_or_else(|| UnknownName::of("fault", name, &names).into())
}

/// The variant of a name.
///
/// # Errors
/// No entry has this name, or a table can't be used.
pub fn variant(name: &str) -> Result<Variant, NotInCatalogue> {
    let all = variants()?;
    let names: Vec<String> = all.iter().map(|variant| variant.name.to_string()).collect();
    all.into_iter().find(|variant| variant.name == name).ok_or_else(|| UnknownName::of("variant", name, &names).into())
}

/// Why a fault or a variant is unavailable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotInCatalogue {
    /// A table can't be used.
    #[error(transparent)]
    Table(#[from] TableProblem),
    /// Nothing has this name.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
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
        let faults = faults().unwrap().into_iter().map(|fault| (fault.name, fault.what));
        let all: Vec<_> =
            faults.chain(variants().unwrap().into_iter().map(|variant| (variant.name, variant.what))).collect();
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
        for fault in faults().unwrap() {
            let clauses = std::iter::once(&fault.breaks).chain(fault.also_accepted.iter());
            let open: Vec<&ClauseId> =
                clauses.filter(|clause| clause.stance().is_open() || clause.stance() == Stance::Recorded).collect();
            assert!(open.is_empty(), "{}: {open:?}", fault.name);
            assert!(!fault.also_accepted.contains(&fault.breaks), "{}", fault.name);
        }
        for variant in variants().unwrap() {
            for clause in variant.departs.iter() {
                assert_eq!(clause.stance(), Stance::Recorded, "{}: {clause}", variant.name);
            }
        }
    }

    #[test]
    fn each_parameter_has_a_fault_on_either_side_of_each_aspect_that_has_both() {
        use mfa_reference::clause::{Aspect, Parameter};
        let faults = faults().unwrap();
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
                // A service that refuses six digits refuses every code, which is not an edge of the constraint.
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
