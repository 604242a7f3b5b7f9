# SPDX-License-Identifier: Apache-2.0
"""Appliances: a distro with the product, on a medium that starts and installs it."""
