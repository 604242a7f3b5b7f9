# SPDX-License-Identifier: Apache-2.0
from .XenAPI import *  # noqa: F403
