// Dear ImGui is C++: its functions come through CImGui. This target says where its headers are and what to link.
