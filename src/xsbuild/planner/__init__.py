# SPDX-License-Identifier: Apache-2.0
"""Which components are built for a distro, in what order, and why."""
