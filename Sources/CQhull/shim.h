#pragma once
#include <libqhull_r/qhull_ra.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// Facets of the convex hull of `count` points (x, y, z): the point numbers of every facet in turn around it, one facet
// after the other, and where each begins. Returns 0, qhull's exit code (2: the points lie in a plane), or -1 where
// there is no memory, room or /dev/null.
//
// Reading the facets happens here because qhull's loops are macros and its errors jump: outside of setjmp they would
// end the process.
static inline __attribute__((noinline)) int qhull_facets(
    double *points, int count, char *command, int32_t *corners, int cornerRoom, int32_t *starts, int facetRoom,
    int *facetCount) {
  qhT *const qh = (qhT *)malloc(sizeof(qhT));
  FILE *const quiet = fopen("/dev/null", "w");
  if (!qh || !quiet) {
    free(qh);
    if (quiet) fclose(quiet);
    return -1;
  }
  qh_zero(qh, quiet);
  volatile int status = qh_new_qhull(qh, 3, count, points, False, command, NULL, quiet);
  if (status == 0) {
    status = setjmp(qh->errexit);
    if (status == 0) {
      qh->NOerrexit = False;
      int used = 0, facets = 0;
      facetT *facet;
      vertexT *vertex, **vertexp;
      starts[0] = 0;
      FORALLfacets {
        setT *around = qh_facet3vertex(qh, facet);
        if (facets + 1 >= facetRoom || used + qh_setsize(qh, around) > cornerRoom) {
          status = -1;
        } else {
          FOREACHvertex_(around) corners[used++] = (int32_t)qh_pointid(qh, vertex->point);
          starts[++facets] = used;
        }
        qh_settempfree(qh, &around);
        if (status != 0) break;
      }
      *facetCount = facets;
    }
  }
  qh->NOerrexit = True;
  int blocks, bytes;
  qh_freeqhull(qh, !qh_ALL);
  qh_memfreeshort(qh, &blocks, &bytes);
  fclose(quiet);
  free(qh);
  return status;
}
