# SPDX-License-Identifier: Apache-2.0
"""Static checks of the manifest, locks and installability."""
