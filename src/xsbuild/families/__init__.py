# SPDX-License-Identifier: Apache-2.0
"""What differs between families of packages, from a recipe to a repository."""
