//! Malformed requests: bytes that no SDK sends. No document says how a service reads them, but the documents demand
//! that it answers without failing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Encoded, Method};

/// What is malformed about a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Malformed {
    /// The `Content-Type` of a POST; the usual one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Further headers, by name and value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Changes of the form's bytes, one after another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub damage: Vec<Damage>,
}

/// A change of bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Damage {
    /// Where, counted in bytes from the form's beginning; beyond its end, at its end.
    pub at: usize,
    /// How many bytes are left out there.
    #[serde(default)]
    pub remove: usize,
    /// The bytes that come in their place, in hexadecimal digits.
    #[serde(default)]
    #[schemars(regex(pattern = "^([0-9a-f]{2})*$"))]
    pub insert: String,
    /// How often they come.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: usize,
}

const fn once() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_once(times: &usize) -> bool {
    *times == 1
}

/// The most that a damage makes of a form, in bytes.
const MOST: usize = 1 << 20;

impl Malformed {
    /// Whether nothing is malformed.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.content_type.is_none() && self.headers.is_empty() && self.damage.is_empty()
    }

    /// Makes a request malformed. The query of a GET takes no bytes that a URL can't hold: they are percent-encoded.
    pub fn apply(&self, encoded: &mut Encoded) {
        encoded.content_type.clone_from(&self.content_type);
        encoded.headers.clone_from(&self.headers);
        match encoded.method {
            Method::Post => self.damage(&mut encoded.body),
            Method::Get => {
                let mut bytes = encoded.path_and_query.split_off(encoded.path_and_query.len().min(2)).into_bytes();
                self.damage(&mut bytes);
                for byte in bytes {
                    if byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte) {
                        encoded.path_and_query.push(char::from(byte));
                    } else {
                        encoded.path_and_query.extend([format!("%{byte:02X}")]);
                    }
                }
            }
        }
    }

    fn damage(&self, bytes: &mut Vec<u8>) {
        for damage in &self.damage {
            let at = damage.at.min(bytes.len());
            let end = at.saturating_add(damage.remove).min(bytes.len());
            let insert = data_encoding::HEXLOWER_PERMISSIVE.decode(damage.insert.as_bytes()).unwrap_or_default();
            let times = damage.times.min(MOST.checked_div(insert.len()).unwrap_or_default());
            let after = bytes.split_off(end);
            bytes.truncate(at);
            bytes.extend(insert.repeat(times));
            bytes.extend(after);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(method: Method, text: &str) -> Encoded {
        let (path_and_query, body) = match method {
            Method::Post => ("/".to_owned(), text.as_bytes().to_vec()),
            Method::Get => (format!("/?{text}"), Vec::new()),
        };
        Encoded { method, path_and_query, body, ..Encoded::default() }
    }

    fn damage(at: usize, remove: usize, insert: &str, times: usize) -> Malformed {
        Malformed { damage: vec![Damage { at, remove, insert: insert.to_owned(), times }], ..Malformed::default() }
    }

    #[test]
    fn bytes_are_put_in_place_of_others() {
        let mut post = encoded(Method::Post, "A=1&B=2");
        damage(2, 1, "ff00", 2).apply(&mut post);
        assert_eq!(post.body, b"A=\xff\0\xff\0&B=2");
        damage(99, 5, "25", 1).apply(&mut post);
        assert_eq!(post.body, b"A=\xff\0\xff\0&B=2%");
        let mut get = encoded(Method::Get, "A=1&B=2");
        damage(2, 1, "ff25", 1).apply(&mut get);
        assert_eq!(get.path_and_query, "/?A=%FF%&B=2");
    }

    #[test]
    fn what_is_no_number_inserts_nothing_and_nothing_grows_without_end() {
        let mut post = encoded(Method::Post, "A");
        damage(0, 0, "zz", 3).apply(&mut post);
        assert_eq!(post.body, b"A");
        damage(0, 0, "00", usize::MAX).apply(&mut post);
        assert_eq!(post.body.len(), MOST + 1);
    }
}
