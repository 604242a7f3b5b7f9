# SPDX-License-Identifier: Apache-2.0
"""A miniature RPM distribution, made of Debian's packages when the tests run."""
