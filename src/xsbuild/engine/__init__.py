# SPDX-License-Identifier: Apache-2.0
"""Run a plan, and keeps what it made."""
