# SPDX-License-Identifier: Apache-2.0
"""Dependencies by what they are, and what each distro calls them."""
