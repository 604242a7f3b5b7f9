# SPDX-License-Identifier: Apache-2.0
"""Compares the .deb and the .rpm packages of a component."""
