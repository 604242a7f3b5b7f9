(* SPDX-License-Identifier: Apache-2.0 *)
(* What it was for is in the standard library since 4.07. *)
include Stdlib.Bigarray
