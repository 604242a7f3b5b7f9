# SPDX-License-Identifier: Apache-2.0
"""Installs what was published in a clean chroot, and checks it."""
