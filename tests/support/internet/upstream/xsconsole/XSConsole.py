# SPDX-License-Identifier: Apache-2.0

import signal

signal.pause()
