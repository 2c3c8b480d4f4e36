//! The id of a clause in serde's formats: its text.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ClauseId;

impl Serialize for ClauseId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ClauseId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use serde::de::IntoDeserializer as _;
    use serde::de::value::Error;

    use super::*;

    struct Written(ClauseId);

    impl fmt::Display for Written {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.serialize(f)
        }
    }

    fn read(text: &str) -> Result<ClauseId, Error> {
        ClauseId::deserialize(text.into_deserializer())
    }

    #[test]
    fn every_id_is_written_as_its_text_and_read_from_it() {
        for id in ClauseId::all() {
            assert_eq!(Written(id).to_string(), id.to_string());
            assert_eq!(read(&id.to_string()), Ok(id));
        }
    }

    #[test]
    fn an_unknown_id_is_refused_with_the_nearest_one() {
        let refusal = read("enable.fresh-pear").unwrap_err().to_string();
        assert!(refusal.contains("`enable.fresh-pear`; did you mean `enable.fresh-pair`"), "{refusal}");
    }
}
