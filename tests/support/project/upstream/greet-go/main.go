// SPDX-License-Identifier: MIT

// Greets someone in the language of their choice.
package main

import (
	"fmt"
	"os"

	"example.org/greet-go/internal/greetings"
)

func main() {
	if len(os.Args) < 2 || len(os.Args) > 3 {
		fmt.Fprintln(os.Stderr, "usage: greet-go NAME [LANGUAGE]")
		os.Exit(2)
	}
	language := "en"
	if len(os.Args) == 3 {
		language = os.Args[2]
	}
	text, known := greetings.Greet(os.Args[1], language)
	if !known {
		fmt.Fprintln(os.Stderr, "greet-go: no greeting in", language)
		os.Exit(1)
	}
	fmt.Println(text)
}
