# SPDX-License-Identifier: Apache-2.0
"""Finished results by the key of their task, and what was last built."""
