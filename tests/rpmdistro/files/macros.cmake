# SPDX-License-Identifier: Apache-2.0
# The macros of Fedora's CMake packaging guidelines, as far as spec files of the tests use them.
%__cmake                 /usr/bin/cmake
%_vpath_builddir         redhat-linux-build
%cmake \
%set_build_flags\
%__cmake -S . -B %{_vpath_builddir} \\\
    -DCMAKE_BUILD_TYPE=RelWithDebInfo \\\
    -DCMAKE_INSTALL_PREFIX=%{_prefix} \\\
    -DCMAKE_INSTALL_LIBDIR=%{_lib} \\\
    -DCMAKE_INSTALL_SYSCONFDIR=%{_sysconfdir} \\\
    -DCMAKE_SKIP_INSTALL_RPATH=ON \\\
    -DBUILD_SHARED_LIBS=ON
%cmake_build             %__cmake --build %{_vpath_builddir} %{?_smp_mflags} --verbose
%cmake_install           DESTDIR=%{buildroot} %__cmake --install %{_vpath_builddir}
%ctest                   ctest --test-dir %{_vpath_builddir} --output-on-failure %{?_smp_mflags}
