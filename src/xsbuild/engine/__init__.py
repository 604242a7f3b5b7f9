# SPDX-License-Identifier: Apache-2.0
"""Runs a plan, and keeps what it made."""
