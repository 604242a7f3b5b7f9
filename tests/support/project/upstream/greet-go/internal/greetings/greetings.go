// SPDX-License-Identifier: MIT

// Package greetings fills in names.
package greetings

import (
	"fmt"

	"example.org/words"
)

// Greet greets someone in a language; false where there is no greeting in it.
func Greet(name, language string) (string, bool) {
	format, known := words.Greetings[language]
	if !known {
		return "", false
	}
	return fmt.Sprintf(format, name), true
}
