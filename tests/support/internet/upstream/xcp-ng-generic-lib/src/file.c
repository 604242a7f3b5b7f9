/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>
#include "xcp-ng/generic.h"
int xcp_fd_close(int fd)
{
	return close(fd);
}
