//! The matrix as JSON, and the schema that describes it: `fixtures/schemas/matrix.schema.json`.

use super::value::Matrix;

/// The matrix as JSON text.
///
/// # Errors
/// Never for a matrix that was built: all of its parts can be serialized.
pub fn json(matrix: &Matrix) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(matrix).map(|text| text + "\n")
}

/// The JSON Schema of the matrix.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Matrix)
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_schema_is_up_to_date_and_holds_for_matrices() {
        let schema = serde_json::to_value(schema()).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/schemas/matrix.schema.json");
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == text, "{path} is out of date: run this test with UPDATE_SCHEMAS=1");
        assert!(json(&samples::matrix()).unwrap().chars().all(|one| one == '\n' || !crate::wire::is_unseen(one)));
        for matrix in [samples::matrix(), samples::hostile()] {
            let mut value: serde_json::Value = serde_json::from_str(&json(&matrix).unwrap()).unwrap();
            assert!(jsonschema::is_valid(&schema, &value), "{value:#}");
            value["groups"][0]["rows"][0]["cells"][0]["state"] = "perhaps".into();
            assert!(!jsonschema::is_valid(&schema, &value));
        }
    }

    #[test]
    fn a_matrix_survives_its_json() {
        let matrix = samples::hostile();
        assert_eq!(serde_json::from_str::<Matrix>(&json(&matrix).unwrap()).unwrap(), matrix);
    }
}
