//! The list of known gaps, a TOML file.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use mfa_reference::clause::{ClauseId, UnknownClause};
use mfa_reference::{Millis, Operation};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// Known gaps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownGaps {
    /// The gaps, in the order of the file.
    #[serde(default, rename = "gap")]
    pub gaps: Vec<Gap>,
}

/// One known gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The clause that is broken: `enable.codes-recognised`.
    #[serde(deserialize_with = "clause")]
    #[schemars(with = "String")]
    pub clause: ClauseId,
    /// The operation that is called: `EnableMFADevice`.
    pub operation: String,
    /// How it shows: the finding's `observed_class` in the JSON report.
    pub shows: String,
    /// Why it is let pass.
    pub reason: String,
    /// Where it is followed up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Since when it is known.
    pub since: Day,
    /// The last day on which it is let pass; left out, there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Day>,
}

/// A day of the calendar, as `2026-11-22`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Day(#[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))] String);

/// What is wrong with a list of known gaps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GapsError {
    /// The file is not a list of known gaps.
    #[error("{file}: {problem}. `mfa-conformance schema known-gaps` describes the format")]
    Format {
        /// The file.
        file: String,
        /// What is wrong, with the place.
        problem: String,
    },
    /// One of its entries is wrong.
    #[error("{file}: gap {number}: {problem}")]
    Entry {
        /// The file.
        file: String,
        /// Which, from 1.
        number: usize,
        /// What is wrong with it, and what to do.
        problem: String,
    },
}

impl KnownGaps {
    /// Reads a list. `file` names it in errors.
    ///
    /// # Errors
    /// The text isn't a list of known gaps, or an entry has no clause, operation or reason, or is a duplicate.
    pub fn read(file: &str, text: &str) -> Result<Self, GapsError> {
        let format = |error: toml::de::Error| {
            let line = error.span().map_or(1, |span| 1 + text.get(..span.start).unwrap_or(text).matches('\n').count());
            let given = error.span().and_then(|span| text.get(span)).unwrap_or_default();
            let problem = match given.parse::<Day>() {
                Ok(Day(day)) => format!("line {line}: a day is written in quotes, as \"{day}\""),
                Err(_) => format!("line {line}: {}", error.message()),
            };
            GapsError::Format { file: file.to_owned(), problem }
        };
        let gaps: Self = toml::from_str(text).map_err(format)?;
        let mut seen = BTreeSet::new();
        for (number, gap) in (1..).zip(&gaps.gaps) {
            let problem = match gap.check() {
                Err(problem) => problem,
                Ok(()) if seen.insert(gap.key()) => continue,
                Ok(()) => "it is there already: leave one of the two out".to_owned(),
            };
            return Err(GapsError::Entry { file: file.to_owned(), number, problem });
        }
        Ok(gaps)
    }
}

impl Gap {
    /// The identity of the gap.
    #[must_use]
    pub fn key(&self) -> (ClauseId, &str, &str) {
        (self.clause, &self.operation, &self.shows)
    }

    /// Whether its last day is over.
    #[must_use]
    pub fn is_expired(&self, today: &Day) -> bool {
        self.expires.as_ref().is_some_and(|expires| expires.is_before(today))
    }

    fn check(&self) -> Result<(), String> {
        if Operation::from_name(&self.operation).is_none() {
            return Err(format!("no operation is called {:?}: write it as the finding does", self.operation));
        }
        if self.reason.trim().is_empty() {
            return Err("it has no reason: say why it is let pass".to_owned());
        }
        Ok(())
    }
}

/// A person wrote it: the error says where the ids stand.
fn clause<'de, D: Deserializer<'de>>(from: D) -> Result<ClauseId, D::Error> {
    let known = String::deserialize(from)?.parse();
    known.map_err(|error: UnknownClause| {
        D::Error::custom(format!("{error}. `mfa-conformance clauses list` has them all"))
    })
}

impl Day {
    /// Whether the day is before `today`.
    #[must_use]
    pub fn is_before(&self, today: &Self) -> bool {
        self < today
    }

    /// The day of an instant, in UTC.
    #[must_use]
    pub fn of(at: Millis) -> Self {
        let date = time::OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
        Self(format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day()))
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |from: usize, to: usize| {
            let digits = text.get(from..to).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
            digits.and_then(|digits| digits.parse::<u16>().ok())
        };
        let parts = (text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-"))
            .then(|| Some((number(0, 4)?, number(5, 7)?, number(8, 10)?)))
            .flatten();
        let exists = |(year, month, day): (u16, u16, u16)| {
            let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
            time::Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()
        };
        match parts.and_then(exists) {
            Some(_) => Ok(Self(text.to_owned())),
            None => Err(format!("{text:?} is not a day: write it as \"2026-11-22\"")),
        }
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The JSON Schema of the list, for editors of TOML.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(KnownGaps)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: &str = r#"
[[gap]]
clause = "enable.codes-recognised"
operation = "EnableMFADevice"
shows = "success"
reason = "codes are not checked yet"
since = "2026-11-22"
"#;

    #[test]
    fn a_list_is_read_with_its_dates() {
        let gaps = KnownGaps::read("gaps.toml", &format!("{GAP}expires = \"2027-01-31\"\n")).unwrap();
        let today = |text: &str| text.parse::<Day>().unwrap();
        assert!(!gaps.gaps[0].is_expired(&today("2027-01-31")));
        assert!(gaps.gaps[0].is_expired(&today("2027-02-01")));
        assert_eq!(KnownGaps::read("gaps.toml", "").unwrap(), KnownGaps::default());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_a_remedy() {
        let error = |text: &str| KnownGaps::read("gaps.toml", text).unwrap_err().to_string();
        for (text, told) in [
            (GAP.replace("codes-recognised", "codes-recognized"), "line 3: no clause has the id"),
            (GAP.replace("codes-recognised", "codes-recognized"), "did you mean `enable.codes-recognised`"),
            (GAP.replace("codes-recognised", "codes-recognized"), "?. `mfa-conformance clauses list` has them all."),
            (GAP.replace("EnableMFADevice", "EnableMfa"), "gap 1: no operation is called"),
            (GAP.replace("codes are not checked yet", " "), "say why it is let pass"),
            (GAP.replace("2026-11-22", "2026-02-30"), "line 7: \"2026-02-30\" is not a day"),
            (GAP.replace("since", "from"), "line 7: unknown field `from`"),
            (format!("{GAP}{GAP}"), "gap 2: it is there already"),
            ("[[gap".to_owned(), "gaps.toml: line 1"),
        ] {
            assert!(error(&text).contains(told), "{}", error(&text));
        }
    }

    #[test]
    fn a_day_is_that_of_the_calendar() {
        assert_eq!(Day::of(Millis(1_795_305_600_000)).to_string(), "2026-11-22");
        for wrong in ["2026-13-01", "2026-1-01", "20261122", "2026-11-22T00", "abcd-ef-gh", "２０２６-1"] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_schema_is_up_to_date_and_holds_for_a_list() {
        let schema = serde_json::to_value(schema()).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/schemas/known-gaps.schema.json");
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == text, "{path} is out of date: run this test with UPDATE_SCHEMAS=1");
        let value = serde_json::to_value(KnownGaps::read("gaps.toml", GAP).unwrap()).unwrap();
        assert!(jsonschema::is_valid(&schema, &value), "{value:#}");
    }
}
