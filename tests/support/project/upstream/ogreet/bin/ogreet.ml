(* SPDX-License-Identifier: MIT *)

let file =
  Option.value (Sys.getenv_opt "GREET_FILE") ~default:"/usr/share/greet/greetings.tsv"

let () =
  let name, language =
    match Sys.argv with
    | [|_; name|] -> (name, "en")
    | [|_; name; language|] -> (name, language)
    | _ -> prerr_endline "usage: ogreet NAME [LANGUAGE]"; exit 2
  in
  let channel = open_in file in
  let greetings = Greetings.read channel in
  close_in channel;
  match Greetings.greet greetings ~language name with
  | Some text -> print_endline text
  | None -> prerr_endline ("ogreet: no greeting in " ^ language); exit 1
