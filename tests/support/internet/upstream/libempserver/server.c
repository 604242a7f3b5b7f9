/* SPDX-License-Identifier: Apache-2.0 */
#include "libempserver.h"
int emp_server_run(int fd, struct json_object *(*serve)(enum emp_command))
{
	return fd < 0 || serve == 0;
}
