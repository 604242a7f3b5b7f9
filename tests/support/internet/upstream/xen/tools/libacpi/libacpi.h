/* SPDX-License-Identifier: Apache-2.0 */
struct acpi_config;
