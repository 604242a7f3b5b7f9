# SPDX-License-Identifier: Apache-2.0
"""Kinds of sources, a module each; `table.py` lists them."""
