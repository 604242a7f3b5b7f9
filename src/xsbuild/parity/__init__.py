# SPDX-License-Identifier: Apache-2.0
"""Compare the .deb and the .rpm packages of a component."""
