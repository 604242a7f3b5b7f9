# SPDX-License-Identifier: Apache-2.0
"""Install a published repository in a clean chroot, and check the installation."""
