//! The tests of the workspace, and which clauses they name.
//!
//! A test names a clause if its body contains the clause: as its id, or as the variant of [`ClauseId`]. rustfmt formats
//! the sources, so a function ends at the brace below its first letter.

use std::path::{Path, PathBuf};

use mfa_reference::clause::ClauseId;

/// The folders with tests, relative to the workspace.
const FOLDERS: [&str; 6] =
    ["faults/src", "faults/tests", "harness/src", "harness/tests", "reference/src", "reference/tests"];

/// The folder whose tests name clauses only as examples: the tests of the coverage itself.
const EXAMPLES: &str = "faults/src/coverage/";

/// A test of the workspace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Test {
    /// Its file, relative to the workspace.
    pub file: String,
    /// The name of its function.
    pub name: String,
    body: Body,
}

impl Test {
    /// Whether the test names a clause.
    #[must_use]
    pub fn names(&self, clause: ClauseId) -> bool {
        self.body.text_names(&clause.to_string()) || self.body.code_names(&format!("{clause:?}"))
    }
}

/// Why the tests could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The folder isn't the workspace's.
    #[error("{} is not there: run this in the folder of the repository, or name that with --sources", .0.display())]
    NoWorkspace(PathBuf),
    /// A file or a folder can't be read.
    #[error("{} can't be read: {problem}", file.display())]
    Unreadable {
        /// The file or folder.
        file: PathBuf,
        /// The system's error.
        problem: std::io::Error,
    },
}

/// Reads the tests of a workspace, in the order of their files.
///
/// # Errors
/// The folder isn't a workspace of this program, or something in it can't be read.
pub fn read_tests(workspace: &Path) -> Result<Vec<Test>, SourceError> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        let path = workspace.join(folder);
        if !path.is_dir() {
            return Err(SourceError::NoWorkspace(path));
        }
        collect(&path, &mut files)?;
    }
    files.sort();
    let mut tests = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).map_err(|problem| unreadable(&file, problem))?;
        let below = file.strip_prefix(workspace).unwrap_or(&file);
        let name = below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
        if !name.starts_with(EXAMPLES) {
            tests.extend(tests_of(&name, &text));
        }
    }
    Ok(tests)
}

fn unreadable(file: &Path, problem: std::io::Error) -> SourceError {
    SourceError::Unreadable { file: file.to_owned(), problem }
}

/// The Rust files below a folder.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), SourceError> {
    for entry in std::fs::read_dir(folder).map_err(|problem| unreadable(folder, problem))? {
        let path = entry.map_err(|problem| unreadable(folder, problem))?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The tests of a file.
fn tests_of(file: &str, text: &str) -> Vec<Test> {
    let mut tests = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !matches!(line.trim(), "#[test]" | "#[tokio::test]") {
            continue;
        }
        let Some(head) = lines.by_ref().find(|line| !line.trim_start().starts_with(['#', '/'])) else { break };
        let Some((_, rest)) = head.split_once("fn ") else { continue };
        let name = rest.split(['(', '<']).next().unwrap_or_default().to_owned();
        let end = format!("{}}}", head.split(|letter: char| !letter.is_whitespace()).next().unwrap_or_default());
        let body: Vec<&str> = std::iter::once(head).chain(lines.by_ref().take_while(|line| *line != end)).collect();
        tests.push(Test { file: file.to_owned(), name, body: Body::new(&body.join("\n")) });
    }
    tests
}

/// The body of a test.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Body {
    text: String,
    /// The text without spaces, and without the paths before `::`.
    code: String,
}

impl Body {
    fn new(text: &str) -> Self {
        let mut code = String::with_capacity(text.len());
        for letter in text.chars().filter(|letter| !letter.is_whitespace()) {
            code.push(letter);
            if code.ends_with("::") {
                let path = code.trim_end_matches("::").trim_end_matches(is_word).len();
                code.truncate(path);
                code.push_str("::");
            }
        }
        Self { text: text.to_owned(), code }
    }

    fn text_names(&self, id: &str) -> bool {
        let of_id = |letter: char| is_word(letter) || matches!(letter, '-' | '.');
        stands_alone(&self.text, id, of_id)
    }

    /// Whether the code contains a value of [`ClauseId`], in its `Debug` form.
    fn code_names(&self, value: &str) -> bool {
        let mut path = String::with_capacity(value.len() + 6);
        for letter in value.chars().filter(|letter| !letter.is_whitespace()) {
            if is_word(letter) && !path.ends_with(is_word) {
                path.push_str("::");
            }
            path.push(letter);
        }
        stands_alone(&self.code, &path, is_word)
    }
}

const fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// Whether a text contains another one as a whole word.
fn stands_alone(text: &str, part: &str, of_word: impl Fn(char) -> bool) -> bool {
    text.match_indices(part).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + part.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(&of_word) && !after.is_some_and(&of_word)
    })
}

#[cfg(test)]
mod tests {
    use mfa_reference::ErrorCode;
    use mfa_reference::clause::{Aspect, Parameter};

    use super::*;

    const FILE: &str = r#"
mod tests {
    fn helper() {
        ClauseId::WireGet;
    }

    #[test]
    fn first() {
        if true {
            look(C::EnableAssociates, "enable.code2.subsequent");
        }
    }

    #[tokio::test]
    #[expect(some, reason = "it is so")]
    async fn second() {
        ClauseId::Parameter(
            Parameter::EnableCode1, Aspect::Pattern);
        let message = "wire.error.status.NoSuchEntity";
    }
}
"#;

    fn named(name: &str) -> Vec<String> {
        let tests = tests_of("x.rs", FILE);
        let test = tests.iter().find(|test| test.name == name).unwrap();
        ClauseId::all().filter(|clause| test.names(*clause)).map(|clause| clause.to_string()).collect()
    }

    #[test]
    fn a_test_names_what_stands_in_its_body_and_nothing_else() {
        let names: Vec<String> = tests_of("x.rs", FILE).into_iter().map(|test| test.name).collect();
        assert_eq!(names, ["first", "second"]);
        assert_eq!(
            named("first"),
            ["enable.code2.subsequent", "enable.associates"].map(String::from).into_iter().rev().collect::<Vec<_>>()
        );
        assert_eq!(named("second"), ["enable.code1.pattern", "wire.error.status.NoSuchEntity"]);
    }

    #[test]
    fn an_id_within_a_longer_one_is_not_named() {
        let body = Body::new("\"enable.user-name.pattern.non-ascii\", ClauseId::EnableDeviceExistsCode");
        assert!(body.text_names("enable.user-name.pattern.non-ascii") && !body.text_names("enable.user-name.pattern"));
        assert!(body.code_names("EnableDeviceExistsCode") && !body.code_names("EnableDeviceExists"));
    }

    #[test]
    fn every_clause_is_found_as_the_code_that_stands_for_it() {
        let written = Body::new("ClauseId::ErrorStatus(E::Throttling), mfa_reference::clause::ClauseId::WireGet");
        assert!(written.code_names(&format!("{:?}", ClauseId::ErrorStatus(ErrorCode::Throttling))));
        assert!(written.code_names(&format!("{:?}", ClauseId::WireGet)));
        let parameter = ClauseId::Parameter(Parameter::EnableCode1, Aspect::Pattern);
        assert!(!written.code_names(&format!("{parameter:?}")));
    }

    #[test]
    fn another_folder_is_refused_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = read_tests(folder.path()).unwrap_err().to_string();
        assert!(refusal.contains("faults/src") && refusal.contains("--sources"), "{refusal}");
    }

    #[test]
    fn the_tests_of_this_workspace_are_read() {
        let workspace = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let tests = read_tests(workspace).unwrap();
        let known = tests.iter().find(|test| test.name == "an_unknown_parameter_may_be_refused_as_a_departure");
        let known = known.unwrap();
        assert_eq!(known.file, "reference/src/permitted/form.rs");
        assert!(known.names(ClauseId::WireUnknownParameter) && !known.names(ClauseId::WireDuplicateParameter));
        assert!(tests.len() > 300, "{}", tests.len());
    }
}
