//! Reads the keys of a profile from the files of the AWS CLI.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::transport::Credentials;

/// Why a profile can't be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProfileError {
    /// A file can't be read.
    #[error("{}: {error}. --profile reads the profiles of the AWS CLI from it", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        error: std::io::Error,
    },
    /// No file has the profile.
    #[error("no profile {name:?} in {files}; there are: {known}")]
    Unknown {
        /// The profile.
        name: String,
        /// Where it was looked for.
        files: String,
        /// The profiles that there are.
        known: String,
    },
    /// The profile has no keys of its own.
    #[error(
        "the profile {name:?} has no aws_access_key_id and aws_secret_access_key{instead}: only keys that stand in the \
         file are read. `aws configure export-credentials --profile {name} --format env` prints keys for the \
         environment; give --env-credentials then"
    )]
    NoKeys {
        /// The profile.
        name: String,
        /// What it has instead.
        instead: String,
    },
}

/// The settings of each profile.
type Profiles = BTreeMap<String, BTreeMap<String, String>>;

/// The keys of a profile. `variable` reads the environment.
pub(super) fn keys_of(name: &str, variable: impl Fn(&str) -> Option<OsString>) -> Result<Credentials, ProfileError> {
    let files =
        [("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")].map(|(given, usual)| {
            let home = || variable("HOME").map(PathBuf::from).unwrap_or_default().join(".aws").join(usual);
            variable(given).filter(|file| !file.is_empty()).map_or_else(home, PathBuf::from)
        });
    let [config, credentials] = &files;
    let mut profiles = parsed(&text_of(config)?, true);
    // As in the AWS CLI, the file of credentials wins.
    for (profile, settings) in parsed(&text_of(credentials)?, false) {
        profiles.entry(profile).or_default().extend(settings);
    }
    let Some(settings) = profiles.get(name) else {
        let known: Vec<&str> = profiles.keys().map(String::as_str).collect();
        return Err(ProfileError::Unknown {
            name: name.to_owned(),
            files: files.map(|file| file.display().to_string()).join(" and "),
            known: if known.is_empty() { "none".to_owned() } else { known.join(", ") },
        });
    };
    let setting = |key: &str| settings.get(key).filter(|value| !value.is_empty()).cloned();
    let (Some(access_key_id), Some(secret_access_key)) =
        (setting("aws_access_key_id"), setting("aws_secret_access_key"))
    else {
        let other = ["credential_process", "sso_session", "sso_start_url", "role_arn", "login_session"];
        let instead = other.into_iter().find(|key| settings.contains_key(*key));
        let instead = instead.map_or_else(String::new, |key| format!(", but {key}"));
        return Err(ProfileError::NoKeys { name: name.to_owned(), instead });
    };
    Ok(Credentials { access_key_id, secret_access_key, session_token: setting("aws_session_token") })
}

/// A file's text; empty if there is no such file.
fn text_of(file: &PathBuf) -> Result<String, ProfileError> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(ProfileError::Io { file: file.clone(), error }),
    }
}

/// The profiles of a file. In `config` their names follow the word `profile`, and other sections are no profiles.
fn parsed(text: &str, is_config: bool) -> Profiles {
    let mut profiles = Profiles::new();
    let mut profile = None;
    for line in text.lines() {
        let is_nested = line.starts_with([' ', '\t']);
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let section = section.trim();
            let named = section.strip_prefix("profile").filter(|rest| rest.starts_with([' ', '\t'])).map(str::trim);
            let name = if is_config { named.or((section == "default").then_some(section)) } else { Some(section) };
            profile = name.map(|name| name.trim_matches(['"', '\'']).to_owned());
            if let Some(name) = &profile {
                profiles.entry(name.clone()).or_default();
            }
        } else if let (Some(name), Some((key, value)), false) = (&profile, line.split_once('='), is_nested) {
            // A comment begins with a blank, so that a value may have these signs.
            let value = value.split(" #").next().and_then(|value| value.split(" ;").next()).unwrap_or_default();
            let settings = profiles.entry(name.clone()).or_default();
            settings.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    profiles
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "\
# Ours.
[default]
region = eu-west-1
[profile dev]
aws_access_key_id = FROMCONFIG
aws_secret_access_key = of#config  # a comment
s3 =
  aws_access_key_id = nested
[profile sso]
sso_session = work
[sso-session work]
sso_start_url = https://example.com
";
    const CREDENTIALS: &str = "\
[dev]
aws_access_key_id=FROMCREDENTIALS
[ temp ]
AWS_ACCESS_KEY_ID = ASIATEMP
aws_secret_access_key = hush=hush
aws_session_token = tok+en/==
; the end
";

    fn keys(name: &str) -> Result<Credentials, ProfileError> {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".aws");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("config"), CONFIG).unwrap();
        let elsewhere = home.path().join("elsewhere");
        std::fs::write(&elsewhere, CREDENTIALS).unwrap();
        keys_of(name, |variable| match variable {
            "HOME" => Some(home.path().into()),
            "AWS_SHARED_CREDENTIALS_FILE" => Some(elsewhere.clone().into()),
            _ => None,
        })
    }

    #[test]
    fn the_keys_of_a_profile_come_from_both_files_and_credentials_win() {
        let dev = keys("dev").unwrap();
        assert_eq!((dev.access_key_id.as_str(), dev.secret_access_key.as_str()), ("FROMCREDENTIALS", "of#config"));
        assert_eq!(dev.session_token, None);
        let temp = keys("temp").unwrap();
        assert_eq!((temp.access_key_id.as_str(), temp.secret_access_key.as_str()), ("ASIATEMP", "hush=hush"));
        assert_eq!(temp.session_token.as_deref(), Some("tok+en/=="));
    }

    #[test]
    fn a_profile_without_keys_or_a_wrong_name_is_told_with_the_remedy() {
        let error = keys("sso").unwrap_err().to_string();
        assert!(error.contains("but sso_session") && error.contains("export-credentials --profile sso"), "{error}");
        assert!(keys("default").unwrap_err().to_string().contains("has no aws_access_key_id"));
        let error = keys("work").unwrap_err().to_string();
        assert!(error.contains("elsewhere; there are: default, dev, sso, temp"), "{error}");
        let none = keys_of("dev", |_| Some("/nonexistent".into())).unwrap_err().to_string();
        assert!(none.ends_with("there are: none"), "{none}");
    }
}
