#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// Heap blocks that the calling thread has asked for since it began: malloc, calloc, realloc, aligned_alloc,
/// posix_memalign. Freeing does not count.
uint64_t allocation_count(void);

#endif
