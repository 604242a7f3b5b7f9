# SPDX-License-Identifier: Apache-2.0
"""Distros: one small YAML file each; adding one needs no code."""
