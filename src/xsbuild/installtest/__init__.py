# SPDX-License-Identifier: Apache-2.0
"""Install what was published in a clean chroot, and checks it."""
