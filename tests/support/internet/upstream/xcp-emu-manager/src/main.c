/* SPDX-License-Identifier: Apache-2.0 */

#include <libempserver.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xcp-ng/generic.h>

#define XENGUEST "/usr/libexec/xen/bin/xenguest"

int main(int argc, char **argv)
{
	int i;
	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "--mem_pnode") && strcmp(argv[i], "--controlinfd"))
			fprintf(stderr, "emu-manager: unknown option %s\n", argv[i]);
	emp_server_run(-1, 0);
	xcp_fd_close(3);
	execl(XENGUEST, XENGUEST, (char *)0);
	perror(XENGUEST);
	return 1;
}
