#define EGL_EGLEXT_PROTOTYPES
#define EGL_NO_X11
#include <EGL/egl.h>
#include <EGL/eglext.h>

// Casting macros are not imported.
static inline EGLContext delassus_egl_no_context(void) { return EGL_NO_CONTEXT; }
static inline EGLSurface delassus_egl_no_surface(void) { return EGL_NO_SURFACE; }
static inline EGLDisplay delassus_egl_no_display(void) { return EGL_NO_DISPLAY; }
