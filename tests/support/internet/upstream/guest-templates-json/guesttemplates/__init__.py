# SPDX-License-Identifier: Apache-2.0
DIRECTORIES = ("/usr/share/xapi/vm-templates", "/etc/xapi.d/vm-templates")
