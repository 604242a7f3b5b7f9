# SPDX-License-Identifier: Apache-2.0
"""Output for people and programs: tables, progress, summaries."""
