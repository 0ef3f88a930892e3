#pragma once
#include <hdf5.h>

// Type identifiers are macros that call H5open(): not imported.
static inline hid_t delassus_h5_file_int(void) { return H5T_STD_I32LE; }
static inline hid_t delassus_h5_file_double(void) { return H5T_IEEE_F64LE; }
static inline hid_t delassus_h5_native_int(void) { return H5T_NATIVE_INT; }
static inline hid_t delassus_h5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t delassus_h5_file_long(void) { return H5T_STD_I64LE; }
static inline hid_t delassus_h5_native_long(void) { return H5T_NATIVE_INT64; }
static inline hid_t delassus_h5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t delassus_h5_c_string(void) { return H5T_C_S1; }
static inline unsigned delassus_h5_truncate(void) { return H5F_ACC_TRUNC; }
