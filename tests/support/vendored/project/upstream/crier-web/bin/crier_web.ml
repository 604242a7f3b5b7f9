(* SPDX-License-Identifier: Apache-2.0 *)
(* Answers one request, without a network. *)
open Sexplib.Std

type cry = { text : string; length : int } [@@deriving sexp]

let strlen = Foreign.foreign "strlen" Ctypes.(string @-> returning int)
let cry text = { text; length = strlen text }

let main () =
  let body = Sexplib.Sexp.to_string (sexp_of_cry (cry "oyez")) in
  let callback _ _ _ = Cohttp_lwt_unix.Server.respond_string ~status:`OK ~body () in
  let response = callback () () () in
  let%lwt response, body = response in
  let%lwt text = Cohttp_lwt.Body.to_string body in
  let uri = Uri.of_string "http://town.example/square?cry=oyez" in
  Lwt_io.printlf "%d %s %s"
    (Cohttp.Code.code_of_status (Cohttp.Response.status response))
    text
    (Option.value ~default:"?" (Uri.get_query_param uri "cry"))

let () = Lwt_main.run (main ())
