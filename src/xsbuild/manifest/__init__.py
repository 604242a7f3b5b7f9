# SPDX-License-Identifier: Apache-2.0
"""components.yaml: what the stack is made of."""
