(* SPDX-License-Identifier: MIT *)

let read channel =
  let rec lines found =
    match input_line channel with
    | line -> (
        match String.split_on_char '\t' line with
        | [language; text] -> lines ((language, text) :: found)
        | _ -> lines found)
    | exception End_of_file -> List.rev found
  in
  lines []

let fill text name =
  let rec from index =
    if index + 1 >= String.length text then text
    else if text.[index] = '%' && text.[index + 1] = 's' then
      String.sub text 0 index ^ name
      ^ String.sub text (index + 2) (String.length text - index - 2)
    else from (index + 1)
  in
  from 0

let greet greetings ~language name =
  Option.map (fun text -> fill text name) (List.assoc_opt language greetings)
