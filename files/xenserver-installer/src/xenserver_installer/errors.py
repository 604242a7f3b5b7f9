# SPDX-License-Identifier: Apache-2.0
"""The one exception of the installer."""


class InstallError(Exception):
    """The installation cannot go on; the text is one sentence without a full stop."""
