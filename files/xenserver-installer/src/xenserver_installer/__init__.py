# SPDX-License-Identifier: Apache-2.0
"""The installer of the appliance.

`answers` is the model of answer files, `plan` derives the steps for a machine, `execute` runs them.
"""
