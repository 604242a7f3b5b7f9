/* SPDX-License-Identifier: Apache-2.0 */
int tap_ctl_list(void);
