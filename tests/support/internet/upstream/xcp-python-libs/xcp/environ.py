# SPDX-License-Identifier: Apache-2.0
# a product makes this module; there is none here
from xcp import branding

NAME = branding.PRODUCT_NAME
