# SPDX-License-Identifier: Apache-2.0
"""The targets: one small YAML file a distro, no code to add one."""
