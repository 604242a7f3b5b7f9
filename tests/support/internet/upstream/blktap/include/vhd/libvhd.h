/* SPDX-License-Identifier: Apache-2.0 */
int vhd_open(const char *name);
