# SPDX-License-Identifier: Apache-2.0
"""The machine: processes, namespaces, locks, scratch directories, files."""
