# SPDX-License-Identifier: Apache-2.0
"""Sources and a rendered recipe in, a source package out."""
