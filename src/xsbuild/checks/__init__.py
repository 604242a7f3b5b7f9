# SPDX-License-Identifier: Apache-2.0
"""Tries what was built: installs packages in clean chroots and looks at what they do there."""
