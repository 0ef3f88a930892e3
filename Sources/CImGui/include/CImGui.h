// What the viewer uses of Dear ImGui, as C. Lengths are in pixels of the framebuffer, colours packed 0xAABBGGRR.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct { float x, y; } GuiVec2;
typedef struct { GuiVec2 low, high; } GuiRect;

// The library: one context, drawn by OpenGL 3.
void gui_create(const char *font, float size, float scale);
void gui_destroy(void);
void gui_begin_frame(float width, float height, float dt);
void gui_end_frame(void);
// Draws into the bound framebuffer.
void gui_draw(void);

// Input of the next frame.
void gui_input_mouse(float x, float y, const bool *buttons, float wheel);
// Keys are numbers 0 … 511 of the caller; those that text fields need are named once.
void gui_map_keys(const int *keys, int count);
void gui_input_key(int key, bool is_down);
void gui_input_modifiers(bool control, bool shift, bool alt);
void gui_input_character(uint32_t character);
bool gui_wants_mouse(void);
bool gui_wants_text(void);

// Windows that cannot be moved, and areas in them.
bool gui_begin_window(const char *name, GuiRect rect, bool is_plain, float alpha);
void gui_end_window(void);
void gui_focus_window(void);
bool gui_begin_child(const char *name, GuiVec2 size, bool has_border);
void gui_end_child(void);
void gui_push_id(int id);
void gui_pop_id(void);

// Layout.
void gui_same_line(float spacing);
void gui_same_line_at(float x);
void gui_align_text(void);
void gui_separator(void);
void gui_spacing(void);
void gui_dummy(GuiVec2 size);
void gui_next_width(float width);
GuiVec2 gui_available(void);
GuiVec2 gui_cursor(void);
GuiVec2 gui_text_size(const char *text, float wrap);
float gui_line_height(void);
float gui_frame_height(void);

// Text.
void gui_text(const char *text, uint32_t color);
void gui_text_wrapped(const char *text, uint32_t color);
void gui_tooltip(const char *text);

// Widgets: true where the user changed something.
bool gui_button(const char *label, GuiVec2 size);
bool gui_toggle_button(const char *label, bool is_on, GuiVec2 size);
bool gui_invisible_button(const char *label, GuiVec2 size);
bool gui_checkbox(const char *label, bool *value);
bool gui_selectable(const char *label, bool is_selected);
bool gui_slider(const char *label, float *value, float low, float high, const char *format, bool is_logarithmic);
bool gui_slider_int(const char *label, int *value, int low, int high);
bool gui_input_text(const char *label, const char *hint, char *text, int capacity, bool returns_on_enter);
bool gui_begin_combo(const char *label, const char *preview);
void gui_end_combo(void);
bool gui_header(const char *label, bool is_open);
void gui_set_keyboard_focus(void);
void gui_set_enabled(bool is_enabled);

// The last item.
GuiRect gui_item_rect(void);
bool gui_item_is_hovered(void);
bool gui_item_is_visible(void);
GuiVec2 gui_mouse(void);

// Drawing in the present window.
void gui_draw_line(GuiVec2 a, GuiVec2 b, uint32_t color, float width);
void gui_draw_path(const GuiVec2 *points, int count, uint32_t color, float width);
void gui_draw_fill(GuiRect rect, uint32_t color, float rounding);
void gui_draw_disc(GuiVec2 center, float radius, uint32_t color);
void gui_draw_text(GuiVec2 place, uint32_t color, const char *text);
void gui_push_clip(GuiRect rect);
void gui_pop_clip(void);

#ifdef __cplusplus
}
#endif
