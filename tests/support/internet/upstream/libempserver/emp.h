/* SPDX-License-Identifier: Apache-2.0 */
enum emp_command { EMP_INIT, EMP_SAVE, EMP_RESTORE, EMP_QUIT };
