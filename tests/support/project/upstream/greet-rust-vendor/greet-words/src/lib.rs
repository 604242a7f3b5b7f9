// SPDX-License-Identifier: MIT
//! Words to greet with.

/// The greeting of a language, with `%s` for a name.
pub fn greeting(language: &str) -> Option<&'static str> {
    match language {
        "en" => Some("Hello, %s!"),
        "fr" => Some("Bonjour %s !"),
        _ => None,
    }
}
