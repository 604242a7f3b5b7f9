# SPDX-License-Identifier: Apache-2.0
"""Run a plan, and store the results."""
