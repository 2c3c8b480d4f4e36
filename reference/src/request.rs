//! A request as received, and the same parsed into types or into all that is wrong with it.

/// The parameters of a request, decoded but not yet understood, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawRequest {
    /// Names and values, `Action` and `Version` among them.
    pub parameters: Vec<(String, String)>,
}

impl RawRequest {
    /// The API version of every request.
    pub const VERSION: &'static str = "2010-05-08";

    /// A request for an action, with the right version and these further parameters.
    #[must_use]
    pub fn new(action: &str, parameters: &[(&str, &str)]) -> Self {
        let mut all = Vec::with_capacity(parameters.len() + 2);
        all.push(("Action".to_owned(), action.to_owned()));
        all.push(("Version".to_owned(), Self::VERSION.to_owned()));
        all.extend(parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { parameters: all }
    }

    /// The value of a parameter; of one that came twice, the first (clause `wire.duplicate-parameter`).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
