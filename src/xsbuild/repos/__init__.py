# SPDX-License-Identifier: Apache-2.0
"""Signed repositories of packages."""
