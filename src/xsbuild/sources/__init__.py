# SPDX-License-Identifier: Apache-2.0
"""Sources: fetched, verified against their pins, kept by content."""
