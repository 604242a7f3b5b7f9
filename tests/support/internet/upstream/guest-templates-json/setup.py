# SPDX-License-Identifier: Apache-2.0

from setuptools import setup

setup(
    name="guest-templates-json",
    version="2.1.1",
    packages=["guesttemplates"],
    scripts=["bin/create-guest-templates"],
)
