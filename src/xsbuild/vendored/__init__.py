# SPDX-License-Identifier: Apache-2.0
"""Libraries that a distro lacks, built inside the component that needs them."""
