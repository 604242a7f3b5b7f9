/* SPDX-License-Identifier: Apache-2.0 */
int vhd_calculate_keyhash(void);
int vhd_calculate_keyhash(void)
{
	return 0;
}
