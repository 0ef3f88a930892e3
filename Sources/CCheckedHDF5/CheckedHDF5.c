#include "CheckedHDF5.h"

#include <errno.h>
#include <hdf5.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// Deflate shrinks to 1/1032 at best: a compressed dataset holds at most that many bytes for each of its own.
enum { LARGEST_RATIO = 1032 };
// Bytes of a text beyond which it is no title or description.
enum { LONGEST_TEXT = 1 << 20 };

void checked_hdf5_prepare(void) {
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  H5PLset_loading_state(0);
}

int64_t checked_hdf5_open(const char *path) {
  checked_hdf5_prepare();
  return H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
}

void checked_hdf5_close(int64_t file) { H5Fclose(file); }

void checked_hdf5_free(void *data) { free(data); }

// Follows `name` from the root group, hard links alone.
static checked_hdf5_status find(hid_t file, const char *name) {
  char part[256];
  size_t length = strlen(name);
  if (length >= sizeof part) return CHECKED_HDF5_ABSENT;
  for (size_t end = 1; end <= length; end++) {
    if (end != length && name[end] != '/') continue;
    memcpy(part, name, end);
    part[end] = 0;
    if (H5Lexists(file, part, H5P_DEFAULT) <= 0) return CHECKED_HDF5_ABSENT;
    H5L_info_t information;
    if (H5Lget_info(file, part, &information, H5P_DEFAULT) < 0) return CHECKED_HDF5_UNREADABLE;
    if (information.type != H5L_TYPE_HARD) return CHECKED_HDF5_LINK;
    if (end < length) {
      H5O_info_t object;
      if (H5Oget_info_by_name2(file, part, &object, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return CHECKED_HDF5_UNREADABLE;
      if (object.type != H5O_TYPE_GROUP) return CHECKED_HDF5_ABSENT;
    }
  }
  return CHECKED_HDF5_OK;
}

int checked_hdf5_exists(int64_t file, const char *name) { return find(file, name) == CHECKED_HDF5_OK; }

// What the dataset's layout allows it to hold, in bytes; 0 where the layout is refused.
static uint64_t capacity(hid_t dataset, uint64_t file_size) {
  hid_t list = H5Dget_create_plist(dataset);
  if (list < 0) return 0;
  uint64_t bytes = 0;
  H5D_layout_t layout = H5Pget_layout(list);
  int filters = H5Pget_nfilters(list);
  int plain = H5Pget_external_count(list) == 0 && filters >= 0 && filters <= 4;
  for (int index = 0; plain && index < filters; index++) {
    unsigned flags, configuration;
    size_t values = 0;
    H5Z_filter_t filter =
        H5Pget_filter2(list, (unsigned)index, &flags, &values, NULL, 0, NULL, &configuration);
    plain = filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_SHUFFLE || filter == H5Z_FILTER_FLETCHER32;
  }
  if (plain && (layout == H5D_COMPACT || layout == H5D_CONTIGUOUS || layout == H5D_CHUNKED)) {
    uint64_t stored = H5Dget_storage_size(dataset);
    if (stored <= file_size) bytes = filters > 0 ? LARGEST_RATIO * stored : stored;
    // Never written: nothing but fill values, as much as the file is long.
    if (stored == 0) bytes = file_size;
    if (layout == H5D_CHUNKED) {
      // The last chunk of each direction is stored whole, and every chunk is unpacked whole.
      hsize_t sides[H5S_MAX_RANK];
      int rank = H5Pget_chunk(list, H5S_MAX_RANK, sides);
      uint64_t chunk = 8;
      for (int side = 0; side < rank; side++) {
        if (sides[side] == 0 || chunk > (UINT64_C(1) << 40) / sides[side]) chunk = UINT64_C(1) << 40;
        else chunk *= sides[side];
      }
      if (rank < 1 || chunk > bytes + (1 << 20)) bytes = 0;
    }
  }
  H5Pclose(list);
  return bytes;
}

static checked_hdf5_status read_elements(
    hid_t dataset, hid_t type, checked_hdf5_kind kind, uint64_t file_size, void **data, size_t *count) {
  H5T_class_t class = H5Tget_class(type);
  size_t stored = H5Tget_size(type);
  size_t width = 8;
  hid_t memory = kind == CHECKED_HDF5_INTEGERS ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
  hid_t own = -1;
  if (stored == 0) return CHECKED_HDF5_TYPE;
  switch (kind) {
    case CHECKED_HDF5_INTEGERS:
      if (class != H5T_INTEGER || stored > 8) return CHECKED_HDF5_TYPE;
      break;
    case CHECKED_HDF5_NUMBERS:
      if ((class != H5T_FLOAT && class != H5T_INTEGER) || stored > 16) return CHECKED_HDF5_TYPE;
      break;
    case CHECKED_HDF5_TEXT:
      if (class != H5T_STRING || H5Tis_variable_str(type) != 0 || stored > LONGEST_TEXT) return CHECKED_HDF5_TYPE;
      width = stored;
      break;
  }
  hid_t space = H5Dget_space(dataset);
  if (space < 0) return CHECKED_HDF5_UNREADABLE;
  hssize_t points = H5Sget_simple_extent_npoints(space);
  H5Sclose(space);
  if (points < 0) return CHECKED_HDF5_UNREADABLE;
  if (points > 0) {
    uint64_t allowed = capacity(dataset, file_size);
    if (allowed == 0) return CHECKED_HDF5_STORAGE;
    if ((uint64_t)points > allowed / stored) return CHECKED_HDF5_EXTENT;
  }
  if (kind == CHECKED_HDF5_TEXT) {
    if (points != 1) return CHECKED_HDF5_TYPE;
    own = H5Tcopy(type);
    memory = own;
  }
  void *buffer = calloc((size_t)points + 1, width);
  if (!buffer) {
    if (own >= 0) H5Tclose(own);
    return CHECKED_HDF5_MEMORY;
  }
  herr_t outcome = points > 0 ? H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer) : 0;
  if (own >= 0) H5Tclose(own);
  if (outcome < 0) {
    free(buffer);
    return CHECKED_HDF5_UNREADABLE;
  }
  *data = buffer;
  *count = kind == CHECKED_HDF5_TEXT ? stored : (size_t)points;
  return CHECKED_HDF5_OK;
}

checked_hdf5_status checked_hdf5_read(
    int64_t file, const char *name, checked_hdf5_kind kind, uint64_t file_size, void **data, size_t *count) {
  checked_hdf5_status status = find(file, name);
  if (status != CHECKED_HDF5_OK) return status;
  H5O_info_t object;
  if (H5Oget_info_by_name2(file, name, &object, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return CHECKED_HDF5_UNREADABLE;
  if (object.type != H5O_TYPE_DATASET) return CHECKED_HDF5_NOT_DATASET;
  hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
  if (dataset < 0) return CHECKED_HDF5_UNREADABLE;
  hid_t type = H5Dget_type(dataset);
  status = CHECKED_HDF5_UNREADABLE;
  if (type >= 0) {
    status = read_elements(dataset, type, kind, file_size, data, count);
    H5Tclose(type);
  }
  H5Dclose(dataset);
  return status;
}

// The child's part: every dataset once.
static void survey(
    const char *path, const char *const *names, const checked_hdf5_kind *kinds, size_t count, uint64_t file_size) {
  int64_t file = checked_hdf5_open(path);
  if (file < 0) return;
  for (size_t index = 0; index < count; index++) {
    void *data = NULL;
    size_t elements = 0;
    if (checked_hdf5_read(file, names[index], kinds[index], file_size, &data, &elements) == CHECKED_HDF5_OK) free(data);
  }
  checked_hdf5_close(file);
}

static void confine(uint64_t memory, unsigned seconds) {
  struct rlimit limit;
  limit.rlim_cur = limit.rlim_max = 0;
  setrlimit(RLIMIT_CORE, &limit);
  limit.rlim_cur = limit.rlim_max = seconds;
  setrlimit(RLIMIT_CPU, &limit);
  limit.rlim_cur = limit.rlim_max = memory;
  setrlimit(RLIMIT_DATA, &limit);
  // A fault ends the child at once, whatever handlers the parent had, and a lock that hangs ends by the alarm.
  const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM, SIGXCPU};
  for (size_t index = 0; index < sizeof faults / sizeof *faults; index++) signal(faults[index], SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  alarm(4 * seconds);
}

// Bytes of data that the process holds already: they count against the child's limit.
static uint64_t data_held(void) {
  unsigned long total, resident, shared, text, library, data;
  uint64_t held = 0;
  FILE *status = fopen("/proc/self/statm", "r");
  if (!status) return 0;
  if (fscanf(status, "%lu %lu %lu %lu %lu %lu", &total, &resident, &shared, &text, &library, &data) == 6)
    held = (uint64_t)data * (uint64_t)sysconf(_SC_PAGESIZE);
  fclose(status);
  return held;
}

int checked_hdf5_survey(
    const char *path, const char *const *names, const checked_hdf5_kind *kinds, size_t count, uint64_t file_size,
    uint64_t memory, unsigned seconds) {
  checked_hdf5_prepare();
  const uint64_t held = data_held();
  pid_t child = fork();
  if (child < 0) return 2;
  if (child == 0) {
    confine(held + memory, seconds);
    // libhdf5 complains of some errors by assertion.
    close(STDERR_FILENO);
    survey(path, names, kinds, count, file_size);
    _exit(0);
  }
  int outcome = 0;
  while (waitpid(child, &outcome, 0) < 0)
    if (errno != EINTR) return 2;
  return WIFEXITED(outcome) && WEXITSTATUS(outcome) == 0 ? 0 : 1;
}
