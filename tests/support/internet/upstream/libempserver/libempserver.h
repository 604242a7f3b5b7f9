/* SPDX-License-Identifier: Apache-2.0 */
#include "emp.h"
#include <json-c/json.h>

struct json_object;
int emp_server_run(int fd, struct json_object *(*serve)(enum emp_command));
