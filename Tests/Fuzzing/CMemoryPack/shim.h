// libgit2's store of objects in memory, which its main header leaves out.
#pragma once

#include <git2.h>
#include <git2/sys/mempack.h>
