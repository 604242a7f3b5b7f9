// SPDX-License-Identifier: MIT

package greetings

import "testing"

func TestALanguageIsChosen(t *testing.T) {
	if text, known := Greet("Ada", "fr"); !known || text != "Bonjour Ada !" {
		t.Errorf("got %q, %v", text, known)
	}
}

func TestAnUnknownLanguageHasNoGreeting(t *testing.T) {
	if text, known := Greet("Ada", "zz"); known {
		t.Errorf("got %q", text)
	}
}
