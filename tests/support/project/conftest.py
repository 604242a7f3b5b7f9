# SPDX-License-Identifier: Apache-2.0
"""The upstream trees have tests of their own, which their builds run."""

collect_ignore = ["upstream"]
