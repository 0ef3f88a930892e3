// Reading HDF5 files that nobody vouches for.
//
// Sizes are compared with what the file can hold before anything is allocated; only hard links, plain storage inside the
// file and numbers or fixed strings are accepted; nothing is printed. libhdf5 itself trusts some words of a file's
// metadata, and a hostile file can end the process inside of it: `checked_hdf5_survey` reads everything once in a child
// process with a limit on memory and time. fork cannot be called from Swift.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef enum {
  CHECKED_HDF5_OK = 0,
  CHECKED_HDF5_ABSENT,       // no such object
  CHECKED_HDF5_LINK,         // a soft or external link
  CHECKED_HDF5_NOT_DATASET,  // a group where a dataset is expected
  CHECKED_HDF5_TYPE,         // another type of element
  CHECKED_HDF5_STORAGE,      // stored outside of the file, or by a filter that is not built in
  CHECKED_HDF5_EXTENT,       // more elements than the file can hold
  CHECKED_HDF5_MEMORY,       // more elements than fit into memory
  CHECKED_HDF5_UNREADABLE,   // libhdf5 cannot read it
} checked_hdf5_status;

typedef enum { CHECKED_HDF5_INTEGERS, CHECKED_HDF5_NUMBERS, CHECKED_HDF5_TEXT } checked_hdf5_kind;

// Silences libhdf5's error printing and its loading of plugins.
void checked_hdf5_prepare(void);

// An open file, at least 0, or a negative number where `path` cannot be opened as HDF5.
int64_t checked_hdf5_open(const char *path);
void checked_hdf5_close(int64_t file);

// Whether a group or dataset is there, reached by hard links alone.
int checked_hdf5_exists(int64_t file, const char *name);

// Reads a whole dataset. `*data` is int64_t (integers), double (numbers) or char (text) and is released with
// `checked_hdf5_free`; `*count` is the number of elements or bytes. `file_size` in bytes.
checked_hdf5_status checked_hdf5_read(
    int64_t file, const char *name, checked_hdf5_kind kind, uint64_t file_size, void **data, size_t *count);
void checked_hdf5_free(void *data);

// Reads `count` datasets in a child process that may use `memory` more bytes and `seconds` of time. 0: everything that
// is there was read or refused in order; 1: the child came to an end inside libhdf5; 2: no child could be made.
int checked_hdf5_survey(
    const char *path, const char *const *names, const checked_hdf5_kind *kinds, size_t count, uint64_t file_size,
    uint64_t memory, unsigned seconds);
