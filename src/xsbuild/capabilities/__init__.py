# SPDX-License-Identifier: Apache-2.0
"""Capabilities, and their package names on each distro."""
