// SPDX-License-Identifier: MIT
use std::process::Command;

#[test]
fn the_program_greets() {
    let done = Command::new(env!("CARGO_BIN_EXE_greet-rust")).arg("Ada").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stdout), "Hello, Ada!\n");
}
