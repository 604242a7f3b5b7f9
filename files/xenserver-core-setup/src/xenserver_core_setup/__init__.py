# SPDX-License-Identifier: Apache-2.0
"""Turns an installed XenServer core into a running host; standard library only, from Python 3.9 on.

A step looks at the host and says what is to be done for it to be as wanted: nothing, if it is. What
is said is then printed, counted or done, so that --dry-run, --check and the run itself agree.
"""
