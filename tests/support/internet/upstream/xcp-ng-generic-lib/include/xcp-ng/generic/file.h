/* SPDX-License-Identifier: Apache-2.0 */
int xcp_fd_close(int fd);
