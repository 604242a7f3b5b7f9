(* SPDX-License-Identifier: MIT *)

let failures = ref 0

let expect what expected found =
  if expected <> found then (
    incr failures;
    Printf.eprintf "FAIL: %s\n" what)

let () =
  let channel = open_in "greetings.tsv" in
  let greetings = Greetings.read channel in
  expect "languages" ["en"; "fr"; "xx"] (List.map fst greetings);
  expect "English" (Some "Hello, Ada!") (Greetings.greet greetings ~language:"en" "Ada");
  expect "French" (Some "Bonjour Ada !") (Greetings.greet greetings ~language:"fr" "Ada");
  expect "no name" (Some "no name") (Greetings.greet greetings ~language:"xx" "Ada");
  expect "unknown" None (Greetings.greet greetings ~language:"zz" "Ada");
  exit !failures
