# SPDX-License-Identifier: Apache-2.0

all:

-include $(XEN_ROOT)/config/Tools.mk
include $(XEN_ROOT)/Config.mk

# what configure writes into Tools.mk and Paths.mk is missing without it
ifeq ($(wildcard $(XEN_ROOT)/config/Tools.mk),)
$(error You have to run ./configure before building or installing the tools)
endif

LDFLAGS += $(PREPEND_LDFLAGS_XEN_TOOLS)
CFLAGS += $(EXTRA_CFLAGS_XEN_TOOLS) -D__XEN_TOOLS__

# in the tree: its own headers and libraries, where they are built
CFLAGS_xeninclude = -I$(XEN_ROOT)/tools/include/missing
define library
CFLAGS_libxen$(1) = $$(CFLAGS_xeninclude)
LDLIBS_libxen$(1) = $$(XEN_ROOT)/tools/libs/$(1)/libxen$(1).so
endef
$(foreach lib,toolcore toollog ctrl guest store,$(eval $(call library,$(lib))))
