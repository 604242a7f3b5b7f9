# SPDX-License-Identifier: Apache-2.0
"""Make a source package from sources and a rendered recipe."""
