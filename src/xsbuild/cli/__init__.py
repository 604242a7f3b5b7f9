# SPDX-License-Identifier: Apache-2.0
"""What a person types: a module a command, no logic in them."""
