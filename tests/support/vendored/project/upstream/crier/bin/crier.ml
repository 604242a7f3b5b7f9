(* SPDX-License-Identifier: Apache-2.0 *)
(* Uses every library that it links, so that each of them has to work. *)
open Sexplib.Std

type call = { words : string list; times : int } [@@deriving sexp]

let number = Angstrom.(take_while1 (function '0' .. '9' -> true | _ -> false) >>| int_of_string)
let strlen = Foreign.foreign "strlen" Ctypes.(string @-> returning int)

let words text = Re.split (Re.compile (Re.rep1 Re.space)) (Astring.String.trim text)

let chars text =
  let decoder = Uutf.decoder (`String text) in
  let rec count n =
    match Uutf.decode decoder with `Uchar _ -> count (n + 1) | `End -> n | _ -> count n
  in
  count 0

let tag text =
  let input = Xmlm.make_input (`String (0, text)) in
  ignore (Xmlm.input input);
  match Xmlm.input input with `El_start ((_, name), _) -> name | _ -> "?"

let main () =
  Logs.set_reporter (Logs.nop_reporter);
  let%lwt () = Logs_lwt.info (fun m -> m "crying") in
  let times = Rresult.R.get_ok (Angstrom.parse_string ~consume:Angstrom.Consume.All number "3") in
  let call = { words = words " hear  ye "; times } in
  let json = `Assoc [ ("tag", `String (tag "<cry/>")); ("chars", `Int (chars "h\xc3\xa9")) ] in
  let file = Fpath.(v "town" / "square") in
  let%lwt () = Lwt_io.printlf "%s" (Sexplib.Sexp.to_string (sexp_of_call call)) in
  let%lwt () = Lwt_io.printlf "%s %s" (Yojson.Safe.to_string json) (Base64.encode_exn "ye") in
  Lwt_io.printlf "%s"
    (Fmt.str "%a %d %a %s" Fpath.pp file (strlen "oyez") Bos.Cmd.pp (Bos.Cmd.v "cry")
       (Stringext.replace_all ~pattern:"a" ~with_:"b" "aa"))

let () = Lwt_main.run (main ())
