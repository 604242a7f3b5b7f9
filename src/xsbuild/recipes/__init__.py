# SPDX-License-Identifier: Apache-2.0
"""Render a component's spec file or debian directory from templates and the manifest."""
