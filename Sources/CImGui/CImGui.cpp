#include "CImGui.h"

#include <imgui/backends/imgui_impl_opengl3.h>
#include <imgui/imgui.h>

static ImVec2 vec(GuiVec2 v) { return ImVec2(v.x, v.y); }
static GuiVec2 vec(ImVec2 v) { return GuiVec2{v.x, v.y}; }
static ImVec4 color4(uint32_t color) { return ImGui::ColorConvertU32ToFloat4(color); }

static void style(float scale) {
  ImGui::StyleColorsDark();
  ImGuiStyle &style = ImGui::GetStyle();
  style.WindowRounding = 0;
  style.ChildRounding = 3;
  style.FrameRounding = 3;
  style.GrabRounding = 3;
  style.WindowBorderSize = 0;
  style.WindowPadding = ImVec2(10, 8);
  style.ItemSpacing = ImVec2(7, 4);
  style.FramePadding = ImVec2(4, 2);
  style.ScrollbarSize = 11;
  style.ScaleAllSizes(scale);
  ImVec4 *c = style.Colors;
  c[ImGuiCol_Text] = ImVec4(0.90f, 0.92f, 0.94f, 1);
  c[ImGuiCol_TextDisabled] = ImVec4(0.56f, 0.60f, 0.66f, 1);
  c[ImGuiCol_WindowBg] = ImVec4(0.082f, 0.094f, 0.114f, 1);
  c[ImGuiCol_PopupBg] = ImVec4(0.11f, 0.125f, 0.15f, 1);
  c[ImGuiCol_FrameBg] = ImVec4(0.155f, 0.175f, 0.21f, 1);
  c[ImGuiCol_FrameBgHovered] = ImVec4(0.20f, 0.23f, 0.28f, 1);
  c[ImGuiCol_FrameBgActive] = ImVec4(0.23f, 0.27f, 0.33f, 1);
  c[ImGuiCol_Button] = ImVec4(0.19f, 0.215f, 0.26f, 1);
  c[ImGuiCol_ButtonHovered] = ImVec4(0.25f, 0.29f, 0.35f, 1);
  c[ImGuiCol_ButtonActive] = ImVec4(0.16f, 0.42f, 0.70f, 1);
  c[ImGuiCol_Header] = ImVec4(0.17f, 0.20f, 0.245f, 1);
  c[ImGuiCol_HeaderHovered] = ImVec4(0.22f, 0.26f, 0.32f, 1);
  c[ImGuiCol_HeaderActive] = ImVec4(0.16f, 0.42f, 0.70f, 1);
  c[ImGuiCol_CheckMark] = ImVec4(0.42f, 0.70f, 1, 1);
  c[ImGuiCol_SliderGrab] = ImVec4(0.36f, 0.60f, 0.88f, 1);
  c[ImGuiCol_SliderGrabActive] = ImVec4(0.48f, 0.74f, 1, 1);
  c[ImGuiCol_Separator] = ImVec4(0.20f, 0.225f, 0.27f, 1);
}

void gui_create(const char *font, float size, float scale) {
  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  ImGuiIO &io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.LogFilename = nullptr;
  io.ConfigFlags |= ImGuiConfigFlags_NoMouseCursorChange;
  io.ConfigInputTextCursorBlink = false;
  // Latin, Greek, punctuation, arrows, mathematics, geometric shapes.
  static const ImWchar ranges[] = {0x20,   0xff,   0x370,  0x3ff,  0x1d40, 0x1d7f, 0x2010, 0x209f,
                                   0x2190, 0x21ff, 0x2200, 0x22ff, 0x25a0, 0x25ff, 0};
  ImFont *loaded = nullptr;
  if (font) loaded = io.Fonts->AddFontFromFileTTF(font, size * scale, nullptr, ranges);
  if (!loaded) {
    ImFontConfig config;
    config.SizePixels = 13 * scale;
    io.Fonts->AddFontDefault(&config);
  }
  style(scale);
  ImGui_ImplOpenGL3_Init("#version 330 core");
}

void gui_destroy(void) {
  ImGui_ImplOpenGL3_Shutdown();
  ImGui::DestroyContext();
}

void gui_begin_frame(float width, float height, float dt) {
  ImGuiIO &io = ImGui::GetIO();
  io.DisplaySize = ImVec2(width, height);
  io.DeltaTime = dt > 0 ? dt : 1.0f / 60;
  ImGui_ImplOpenGL3_NewFrame();
  ImGui::NewFrame();
}

void gui_end_frame(void) { ImGui::Render(); }
void gui_draw(void) { ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData()); }

void gui_input_mouse(float x, float y, const bool *buttons, float wheel) {
  ImGuiIO &io = ImGui::GetIO();
  io.MousePos = ImVec2(x, y);
  for (int i = 0; i < 3; i++) io.MouseDown[i] = buttons[i];
  io.MouseWheel = wheel;
}

void gui_map_keys(const int *keys, int count) {
  ImGuiIO &io = ImGui::GetIO();
  for (int i = 0; i < count && i < ImGuiKey_COUNT; i++) io.KeyMap[i] = keys[i];
}

void gui_input_key(int key, bool is_down) {
  if (key >= 0 && key < 512) ImGui::GetIO().KeysDown[key] = is_down;
}

void gui_input_modifiers(bool control, bool shift, bool alt) {
  ImGuiIO &io = ImGui::GetIO();
  io.KeyCtrl = control;
  io.KeyShift = shift;
  io.KeyAlt = alt;
}

void gui_input_character(uint32_t character) { ImGui::GetIO().AddInputCharacter(character); }
bool gui_wants_mouse(void) { return ImGui::GetIO().WantCaptureMouse; }
bool gui_wants_text(void) { return ImGui::GetIO().WantTextInput; }

bool gui_begin_window(const char *name, GuiRect rect, bool is_plain, float alpha) {
  ImGui::SetNextWindowPos(vec(rect.low));
  ImGui::SetNextWindowSize(ImVec2(rect.high.x - rect.low.x, rect.high.y - rect.low.y));
  ImGui::SetNextWindowBgAlpha(alpha);
  ImGuiWindowFlags flags = ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
                           ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoSavedSettings;
  if (is_plain) {
    flags |= ImGuiWindowFlags_NoInputs | ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoFocusOnAppearing |
             ImGuiWindowFlags_NoBringToFrontOnFocus;
  }
  return ImGui::Begin(name, nullptr, flags);
}

void gui_end_window(void) { ImGui::End(); }
void gui_focus_window(void) { ImGui::SetWindowFocus(); }
bool gui_begin_child(const char *name, GuiVec2 size, bool has_border) {
  return ImGui::BeginChild(name, vec(size), has_border);
}
void gui_end_child(void) { ImGui::EndChild(); }
void gui_push_id(int id) { ImGui::PushID(id); }
void gui_pop_id(void) { ImGui::PopID(); }

void gui_same_line(float spacing) { ImGui::SameLine(0, spacing); }
void gui_same_line_at(float x) { ImGui::SameLine(x); }
void gui_align_text(void) { ImGui::AlignTextToFramePadding(); }
void gui_separator(void) { ImGui::Separator(); }
void gui_spacing(void) { ImGui::Spacing(); }
void gui_dummy(GuiVec2 size) { ImGui::Dummy(vec(size)); }
void gui_next_width(float width) { ImGui::SetNextItemWidth(width); }
GuiVec2 gui_available(void) { return vec(ImGui::GetContentRegionAvail()); }
GuiVec2 gui_cursor(void) { return vec(ImGui::GetCursorScreenPos()); }
GuiVec2 gui_text_size(const char *text, float wrap) { return vec(ImGui::CalcTextSize(text, nullptr, false, wrap)); }
float gui_line_height(void) { return ImGui::GetTextLineHeightWithSpacing(); }
float gui_frame_height(void) { return ImGui::GetFrameHeightWithSpacing(); }

void gui_text(const char *text, uint32_t color) {
  ImGui::PushStyleColor(ImGuiCol_Text, color);
  ImGui::TextUnformatted(text);
  ImGui::PopStyleColor();
}

void gui_text_wrapped(const char *text, uint32_t color) {
  ImGui::PushStyleColor(ImGuiCol_Text, color);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(text);
  ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
}

void gui_tooltip(const char *text) {
  ImGui::BeginTooltip();
  ImGui::PushTextWrapPos(ImGui::GetFontSize() * 30);
  ImGui::TextUnformatted(text);
  ImGui::PopTextWrapPos();
  ImGui::EndTooltip();
}

bool gui_button(const char *label, GuiVec2 size) { return ImGui::Button(label, vec(size)); }

bool gui_toggle_button(const char *label, bool is_on, GuiVec2 size) {
  if (is_on) {
    ImGui::PushStyleColor(ImGuiCol_Button, ImVec4(0.14f, 0.36f, 0.60f, 1));
    ImGui::PushStyleColor(ImGuiCol_ButtonHovered, ImVec4(0.18f, 0.44f, 0.72f, 1));
  }
  bool pressed = ImGui::Button(label, vec(size));
  if (is_on) ImGui::PopStyleColor(2);
  return pressed;
}

bool gui_invisible_button(const char *label, GuiVec2 size) {
  if (size.x < 1) size.x = 1;
  if (size.y < 1) size.y = 1;
  return ImGui::InvisibleButton(label, vec(size));
}
bool gui_checkbox(const char *label, bool *value) { return ImGui::Checkbox(label, value); }
bool gui_selectable(const char *label, bool is_selected) { return ImGui::Selectable(label, is_selected); }

bool gui_slider(const char *label, float *value, float low, float high, const char *format, bool is_logarithmic) {
  return ImGui::SliderFloat(label, value, low, high, format, is_logarithmic ? ImGuiSliderFlags_Logarithmic : 0);
}
bool gui_slider_int(const char *label, int *value, int low, int high) {
  return ImGui::SliderInt(label, value, low, high);
}

bool gui_input_text(const char *label, const char *hint, char *text, int capacity, bool returns_on_enter) {
  return ImGui::InputTextWithHint(label, hint, text, capacity,
                                  returns_on_enter ? ImGuiInputTextFlags_EnterReturnsTrue : 0);
}

bool gui_begin_combo(const char *label, const char *preview) {
  return ImGui::BeginCombo(label, preview, ImGuiComboFlags_HeightLarge);
}
void gui_end_combo(void) { ImGui::EndCombo(); }
bool gui_header(const char *label, bool is_open) {
  return ImGui::CollapsingHeader(label, is_open ? ImGuiTreeNodeFlags_DefaultOpen : 0);
}
void gui_set_keyboard_focus(void) { ImGui::SetKeyboardFocusHere(); }
void gui_set_enabled(bool is_enabled) {
  if (is_enabled) ImGui::EndDisabled();
  else ImGui::BeginDisabled();
}

GuiRect gui_item_rect(void) { return GuiRect{vec(ImGui::GetItemRectMin()), vec(ImGui::GetItemRectMax())}; }
bool gui_item_is_hovered(void) { return ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled); }
bool gui_item_is_visible(void) { return ImGui::IsItemVisible(); }
GuiVec2 gui_mouse(void) { return vec(ImGui::GetIO().MousePos); }

static ImDrawList *list() { return ImGui::GetWindowDrawList(); }
void gui_draw_line(GuiVec2 a, GuiVec2 b, uint32_t color, float width) {
  list()->AddLine(vec(a), vec(b), color, width);
}
void gui_draw_path(const GuiVec2 *points, int count, uint32_t color, float width) {
  list()->AddPolyline(reinterpret_cast<const ImVec2 *>(points), count, color, 0, width);
}
void gui_draw_fill(GuiRect rect, uint32_t color, float rounding) {
  list()->AddRectFilled(vec(rect.low), vec(rect.high), color, rounding);
}
void gui_draw_disc(GuiVec2 center, float radius, uint32_t color) {
  list()->AddCircleFilled(vec(center), radius, color);
}
void gui_draw_text(GuiVec2 place, uint32_t color, const char *text) { list()->AddText(vec(place), color, text); }
void gui_push_clip(GuiRect rect) { list()->PushClipRect(vec(rect.low), vec(rect.high), true); }
void gui_pop_clip(void) { list()->PopClipRect(); }
