# SPDX-License-Identifier: Apache-2.0
"""Clean chroots in which source packages are built and packages are tried."""
