/* SPDX-License-Identifier: Apache-2.0 */
#include LIBACPI_STDUTILS
#include "libacpi.h"
#include <xen/hvm/hvm_info_table.h>
