# SPDX-License-Identifier: Apache-2.0
"""xsbuild: RPM and DEB packages of the XenServer core for any distribution, from one manifest."""
