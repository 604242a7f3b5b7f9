// SPDX-License-Identifier: MIT
//! Greets someone in the language of their choice.

use std::process::ExitCode;

use greet_words::greeting;

fn greet(name: &str, language: &str) -> Option<String> {
    greeting(language).map(|words| words.replace("%s", name))
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let name = match words.next() {
        Some(name) => name,
        None => {
            eprintln!("usage: greet-rust NAME [LANGUAGE]");
            return ExitCode::from(2);
        }
    };
    let language = words.next().unwrap_or_else(|| "en".to_owned());
    match greet(&name, &language) {
        Some(text) => println!("{text}"),
        None => {
            eprintln!("greet-rust: no greeting in {language}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::greet;

    #[test]
    fn a_language_is_chosen() {
        assert_eq!(greet("Ada", "fr").as_deref(), Some("Bonjour Ada !"));
    }

    #[test]
    fn an_unknown_language_has_no_greeting() {
        assert_eq!(greet("Ada", "zz"), None);
    }
}
