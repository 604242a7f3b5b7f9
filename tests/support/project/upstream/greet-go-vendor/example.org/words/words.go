// SPDX-License-Identifier: MIT

// Package words has words to greet with.
package words

// Greetings has a format for each language, with %s for a name.
var Greetings = map[string]string{
	"en": "Hello, %s!",
	"fr": "Bonjour %s !",
}
