/* SPDX-License-Identifier: Apache-2.0 */
#include "include/blktap/blktap.h"
int tap_ctl_list(void)
{
	return 0;
}
