# SPDX-License-Identifier: Apache-2.0
"""Templates and facts in, a spec file or a debian directory out."""
