//! The paths of users and devices: which of them AWS takes (clause `create.path`), and the words with which it refuses
//! the others.

/// The greatest length of a path, in characters (`pathType` of the service model).
const LONGEST: usize = 512;

/// Whether a path has the form of `pathType`: a slash, or printable characters of ASCII between two slashes.
fn has_its_form(path: &str) -> bool {
    let inner = path.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    path == "/" || inner.is_some_and(|inner| !inner.is_empty() && inner.bytes().all(|byte| matches!(byte, b'!'..=b'~')))
}

/// Whether a text has the form of `pathPrefixType`: printable characters of ASCII after a slash.
#[must_use]
pub fn is_prefix(text: &str) -> bool {
    text.strip_prefix('/').is_some_and(|rest| rest.bytes().all(|byte| matches!(byte, b'!'..=b'\x7f')))
}

/// What AWS says of a `Path` that it refuses; `None` of one that it takes.
#[must_use]
pub fn problem(path: &str) -> Option<String> {
    problem_of("path", path)
}

/// The same of a path in another member, whose name begins with a small letter.
#[must_use]
pub fn problem_of(member: &str, path: &str) -> Option<String> {
    let detected = |what: &str| {
        Some(format!("1 validation error detected: Value at '{member}' failed to satisfy constraint: {what}"))
    };
    match path.chars().count() {
        0 => detected("Member must have length greater than or equal to 1"),
        length if length > LONGEST => detected(&format!("Member must have length less than or equal to {LONGEST}")),
        _ if has_its_form(path) => None,
        _ => Some(format!(
            "The specified value for {member} is invalid. It must begin and end with / and contain only alphanumeric \
             characters and/or / characters."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_takes_these_paths_and_refuses_those() {
        for path in ["/", "/test-path/", "/test//double/", "/a!~/", "/team/"] {
            assert_eq!(problem(path), None, "{path}");
        }
        for path in ["invalid-path/", "/invalid-path", "//", "/ space/", "/del\u{7f}/", "/é/", "/line\n/", "/line/\n"]
        {
            assert!(problem(path).is_some_and(|text| text.starts_with("The specified value for path")), "{path}");
        }
    }

    #[test]
    fn a_path_has_1_to_512_characters() {
        let long = |length: usize| format!("/{}/", "p".repeat(length - 2));
        assert_eq!(problem(&long(512)), None);
        assert!(problem(&long(513)).unwrap().ends_with("less than or equal to 512"));
        assert!(problem("").unwrap().ends_with("greater than or equal to 1"));
        assert!(problem_of("newPath", &long(513)).unwrap().contains("Value at 'newPath'"));
    }
}
