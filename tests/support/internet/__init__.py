# SPDX-License-Identifier: Apache-2.0
"""A miniature internet: what the shipped files name, served on the loopback."""
