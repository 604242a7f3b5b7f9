/* SPDX-License-Identifier: Apache-2.0 */
#define HD_COOKIE "conectix"
