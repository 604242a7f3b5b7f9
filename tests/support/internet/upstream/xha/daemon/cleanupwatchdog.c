/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <xen/xen.h>
#include <libxml/parser.h>
int main(void)
{
	return 0;
}
