# SPDX-License-Identifier: Apache-2.0
"""components.yaml: the components of the stack."""
