(* SPDX-License-Identifier: MIT *)

val read : in_channel -> (string * string) list
(** Reads greetings: language and text, with one %s for the name. Other lines are left out. *)

val greet : (string * string) list -> language:string -> string -> string option
(** Greets someone; [None] for a language that has no greeting. *)
