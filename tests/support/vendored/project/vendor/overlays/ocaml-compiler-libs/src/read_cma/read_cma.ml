(* SPDX-License-Identifier: Apache-2.0 *)
(* As compilers before 5.2 write archives: a unit's name is a string. *)
let units file =
  let input = open_in_bin file in
  let magic = really_input_string input (String.length Config.cma_magic_number) in
  assert (String.equal magic Config.cma_magic_number);
  seek_in input (input_binary_int input);
  let library : Cmo_format.library = input_value input in
  close_in input;
  List.sort String.compare (List.map (fun unit -> unit.Cmo_format.cu_name) library.lib_units)
