# SPDX-License-Identifier: Apache-2.0
"""Plan builds for a distro: components, order and reasons."""
