//! The tables, read once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::de::DeserializeOwned;

use crate::does::service::Does;
use crate::entry::{Fault, Make, Registered, Variant};
use crate::table::problem::TableProblem;
use crate::table::row::{FaultRow, FaultTable, VariantRow, VariantTable};
use crate::table::theme::Theme;
use crate::{permitted, seeded};

/// The tables of the faults, in the order in which the faults are listed.
const SEEDED: [(Theme, &str); 11] = [
    (Theme::Codes, include_str!("../../seeded/codes.toml")),
    (Theme::Association, include_str!("../../seeded/association.toml")),
    (Theme::Listing, include_str!("../../seeded/listing.toml")),
    (Theme::Names, include_str!("../../seeded/names.toml")),
    (Theme::Lifecycle, include_str!("../../seeded/lifecycle.toml")),
    (Theme::Errors, include_str!("../../seeded/errors.toml")),
    (Theme::Replies, include_str!("../../seeded/replies.toml")),
    (Theme::Requests, include_str!("../../seeded/requests.toml")),
    (Theme::Connections, include_str!("../../seeded/connections.toml")),
    (Theme::Overlap, include_str!("../../seeded/overlap.toml")),
    (Theme::Parameters, include_str!("../../seeded/parameters.toml")),
];

/// The tables of the variants.
const PERMITTED: [(Theme, &str); 8] = [
    (Theme::Codes, include_str!("../../permitted/codes.toml")),
    (Theme::Listing, include_str!("../../permitted/listing.toml")),
    (Theme::Lifecycle, include_str!("../../permitted/lifecycle.toml")),
    (Theme::Errors, include_str!("../../permitted/errors.toml")),
    (Theme::Replies, include_str!("../../permitted/replies.toml")),
    (Theme::Requests, include_str!("../../permitted/requests.toml")),
    (Theme::Connections, include_str!("../../permitted/connections.toml")),
    (Theme::Overlap, include_str!("../../permitted/overlap.toml")),
];

/// The faults of all tables.
pub(crate) static FAULTS: LazyLock<Result<Vec<Fault>, TableProblem>> = LazyLock::new(|| {
    let mut faults = Vec::new();
    for (theme, text) in SEEDED {
        let mut registry = Registry::new(format!("seeded/{theme}.toml"), seeded::registry::services(theme));
        let table: FaultTable = registry.parse(text)?;
        for row in table.faults {
            faults.push(fault(row, theme, &mut registry)?);
        }
        registry.finish()?;
    }
    Ok(faults)
});

/// The variants of all tables.
pub(crate) static VARIANTS: LazyLock<Result<Vec<Variant>, TableProblem>> = LazyLock::new(|| {
    let mut variants = Vec::new();
    for (theme, text) in PERMITTED {
        let mut registry = Registry::new(format!("permitted/{theme}.toml"), permitted::registry::services(theme));
        let table: VariantTable = registry.parse(text)?;
        for row in table.variants {
            variants.push(variant(row, theme, &mut registry)?);
        }
        registry.finish()?;
    }
    Ok(variants)
});

fn fault(row: FaultRow, theme: Theme, registry: &mut Registry) -> Result<Fault, TableProblem> {
    let service = registry.make(&row.name, row.does)?;
    Ok(Fault {
        name: row.name.into(),
        theme,
        batch: row.batch,
        what: row.what.into(),
        breaks: row.breaks,
        also_accepted: row.also.into(),
        because: row.because.map(Into::into),
        difficulty: row.difficulty,
        service,
    })
}

fn variant(row: VariantRow, theme: Theme, registry: &mut Registry) -> Result<Variant, TableProblem> {
    let departs = row.all_departs().into();
    let service = registry.make(&row.name, row.does)?;
    let because = row.because.map(Into::into);
    Ok(Variant { name: row.name.into(), theme, batch: row.batch, what: row.what.into(), departs, because, service })
}

/// The services of a theme that no row uses yet.
struct Registry {
    file: String,
    services: BTreeMap<&'static str, Registered>,
}

impl Registry {
    fn new(file: String, services: Vec<Registered>) -> Self {
        Self { file, services: services.into_iter().map(|service| (service.0, service)).collect() }
    }

    fn parse<T: DeserializeOwned>(&self, text: &str) -> Result<T, TableProblem> {
        let unreadable = |problem: toml::de::Error| TableProblem::Unreadable {
            file: self.file.clone(),
            problem: problem.to_string(),
        };
        toml::from_str(text).map_err(unreadable)
    }

    /// The service of a row: the one that the row describes, or the function of its name.
    fn make(&mut self, name: &str, does: Option<Does>) -> Result<Make, TableProblem> {
        let (file, name) = (self.file.clone(), name.to_owned());
        match (does, self.services.remove(name.as_str())) {
            (None, None) => Err(TableProblem::NoService { file, name }),
            (Some(_), Some(_)) => Err(TableProblem::TwoServices { file, name }),
            (None, Some((_, service))) => Ok(Make::new(service)),
            (Some(does), None) => match does.problem() {
                Some(problem) => Err(TableProblem::Does { file, name, problem }),
                None => Ok(Make::new(move || does.service())),
            },
        }
    }

    fn finish(self) -> Result<(), TableProblem> {
        match self.services.into_keys().next() {
            Some(name) => Err(TableProblem::NoRow { file: self.file, name: name.to_owned() }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use mfa_reference::clause::ClauseId;

    use super::*;
    use crate::altered::documented;

    fn read(text: &str) -> Result<Vec<Fault>, TableProblem> {
        let mut registry = Registry::new("a table".to_owned(), vec![("known", documented)]);
        let table: FaultTable = registry.parse(text)?;
        let faults = table.faults.into_iter().map(|row| fault(row, Theme::Codes, &mut registry)).collect();
        registry.finish().and(faults)
    }

    fn row(name: &str, more: &str) -> String {
        let clause = ClauseId::all().next().unwrap();
        format!(
            "[[fault]]\nname = \"{name}\"\nbatch = \"author\"\ndifficulty = \"narrow\"\nwhat = \"It fails.\"\n\
             breaks = \"{clause}\"\n{more}"
        )
    }

    #[test]
    fn every_table_of_the_program_can_be_read() {
        assert_eq!(FAULTS.as_ref().err(), None);
        assert_eq!(VARIANTS.as_ref().err(), None);
    }

    #[test]
    fn a_mistake_in_a_table_is_reported_with_its_place() {
        let known = row("known", "");
        let with = |more: &str| format!("{known}{}", row("other", more));
        for (text, part) in [
            (with(""), "neither `does` nor a service"),
            (
                with("also = [\"enable.fresh-pear\"]\ndoes.answer = { refuse = \"Throttling\" }\n"),
                "no clause has the id",
            ),
            (with("does.answer = { to = \"enroll\", refuse = \"Throttling\" }\n"), "\"enroll\" is not an operation"),
            (with("does.answer = { refuse = \"Throtling\" }\n"), "\"Throtling\" is not an error code"),
            (with("does.answer = { to = \"enable\" }\n"), "neither `refuse` nor `effect`"),
            (with("does.answers = { refuse = \"Throttling\" }\n"), "unknown field `answers`"),
            (row("known", "does.answer = { refuse = \"Throttling\" }\n"), "remove one of them"),
            (row("other", "does.answer = { refuse = \"Throttling\" }\n"), "\"known\" has no row"),
        ] {
            let problem = read(&text).unwrap_err().to_string();
            assert!(problem.contains(part) && problem.contains("a table"), "{problem}");
        }
        assert_eq!(read(&known).unwrap().len(), 1);
    }
}
