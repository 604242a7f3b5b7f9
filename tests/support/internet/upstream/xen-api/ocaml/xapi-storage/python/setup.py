# SPDX-License-Identifier: Apache-2.0

from setuptools import setup

setup(
    name="xapi-storage",
    version="26.4.0",
    packages=["xapi", "xapi.storage", "xapi.storage.api", "xapi.storage.api.v5"],
)
