# SPDX-License-Identifier: Apache-2.0
"""Commands that edit files of a project: the manifest, and locks of vendored libraries."""
