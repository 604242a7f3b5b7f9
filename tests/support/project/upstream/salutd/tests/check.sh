#!/bin/sh
# SPDX-License-Identifier: MIT
# Greets from a configuration of its own and compares what comes out.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'en\tHello, %%s!\nde\tHallo %%s!\n' > "$folder/greetings.tsv"
export GREET_FILE="$folder/greetings.tsv"
failures=0

greets() {
	printf "$1" > "$folder/salutd.conf"
	result=$(./salutd --once --config "$folder/salutd.conf" 2>&1) || result="$result (status $?)"
	if [ "$result" != "$2" ]; then
		echo "FAIL: '$1' gave '$result', expected '$2'" >&2
		failures=$((failures + 1))
	fi
}

greets 'language=de\nname=Ada\n' 'Hallo Ada!'
greets '# nothing but a comment\n\n' 'Hello, world!'
greets 'langauge=de\n' "salutd: $folder/salutd.conf:1: not understood (status 1)"
greets 'language=zz\n' 'salutd: no greeting in zz: Invalid argument (status 1)'

exit "$failures"
