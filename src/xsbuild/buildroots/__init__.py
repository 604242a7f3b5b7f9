# SPDX-License-Identifier: Apache-2.0
"""Clean chroots for building source packages and testing packages."""
